import Networks
import NormalizeAndProject
import Plasticity
public import RunStore
public import Torch

/// Projection against three ways of setting the learning rate of the same network without it.
///
/// Layer-wise rescaling of the learning rate by the growth of each layer's norm gives the same functions
/// as the projection; one factor for the whole network nearly does; none does not.
/// Source: METHOD 3 (figure 3; its task and optimizer are not known) and T6.
public enum Rescaling: Recipe {
  public static let name = "rescaling"
  public static let summary =
    "projection beside layer-wise, global and no rescaling of the learning rate (figure 3)"
  /// The training loss, mean over the last fifth of the updates.
  public static let primaryMeasure = PrimaryMeasure(
    .trainingLoss, over: .lastFifth, axis: .update)
  /// `projection`.
  public static let referenceArm = Way.projection.rawValue
  /// Distances to the projection are drawn of the training loss.
  public static let gapMetrics: [Metric] = [.trainingLoss]

  /// A layer-wise rate is no worse than the projection.
  public static let hypotheses = [
    Hypothesis("layerwise", .noWorse, than: "projection", source: "the paper, figure 3"),
    Hypothesis("projection", .noWorse, than: "layerwise", source: "the paper, figure 3"),
  ]

  /// What is done about growing norms.
  public enum Way: String, Sendable, CaseIterable {
    /// Nothing: the effective rate decays.
    case none
    /// One factor for the whole network.
    case global
    /// A factor for each layer.
    case layerwise
    /// The weights return to their initial norms.
    case projection

    /// One line for `nap list`.
    var summary: String {
      switch self {
      case .none: "normalization alone: norms grow and the effective rate decays"
      case .global: "the learning rate grows with the joint norm of the hidden weights"
      case .layerwise: "each hidden weight's learning rate grows with its norm"
      case .projection: "the weights return to their initial norms (NaP)"
      }
    }
  }

  /// `none` for `projection`.
  public static func withoutProjection(_ arm: String) -> String? {
    arm == Way.projection.rawValue ? Way.none.rawValue : nil
  }

  public static let arms = Way.allCases.map {
    ArmDescription(name: $0.rawValue, summary: $0.summary, knowsBoundaries: false)
  }

  /// Exact first: float64, ε = 0, momentum-free gradient descent; then what practice adds to it.
  public static let presets: [Preset<ContinualConfiguration>] = [
    preset("exact", "float64, epsilon 0, gradient descent at 0.05, 300 updates: seconds", exact),
    preset("epsilon", "`exact` with the normalizations' real epsilon, 1e-5", epsilon),
    preset("momentum", "`epsilon` with momentum 0.9 and a tenth of the rate", momentum),
    preset("adam", "`epsilon` with Adam at 1e-3", adam),
    preset("chaotic", "`exact` at a rate of 0.2, where rounding grows", chaotic),
  ]

  private static func preset(
    _ name: String, _ summary: String, _ configuration: ContinualConfiguration
  ) -> Preset<ContinualConfiguration> {
    Preset(name, summary, configuration, arms: Way.allCases.map(\.rawValue), seeds: 5)
  }

  private static var exact: ContinualConfiguration {
    var network = NetworkConfiguration.mlp([128, 128])
    network.dtype = .float64
    return ContinualConfiguration(
      data: TaskDataConfiguration(imageCount: 512, size: 16), network: network,
      nap: NaP(normalization: Normalization(.layer, epsilon: 0)),
      optimizer: OptimizerConfiguration(.sgd(.init()), learningRate: 0.05), tasks: 1,
      updatesPerTask: 300, batchSize: 128,
      recording: .init { ($0.everyUpdates, $0.jacobianEveryTasks) = (1, 0) })
  }

  private static var epsilon: ContinualConfiguration {
    var configuration = exact
    configuration.nap.normalization.epsilon = 1e-5
    return configuration
  }

  private static var momentum: ContinualConfiguration {
    var configuration = epsilon
    configuration.optimizer.rule = .sgd(.init { $0.momentum = 0.9 })
    configuration.optimizer.learningRate = 0.005
    return configuration
  }

  private static var adam: ContinualConfiguration {
    var configuration = epsilon
    configuration.optimizer = OptimizerConfiguration(learningRate: 1e-3)
    return configuration
  }

  private static var chaotic: ContinualConfiguration {
    var configuration = exact
    configuration.optimizer.learningRate = 0.2
    return configuration
  }

  /// The base with one way of treating growing norms.
  public static func configuration(
    _ base: ContinualConfiguration, arm: String
  ) throws -> ContinualConfiguration {
    guard let way = Way(rawValue: try description(ofArm: arm).name) else { return base }
    var result = base
    if way != .projection { result.nap = base.nap.normOnly }
    let mode: RateRescaling.Mode? =
      switch way {
      case .global: .global
      case .layerwise: .layerwise
      case .none, .projection: nil
      }
    if let mode {
      var rescaling = RateRescaling()
      rescaling.mode = mode
      rescaling.exponent = base.optimizer.kind == .sgd ? 2 : 1
      result.methods.insert(rescaling)
    }
    return result
  }

  public static func validate(_ configuration: ContinualConfiguration) throws -> [String] {
    try configuration.validated()
  }

  /// The loop of random labels: one task, measured at every update.
  public static func start(
    _ configuration: ContinualConfiguration, seed: Int, device: Device
  ) throws -> ContinualTraining {
    try RandomLabels.start(configuration, seed: seed, device: device)
  }
}
