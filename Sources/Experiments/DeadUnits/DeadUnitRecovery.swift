import Datasets
import Networks
import NormalizeAndProject
public import RunStore
public import Torch

/// Dead rectifier units while labels change: does normalization bring them back?
///
/// Source: METHOD 3.2 (figure 2): MNIST, random labels drawn again every 1,000 updates, three optimizers
/// by three normalizations. The network, subset and Adam's rate are those of the closest documented
/// ancestor (Lyle et al. 2023, A.1), which figure 2 is not known to share; the other optimizers' rates
/// and the arms with projection are our choice.
public enum DeadUnitRecovery: Recipe {
  public static let name = "dead-units"
  public static let summary =
    "dead units while MNIST's labels change: three optimizers by three normalizations (figure 2)"
  /// Dead units, mean over the last fifth of the measured updates.
  public static let primaryMeasure = PrimaryMeasure(.deadUnits, over: .lastFifth, axis: .update)
  /// Rates are chosen by what is learned: at the smallest ones few units die because little changes.
  public static let tuningMeasure = PrimaryMeasure(.taskEndAccuracy)
  /// `adam`: the plain network under Adam.
  public static let referenceArm = "adam"

  /// With every optimizer, either normalization leaves fewer dead units than none.
  public static let hypotheses = Rule.allCases.flatMap { rule in
    [Norm.rms, .layer].map { norm in
      Hypothesis(
        arm(rule, norm), .better, than: arm(rule, .none), source: "the paper, figure 2")
    }
  }

  /// How weights are updated.
  enum Rule: String, CaseIterable {
    case sgd, momentum, adam
  }

  /// What stands before every nonlinearity.
  enum Norm: String, CaseIterable {
    case none, rms, layer, nap

    var summary: String {
      switch self {
      case .none: "no normalization"
      case .rms: "RMSNorm"
      case .layer: "LayerNorm"
      case .nap: "LayerNorm and projection"
      }
    }
  }

  static func arm(_ rule: Rule, _ norm: Norm) -> String {
    norm == .none ? rule.rawValue : "\(rule.rawValue)+\(norm.rawValue)"
  }

  /// LayerNorm under the same optimizer.
  public static func withoutProjection(_ name: String) -> String? {
    combinations.first { $0.norm == .nap && arm($0.rule, $0.norm) == name }.map {
      arm($0.rule, .layer)
    }
  }

  private static let combinations = Rule.allCases.flatMap { rule in
    Norm.allCases.map { (rule: rule, norm: $0) }
  }

  /// Every optimizer by every normalization, and with projection.
  public static let arms = combinations.map { rule, norm in
    ArmDescription(
      name: arm(rule, norm), summary: "\(rule.rawValue), \(norm.summary)", knowsBoundaries: false)
  }

  /// Three sizes of the same experiment.
  public static let presets: [Preset<ContinualConfiguration>] = [
    preset(
      "small", "1,000 images of MNIST's test set, MLP 2 x 256, 20 tasks of 1,000 updates", small,
      seeds: 3),
    preset(
      "figure", "5,000 images of MNIST, MLP 2 x 1024, 90 tasks of 1,000 updates (Lyle et al. 2023)",
      figure, seeds: 3),
    preset("quick", "`small` with 5 tasks of 200 updates: a look in a minute", quick, seeds: 1),
  ]

  private static func preset(
    _ name: String, _ summary: String, _ configuration: ContinualConfiguration, seeds: Int
  ) -> Preset<ContinualConfiguration> {
    let arms = combinations.filter { $0.norm != .nap }.map { arm($0.rule, $0.norm) }
    return Preset(name, summary, configuration, arms: arms, seeds: seeds)
  }

  private static let small = ContinualConfiguration(
    data: TaskDataConfiguration(source: .mnist, split: .test, imageCount: 1_000),
    network: .mlp([256, 256]), optimizer: OptimizerConfiguration(learningRate: 1e-3),
    tasks: 20, updatesPerTask: 1_000, batchSize: 128,
    recording: .init { ($0.everyUpdates, $0.jacobianEveryTasks) = (50, 0) })

  private static var figure: ContinualConfiguration {
    var configuration = small
    configuration.data = TaskDataConfiguration(source: .mnist, split: .train, imageCount: 5_000)
    configuration.network = .mlp([1_024, 1_024])
    configuration.tasks = 90
    configuration.recording.everyUpdates = 200
    return configuration
  }

  private static var quick: ContinualConfiguration {
    var configuration = small
    configuration.tasks = 5
    configuration.updatesPerTask = 200
    configuration.recording.everyUpdates = 20
    return configuration
  }

  /// The base with an optimizer and a normalization. Gradient descent takes 100 times the base rate,
  /// with momentum 10 times: Adam's 1e-3 becomes 0.1 and 0.01. A rate set for the arm itself holds.
  public static func configuration(
    _ base: ContinualConfiguration, arm name: String
  ) throws -> ContinualConfiguration {
    let chosen = try description(ofArm: name).name
    guard let (rule, norm) = combinations.first(where: { arm($0.rule, $0.norm) == chosen })
    else { return base }
    var result = base
    switch rule {
    case .adam: result.optimizer.kind = .adam
    case .sgd:
      result.optimizer.kind = .sgd
      result.optimizer.learningRate *= 100
    case .momentum:
      result.optimizer.rule = .sgd(.init { $0.momentum = 0.9 })
      result.optimizer.learningRate *= 10
    }
    switch norm {
    case .none: result.nap = base.nap.plain
    case .rms:
      result.nap = base.nap.normOnly
      result.nap.normalization.kind = .rms
    case .layer: result.nap = base.nap.normOnly
    case .nap: break
    }
    return result
  }

  public static func validate(_ configuration: ContinualConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// The loop of random labels, measured within tasks.
  public static func start(
    _ configuration: ContinualConfiguration, seed: Int, device: Device
  ) throws -> ContinualTraining {
    try RandomLabels.start(configuration, seed: seed, device: device)
  }
}
