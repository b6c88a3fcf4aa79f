import Datasets
import Networks
public import RunStore

/// A network trained on a part of the images first and on all of them then: does the start cost it
/// generalization?
///
/// Source: Ash & Adams 2020 (arXiv 1910.08475); METHOD 3.7 (Lyle et al. 2025): CIFAR-10, 70 + 70 epochs, the
/// first 10, 50 or 100 % of the images, 5 seeds. Optimizer and rate are our choice.
public enum WarmStart: ContinualRecipe {
  public static let name = "warm-start"
  public static let summary =
    "part of the images first, then all: does a warm start cost test accuracy?"
  /// Test accuracy after the last task.
  public static let primaryMeasure = PrimaryMeasure(.testAccuracy, over: .lastFifth)

  /// Lyle et al. 2025: keeping the effective rate up closes the gap to a fresh start.
  public static let hypotheses = [
    Hypothesis("fresh", .better, than: "plain", source: "Ash & Adams 2020"),
    Hypothesis("nap", .noWorse, than: "fresh-norm", source: "METHOD 3.7"),
  ]

  private static let mainArms = ["plain", "norm", "nap", "fresh", "fresh-norm"]

  /// The three first shares, at two sizes.
  public static let presets: [Preset<ContinualConfiguration>] =
    [0.1, 0.5, 1].map { share in
      Preset(
        "small-\(Int(share * 100))",
        "5,000 images of CIFAR-10 at 16 x 16, MLP 3 x 256, \(Int(share * 100)) % first, "
          + "70 + 70 epochs", small(share), arms: mainArms, seeds: 5)
    }
    + [0.1, 0.5, 1].map { share in
      Preset(
        "cnn-\(Int(share * 100))",
        "all images of CIFAR-10, the convolutional network, \(Int(share * 100)) % first, "
          + "70 + 70 epochs: a GPU's job", cnn(share), arms: mainArms, seeds: 5)
    }

  private static func small(_ share: Double) -> ContinualConfiguration {
    ContinualConfiguration(
      data: TaskDataConfiguration(imageCount: 5_000, size: 16), network: .mlp([256, 256, 256]),
      optimizer: OptimizerConfiguration(learningRate: 1e-3),
      stream: stream(share, testCount: 2_000), tasks: 2,
      updatesPerTask: 2_800, recording: .init { $0.checkpointEveryTasks = 1 })
  }

  private static func cnn(_ share: Double) -> ContinualConfiguration {
    var configuration = small(share)
    configuration.data = TaskDataConfiguration()
    configuration.network = NetworkConfiguration(.cnn)
    configuration.stream = stream(share, testCount: 10_000)
    configuration.updatesPerTask = 27_370
    return configuration
  }

  private static func stream(_ share: Double, testCount: Int) -> TaskStreamConfiguration {
    TaskStreamConfiguration(
      .warmStart(.init { ($0.firstShare, $0.testCount) = (share, testCount) }), epochsPerTask: 70)
  }
}
