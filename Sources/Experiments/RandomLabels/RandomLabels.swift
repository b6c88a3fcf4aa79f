import Datasets
import Networks
public import RunStore
public import Torch

/// The main job: who keeps learning when the labels change again and again?
///
/// Source: METHOD 3.1 (figure 1), 3.4 (figure 5).
public enum RandomLabels: Recipe {
  /// `random-labels`.
  public static let name = "random-labels"
  /// One line for `nap list`.
  public static let summary =
    "the same images with labels drawn anew at every task: who keeps learning? (figures 1 and 5)"
  /// Mean online accuracy over the last fifth of the tasks.
  public static let primaryMeasure = PrimaryMeasure(.onlineAccuracy, over: .lastFifth)
  /// `fresh`.
  public static let referenceArm = Arm(.fresh).description

  /// Figure 1: normalization helps, the projection helps further and keeps the level of a fresh start.
  public static let hypotheses = [
    Hypothesis("norm", .better, than: "plain", source: "the paper, figure 1"),
    Hypothesis("nap", .better, than: "norm", source: "the paper, figure 1"),
    Hypothesis("nap", .better, than: "plain", source: "the paper, figure 5"),
    Hypothesis("nap", .noWorse, than: "fresh", source: "the paper, figure 1"),
  ]

  /// Every arm with its label.
  public static var arms: [ArmDescription] { Arm.all.map(ArmDescription.init) }

  /// Every rival method.
  public static var methods: [MethodDescription] { MethodDescription.all }

  /// The arm's name with its rivals in order.
  public static func arm(_ arm: String, methods: [String]) throws -> String {
    let base = try Arm(arm)
    return Arm(
      base.method, base.schedule, methods: base.methods + (try MethodNames.known(methods))
    ).description
  }

  /// What an arm does.
  public static func description(ofArm arm: String) throws -> ArmDescription {
    ArmDescription(try Arm(arm))
  }

  /// The base with what the arm switches on and off.
  public static func configuration(
    _ base: RandomLabelsConfiguration, arm: String
  ) throws -> RandomLabelsConfiguration {
    base.applying(try Arm(arm))
  }

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: RandomLabelsConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// Loads the images from `$NAP_DATA` and builds the network.
  public static func start(
    _ configuration: RandomLabelsConfiguration, seed: Int, device: Device
  ) throws -> RandomLabelsTraining {
    try RandomLabelsTraining(
      configuration,
      task: ImageTask(
        configuration.data, folder: DataFolder(), dtype: configuration.network.dtype, device: device
      ), seed: seed, device: device)
  }
}

extension ArmDescription {
  /// What an arm's name stands for.
  init(_ arm: Arm) {
    self.init(
      name: arm.description, summary: arm.summary, knowsBoundaries: arm.knowsBoundaries,
      base: Arm(arm.method, arm.schedule).description)
  }
}
