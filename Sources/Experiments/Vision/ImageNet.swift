import Networks
import RunStore
import Torch

/// A classifier of ImageNet's images in class folders or tar shards: does the method cost anything where nothing
/// changes?
///
/// Source: METHOD 3.5, the paper's first table. The paper's networks and settings are not known; the presets say whose
/// they are.
public enum ImageNet: VisionRecipe {
  /// `imagenet`.
  public static let name = "imagenet"
  /// One line for `nap list`.
  public static let summary =
    "a ResNet or ViT on class folders or tar shards of JPEGs: what does the method cost at that scale? (METHOD 3.5)"

  private static let mainArms = ["plain", "project", "norm", "nap"]

  /// Sizes by what they are for.
  public static let presets = [
    Preset(
      "smoke",
      "a narrow ResNet-18 at 32 x 32 on imagenet-sample, which it is also evaluated on: no evidence",
      smoke(.resnet(ResNet(channels: [8, 16, 16, 16]))), arms: mainArms, seeds: 1),
    Preset(
      "smoke-bottleneck", "the same with a narrow ResNet-50 at 64 x 64",
      smoke(
        .resnet(
          ResNet(
            block: .bottleneck, blocks: [3, 4, 6, 3], channels: [4, 8, 8, 8], stemKernel: 7,
            stemStride: 2)), side: 64), arms: mainArms, seeds: 1),
    Preset(
      "smoke-vit", "the same with a ViT of one layer and patches of 8",
      smoke(
        .vit(ViT(patchSide: 8, blocks: TransformerBlocks(layers: 1, heads: 2, features: 16)))),
      arms: mainArms, seeds: 1),
    Preset(
      "paper", "ResNet-50 v1.5, 90 epochs in batches of 256: days of a GPU", resNet,
      arms: mainArms, seeds: 3),
    Preset(
      "paper-vit", "ViT-S/16, 90 epochs in batches of 1,024: days of a GPU", vit, arms: mainArms,
      seeds: 3),
  ]

  /// The training images of 2012: presets count updates, so that arms with schedules know their length.
  private static let imageCount = 1_281_167

  /// Goyal et al. 2017 (arXiv 1706.02677): rate 0.1 for a batch of 256, momentum 0.9, weight decay 1e-4, 90 epochs,
  /// five of them warm-up. The cosine in the place of steps is He et al.'s (2019, arXiv 1812.01187).
  private static var resNet: VisionConfiguration {
    var configuration = VisionConfiguration(
      data: VisionData(.folders), network: .resnet(.resNet50),
      optimizer: OptimizerConfiguration(
        .sgd(.init { ($0.momentum, $0.weightDecay) = (0.9, 1e-4) }), learningRate: 0.1),
      updatesPerTask: 90 * (imageCount / 256))
    configuration.batchSize = 256
    configuration.schedule = Schedule(.cosine(.init()), warmUpUpdates: 25_000)
    configuration.recording.everyUpdates = 100
    configuration.recording.evaluateEveryUpdates = 10_000
    configuration.recording.checkpointEveryUpdates = 5_000
    configuration.recording.probeCount = 64
    return configuration
  }

  /// Beyer et al. 2022 (arXiv 2205.01580; big_vision's `vit_s16_i1k`): rate 1e-3, decay of 1e-4 an update at the full
  /// rate, clipping at 1, 10,000 updates of warm-up, a cosine to 0, mixup 0.2, the average as readout. Not theirs:
  /// learned positions, and no RandAugment (theirs is `data.randAugment=2`, `data.randAugmentMagnitude=10`).
  private static var vit: VisionConfiguration {
    var configuration = resNet
    var model = ViT.small16
    model.readout = .average
    configuration.network = .vit(model)
    configuration.nap = configuration.network.nap
    configuration.optimizer = OptimizerConfiguration(
      .adamw(.init { $0.weightDecay = 0.1 }), learningRate: 1e-3, gradientClip: 1)
    configuration.batchSize = 1_024
    configuration.updatesPerTask = 90 * (imageCount / 1_024)
    configuration.schedule.warmUpUpdates = 10_000
    configuration.mixing.mixup = 0.2
    configuration.computation.precision = .bfloat16
    return configuration
  }

  private static func smoke(_ network: VisionNetwork, side: Int = 32) -> VisionConfiguration {
    var configuration = VisionConfiguration(
      data: .folders(
        .init(
          training: "imagenet-sample", test: "imagenet-sample", side: side, resizedSide: side + 8)),
      network: network,
      optimizer: OptimizerConfiguration(
        .adamw(.init { $0.weightDecay = 0.1 }), learningRate: 1e-3, gradientClip: 1),
      updatesPerTask: 10)
    configuration.batchSize = 11
    configuration.labelSmoothing = 0.1
    configuration.mixing.mixup = 0.2
    configuration.mixing.cutmix = 1
    configuration.schedule = Schedule(.cosine(.init()))
    configuration.shorten(to: 10)
    configuration.recording.evaluateEveryUpdates = 5
    configuration.recording.probeCount = 8
    return configuration
  }
}
