import Networks
import NormalizeAndProject
import Plasticity
public import RunStore

/// Sums modulo p with a small transformer: it soon learns the training examples by heart, and the others much later, or
/// never.
///
/// With projected queries and keys and a normalization on attention's inputs the network cannot lower the scale
/// of attention's logits; weight decay on the normalizations' scales, the method `scale-decay`, lets it.
/// Source: METHOD 1.6 and 3.7 (Lyle et al. 2025); the task is Power et al. 2022 (arXiv 2201.02177).
public enum Grokking: ContinualRecipe {
  public static let name = "grokking"
  public static let summary =
    "x + y modulo p with a small transformer: when does it generalize? (Lyle et al. 2025)"

  /// Test accuracy, mean over all evaluations of the run.
  ///
  /// The sooner a run generalizes, the higher; a run that never does has a value all the same, which
  /// "updates until 0.99" would not give it.
  public static let primaryMeasure = PrimaryMeasure(.testAccuracy, over: .allTasks, axis: .update)

  /// The arms that know no boundary, and the projection with scale decay.
  public static let arms =
    (Arm.all.filter { !$0.knowsBoundaries } + [Arm(.nap, methods: [ScaleDecay.name])])
    .map(ArmDescription.init)

  /// `norm`, since there is no boundary at which a fresh arm could start again.
  public static let referenceArm = Arm(.norm).description

  /// What METHOD 1.6 says of the scale of attention's logits.
  public static let hypotheses = [
    Hypothesis("nap/scale-decay", .better, than: "nap", source: "METHOD 1.6 and 3.7"),
    Hypothesis("nap/scale-decay", .noWorse, than: "norm", source: "our expectation"),
  ]

  private static let mainArms = ["plain", "norm", "nap", "nap/scale-decay"]

  /// Small ones for this machine, and the source's.
  public static let presets = [
    Preset(
      "small",
      "p = 31, three fifths of the pairs, one layer of width 32, 10,000 updates: minutes per run",
      small, arms: mainArms, seeds: 3),
    Preset(
      "quick", "`small` with p = 13 and 1,000 updates: seconds per run; too small for evidence",
      quick, arms: mainArms, seeds: 2),
    Preset(
      "paper",
      "p = 117, a fifth of the pairs, two layers of width 128, 1,000,000 updates: some 40 hours per run",
      paper, arms: mainArms, seeds: 3),
  ]

  /// Known of the source: p, share, updates, Adam's decay rates, warm-up and final rate, and the network but
  /// for its width. Peak rate, batch size, ε and the tables' deviation are our choice.
  private static var paper: ContinualConfiguration {
    var configuration = ContinualConfiguration(
      data: TaskDataConfiguration(source: .modularAddition),
      network: NetworkConfiguration(.transformer),
      nap: NaP(
        normalization: Normalization(.rms, axes: .channels, epsilon: 1e-6, learnsOffset: false),
        projection: Projection(roles: [.weight, .attentionLogit, .residualOutput]),
        scaleAndOffset: .free),
      optimizer: OptimizerConfiguration(learningRate: 1e-3),
      schedule: schedule(1_000, of: 1_000_000),
      stream: TaskStreamConfiguration(.stationary), tasks: 1, updatesPerTask: 1_000_000,
      batchSize: 512, recording: .init { ($0.everyUpdates, $0.jacobianEveryTasks) = (5_000, 0) })
    configuration.recording.evaluateEveryUpdates = 1_000
    configuration.recording.checkpointEveryUpdates = 20_000
    return configuration
  }

  /// Sizes, share, rate and length are our choice: with them arms part within minutes (`Results/grokking`).
  private static var small: ContinualConfiguration {
    var configuration = paper
    configuration.data.addition = ModularAdditionConfiguration(modulus: 31, trainingShare: 0.6)
    configuration.network.layers = 1
    configuration.network.headDimension = 8
    configuration.network.modelDimension = 32
    configuration.network.feedForward = 128
    configuration.optimizer.learningRate = 3e-3
    configuration.schedule = schedule(100, of: 10_000)
    configuration.updatesPerTask = 10_000
    configuration.batchSize = 1_024
    configuration.recording.everyUpdates = 100
    configuration.recording.evaluateEveryUpdates = 100
    configuration.recording.checkpointEveryUpdates = 2_000
    return configuration
  }

  private static var quick: ContinualConfiguration {
    var configuration = small
    configuration.data.addition = ModularAdditionConfiguration(modulus: 13, trainingShare: 0.5)
    configuration.schedule = schedule(50, of: 1_000)
    configuration.updatesPerTask = 1_000
    configuration.recording.everyUpdates = 50
    configuration.recording.evaluateEveryUpdates = 50
    return configuration
  }

  /// A warm-up and a cosine to 1e-4, as in METHOD 3.7.
  private static func schedule(_ warmUp: Int, of updates: Int) -> Schedule {
    Schedule(
      .cosine(.init { ($0.decayUpdates, $0.finalRate) = (updates, 1e-4) }), warmUpUpdates: warmUp)
  }
}
