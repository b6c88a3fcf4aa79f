import Networks
import NormalizeAndProject

extension RandomLabels {
  /// The method with a learned scale and offset at each normalization, which decay towards 1 and 0 by a tenth of the
  /// learning rate an update: METHOD 1.5 names the treatment, the strength is the one of five that was ahead of none at
  /// each of three rates, and is so over ten seeds (Results/random-labels).
  private static let decayedScales = NaP(scaleAndOffset: .decay(rate: 0.1))

  private static let mainArms = ["plain", "norm", "nap", "fresh", "fresh-norm"]

  /// Named configurations. Times are for two cores.
  public static let presets: [Preset<ContinualConfiguration>] = [
    Preset(
      "demo", "4 arms, 1 seed, 300 tasks of the `short` job: some minutes", demo,
      arms: ["plain", "norm", "nap", "fresh-norm"], seeds: 1),
    Preset(
      "short", "512 images of 16 x 16, MLP 3 x 128, 150 updates a task, 500 tasks", short,
      arms: mainArms, seeds: 5),
    Preset(
      "faster", "`short` with 40 updates a task", faster, arms: mainArms, seeds: 5),
    Preset(
      "long", "1,280 images of 16 x 16, MLP 3 x 256, 300 updates a task", long, arms: mainArms,
      seeds: 5),
    Preset(
      "cnn", "512 images of 32 x 32, the convolutional network, 150 updates a task, 100 tasks", cnn,
      arms: mainArms, seeds: 3),
    Preset(
      "resnet18", "`cnn` with ResNet-18, whose plain arm has BatchNorm: a GPU's job", resnet18,
      arms: ["plain", "project", "norm", "nap", "fresh", "fresh-norm"], seeds: 3),
    Preset(
      "paper", "20M updates, 200 resets, Adam 1e-4, all images, MLP 4 x 256 (METHOD 3.4): days",
      paper, arms: mainArms, seeds: 3),
    Preset(
      "seed-500", "the convolutional network on all images, 500 tasks: a GPU's job", seed500,
      arms: mainArms, seeds: 1),
  ]

  private static let short = ContinualConfiguration(
    data: TaskDataConfiguration(imageCount: 512, size: 16),
    network: .mlp([128, 128, 128]), nap: decayedScales,
    optimizer: OptimizerConfiguration(learningRate: 3e-4), tasks: 500, updatesPerTask: 150)

  private static var demo: ContinualConfiguration {
    var configuration = short
    configuration.tasks = 300
    return configuration
  }

  private static var faster: ContinualConfiguration {
    var configuration = short
    configuration.updatesPerTask = 40
    configuration.optimizer.learningRate = 1e-3
    return configuration
  }

  private static let long = ContinualConfiguration(
    data: TaskDataConfiguration(imageCount: 1_280, size: 16),
    network: .mlp([256, 256, 256]), nap: decayedScales,
    optimizer: OptimizerConfiguration(learningRate: 1e-3), tasks: 500, updatesPerTask: 300)

  private static let cnn = ContinualConfiguration(
    data: TaskDataConfiguration(imageCount: 512),
    network: NetworkConfiguration(.cnn),
    optimizer: OptimizerConfiguration(learningRate: 3e-4), tasks: 100, updatesPerTask: 150,
    recording: .init { $0.checkpointEveryTasks = 5 })

  private static var resnet18: ContinualConfiguration {
    var configuration = cnn
    configuration.network = NetworkConfiguration(.resnet18)
    return configuration
  }

  /// METHOD 3.4: 20M steps, 200 resets, Adam 1e-4. The MLP's size is one reader's (REJAX), batch and
  /// subset are our choice.
  private static let paper = ContinualConfiguration(
    data: TaskDataConfiguration(),
    network: .mlp([256, 256, 256, 256]), nap: decayedScales,
    optimizer: OptimizerConfiguration(learningRate: 1e-4), tasks: 200, updatesPerTask: 100_000,
    recording: .init { ($0.everyUpdates, $0.checkpointEveryTasks) = (10_000, 1) })

  private static let seed500 = ContinualConfiguration(
    data: TaskDataConfiguration(),
    network: NetworkConfiguration(.cnn),
    optimizer: OptimizerConfiguration(learningRate: 1e-4), tasks: 500, updatesPerTask: 4_000,
    recording: .init { $0.checkpointEveryTasks = 5 })
}
