import Datasets
import Networks
public import RunStore

/// True labels and more classes with every task; the images of earlier ones stay.
///
/// Source: the class-incremental CIFAR-100 of Dohare et al. 2024 (Nature 632), there with ResNet-18 and 5
/// new classes every 200 epochs; the sizes here are our choice.
public enum ClassIncremental: ContinualRecipe {
  public static let name = "class-incremental"
  public static let summary =
    "more classes with every task, and those of earlier tasks stay; measured on test images"
  /// Test accuracy over the classes seen so far, mean over all tasks.
  public static let primaryMeasure = PrimaryMeasure(.testAccuracy, over: .allTasks)

  /// Ours: the paper has no such figure.
  public static let hypotheses = [
    Hypothesis("nap", .better, than: "plain", source: "our expectation"),
    Hypothesis("nap", .noWorse, than: "fresh-norm", source: "our expectation"),
  ]

  private static let mainArms = ["plain", "norm", "nap", "fresh", "fresh-norm"]

  public static let presets: [Preset<ContinualConfiguration>] = [
    Preset(
      "small", "5,000 images of CIFAR-10 at 16 x 16, MLP 3 x 256, 5 tasks of 2 classes, 30 epochs",
      small, arms: mainArms, seeds: 5),
    Preset(
      "cnn", "10,000 images of CIFAR-10, the convolutional network, 5 tasks of 2 classes", cnn,
      arms: mainArms, seeds: 3),
    Preset(
      "cifar-100", "CIFAR-100, VGG, 20 tasks of 5 classes, 200 epochs each: a GPU's job", cifar100,
      arms: mainArms, seeds: 3),
  ]

  private static let small = ContinualConfiguration(
    data: TaskDataConfiguration(imageCount: 5_000, size: 16), network: .mlp([256, 256, 256]),
    optimizer: OptimizerConfiguration(learningRate: 1e-3),
    stream: TaskStreamConfiguration(
      .classIncremental(.init { ($0.classesPerTask, $0.testCount) = (2, 2_000) }),
      epochsPerTask: 30), tasks: 5,
    updatesPerTask: 1_000, recording: .init { $0.checkpointEveryTasks = 1 })

  private static let cnn = ContinualConfiguration(
    data: TaskDataConfiguration(imageCount: 10_000), network: NetworkConfiguration(.cnn),
    optimizer: OptimizerConfiguration(learningRate: 1e-3),
    stream: TaskStreamConfiguration(
      .classIncremental(.init { ($0.classesPerTask, $0.testCount) = (2, 2_000) }),
      epochsPerTask: 20), tasks: 5,
    updatesPerTask: 1_000, recording: .init { $0.checkpointEveryTasks = 1 })

  private static let cifar100 = ContinualConfiguration(
    data: TaskDataConfiguration(source: .cifar100), network: NetworkConfiguration(.vgg),
    optimizer: OptimizerConfiguration(learningRate: 1e-3),
    stream: TaskStreamConfiguration(
      .classIncremental(.init { ($0.classesPerTask, $0.testCount) = (5, 10_000) }),
      epochsPerTask: 200), tasks: 20,
    updatesPerTask: 40_000, recording: .init { $0.checkpointEveryTasks = 1 })
}
