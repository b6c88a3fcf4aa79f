import Networks
import RunStore
import Torch

/// A classifier of CIFAR's images: does the method cost anything where nothing changes?
///
/// Source: METHOD 3.5, the left half of the paper's first table. Networks, augmentation and optimizer are He et al.'s
/// (2016, arXiv 1512.03385, section 4.2), what they leave open is said at the presets.
public enum CIFAR: VisionRecipe {
  /// `cifar`.
  public static let name = "cifar"
  /// One line for `nap list`.
  public static let summary =
    "a ResNet or ViT on CIFAR-10: what does the method cost where nothing changes? (METHOD 3.5)"

  private static let mainArms = ["plain", "project", "norm", "nap"]

  /// Sizes by what they are for.
  public static let presets = [
    Preset(
      "small", "ResNet-18 of width 16, 600 updates of 128 images: five minutes a run on one core",
      small, arms: mainArms, seeds: 3),
    Preset(
      "smoke", "256 images, a narrow ResNet-18 and 20 updates of 32: seconds; no evidence", smoke,
      arms: mainArms, seeds: 1),
    Preset(
      "vit-small",
      "a ViT of 4 layers, 96 features and patches of 4, 600 updates of 128: minutes a run",
      vit, arms: mainArms, seeds: 3),
    Preset(
      "paper", "ResNet-18 of width 64, 64,000 updates of 128 images: a GPU's job", paper,
      arms: mainArms, seeds: 5),
  ]

  /// He et al.'s: momentum 0.9, weight decay 1e-4, a batch of 128, 64,000 updates, a margin of 4 zeros. The warm-up
  /// and the cosine (Loshchilov & Hutter 2017) in the place of their steps are our choice.
  private static var paper: VisionConfiguration {
    var configuration = VisionConfiguration(
      data: VisionData(.cifar10), network: .resnet(.cifar18),
      optimizer: OptimizerConfiguration(
        .sgd(.init { ($0.momentum, $0.weightDecay) = (0.9, 1e-4) }), learningRate: 0.1),
      updatesPerTask: 64_000)
    configuration.schedule = Schedule(.cosine(.init()), warmUpUpdates: 400)
    configuration.recording.everyUpdates = 100
    configuration.recording.evaluateEveryUpdates = 2_000
    configuration.recording.probeCount = 64
    return configuration
  }

  private static var small: VisionConfiguration {
    var configuration = paper
    configuration.network = .resnet(ResNet(channels: [16, 32, 64, 128]))
    configuration.optimizer.rule = .sgd(
      .init { ($0.momentum, $0.weightDecay) = (0.9, 5e-4) })
    configuration.shorten(to: 600)
    return configuration
  }

  /// Optimizer and warm-up as Beyer et al. 2022 (arXiv 2205.01580) for ImageNet, sizes ours.
  private static var vit: VisionConfiguration {
    var configuration = small
    configuration.network = VisionNetwork(.vit)
    if case .vit(var model) = configuration.network {
      model.blocks = TransformerBlocks(layers: 4, heads: 3, features: 96, epsilon: 1e-6)
      model.readout = .average
      configuration.network = .vit(model)
    }
    configuration.nap = configuration.network.nap
    configuration.optimizer = OptimizerConfiguration(
      .adamw(.init { $0.weightDecay = 0.1 }), learningRate: 1e-3, gradientClip: 1)
    return configuration
  }

  private static var smoke: VisionConfiguration {
    var configuration = small
    if case .cifar10(var images) = configuration.data {
      (images.imageCount, images.testCount) = (256, 128)
      configuration.data = .cifar10(images)
    }
    configuration.network = .resnet(ResNet(channels: [8, 16, 16, 16]))
    configuration.batchSize = 32
    configuration.shorten(to: 20)
    configuration.recording.probeCount = 16
    return configuration
  }
}

extension VisionConfiguration {
  /// So many updates, a twentieth of them warm-up, evaluated ten times.
  mutating func shorten(to updates: Int) {
    updatesPerTask = updates
    schedule.warmUpUpdates = max(1, updates / 20)
    recording.everyUpdates = max(1, updates / 100)
    recording.evaluateEveryUpdates = max(1, updates / 10)
  }
}
