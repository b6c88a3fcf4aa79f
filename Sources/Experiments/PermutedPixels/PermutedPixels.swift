import Datasets
import Networks
public import RunStore

/// True labels of images, with a new permutation of pixels at every task. Each task must be learned online in little
/// time.
///
/// Source: Online Permuted MNIST of Dohare et al. 2024 (Nature 632): 800 tasks, each one pass over 60,000
/// images; network, batch and rates here are our choice.
public enum PermutedPixels: ContinualRecipe {
  public static let name = "permuted-pixels"
  public static let summary =
    "true labels, with a new permutation of all images' pixels at every task"
  /// Mean online accuracy over the last fifth of the tasks.
  public static let primaryMeasure = PrimaryMeasure(.onlineAccuracy, over: .lastFifth)

  /// Ours: the paper has no such figure.
  public static let hypotheses = [
    Hypothesis("nap", .better, than: "plain", source: "our expectation"),
    Hypothesis("nap", .better, than: "norm", source: "our expectation"),
  ]

  private static let mainArms = ["plain", "norm", "nap", "fresh", "fresh-norm"]

  public static let presets: [Preset<ContinualConfiguration>] = [
    Preset(
      "small", "5,000 images of MNIST's test set, MLP 3 x 128, 100 tasks of 2 passes", small,
      arms: mainArms, seeds: 3),
    Preset(
      "mnist", "60,000 images, MLP 3 x 256, 800 tasks of one pass: hours", mnist, arms: mainArms,
      seeds: 3),
  ]

  private static let small = ContinualConfiguration(
    data: TaskDataConfiguration(source: .mnist, split: .test, imageCount: 5_000),
    network: .mlp([128, 128, 128]), optimizer: OptimizerConfiguration(learningRate: 1e-3),
    stream: TaskStreamConfiguration(.permutedPixels, epochsPerTask: 2), tasks: 100,
    updatesPerTask: 80)

  private static let mnist = ContinualConfiguration(
    data: TaskDataConfiguration(source: .mnist), network: .mlp([256, 256, 256]),
    optimizer: OptimizerConfiguration(learningRate: 1e-3),
    stream: TaskStreamConfiguration(.permutedPixels, epochsPerTask: 1), tasks: 800,
    updatesPerTask: 469, recording: .init { $0.jacobianEveryTasks = 10 })
}
