public import Networks
public import Plasticity
public import RunStore
public import Torch
import Training

/// A recipe that says what a batch of a task is; loop, arms, measurements and state are written already.
///
///     enum RisingSine: TaskRecipe {
///       static let name = "rising-sine"
///       static let summary = "a sine whose frequency grows with every task"
///       static let loss = Loss.meanSquaredError
///       static let presets = [
///         Preset("short", "a second", TaskConfiguration(network: .mlp([64]), …), arms: ["nap"], seeds: 1)
///       ]
///       static func shape(_ settings: NoSettings) -> (inputs: [Int], outputs: Int) { ([1], 1) }
///       static func batch(_ moment: TaskMoment, _ configuration: Configuration) -> TaskBatch {
///         let x_B1 = Tensor.uniform([configuration.batchSize, 1], generator: moment.draws)
///         return TaskBatch(inputs: x_B1, targets: (x_B1 * Double(moment.task + 1)).sine())
///       }
///     }
///
/// Recorded at the end of a task are the mean loss of its batches, each before its update, the share of right answers
/// where targets are classes, norms and rates of weights, and the diagnostics that are asked for.
public protocol TaskRecipe: ArmedRecipe
where Configuration == TaskConfiguration<Settings>, Training == TaskTraining {
  /// The recipe's own settings, `--set settings.KEY=VALUE`; none unless given.
  associatedtype Settings: Codable & Hashable & Sendable = NoSettings

  /// What compares outputs with targets; cross entropy unless given.
  static var loss: Loss { get }

  /// The shape of one example and the number of outputs.
  static func shape(_ settings: Settings) -> (inputs: [Int], outputs: Int)

  /// A batch. It depends on its arguments alone, so that a run goes on to the same bytes.
  ///
  /// - Returns: tensors on any device.
  static func batch(_ moment: TaskMoment, _ configuration: Configuration) throws -> TaskBatch

  /// Checks the recipe's own settings; nothing unless given.
  ///
  /// - Throws: ``UsageError`` naming the key.
  static func validate(_ settings: Settings) throws
}

/// Where a batch is asked for.
public struct TaskMoment {
  /// The task, from 0.
  public let task: Int
  /// What of the task is drawn once: the same in each of its batches. Only to be split or drawn from anew in each
  /// batch.
  public let taskDraws: Generator
  /// What is drawn for this batch alone.
  public let draws: Generator
}

extension TaskRecipe {
  /// Cross entropy.
  public static var loss: Loss { .crossEntropy }

  /// The mean loss of batches before their updates, over the last fifth of the tasks.
  public static var primaryMeasure: PrimaryMeasure { PrimaryMeasure(.onlineLoss, over: .lastFifth) }

  /// None.
  public static var hypotheses: [Hypothesis] { [] }

  /// Nothing to check.
  public static func validate(_ settings: Settings) throws {}

  /// Ranges and redundant combinations.
  public static func validate(_ configuration: Configuration) throws -> [String] {
    try validate(configuration.settings)
    return try configuration.validated()
  }

  /// Methods that would find nothing to act on.
  public static func idleMethods(_ configuration: Configuration) throws -> [IdleMethod] {
    guard !configuration.methods.isEmpty else { return [] }
    try configuration.methods.requireCompatibleUse()
    let (inputs, outputs) = shape(configuration.settings)
    return try Learner.idleMethods(
      configuration.design, inputShape: inputs, outputs: outputs, taskCount: configuration.tasks,
      updateCount: configuration.tasks * configuration.updatesPerTask)
  }

  /// Builds the network.
  public static func start(
    _ configuration: Configuration, seed: Int, device: Device
  ) throws -> TaskTraining {
    let generator = Generator(seed: UInt64(bitPattern: Int64(seed)))
    return try TaskTraining(
      RecipeSource(Self.self, configuration, generator: generator, device: device),
      generator: generator,
      device: device)
  }

  /// Tasks of ten updates, or of more where there are so few that a run would be over at once.
  public static func rehearsal(_ configuration: Configuration) -> Rehearsal<Configuration> {
    var short = configuration
    short.updatesPerTask = min(configuration.updatesPerTask, max(10, 500 / configuration.tasks))
    return Rehearsal(short, tasks: configuration.tasks)
  }
}

extension TaskConfiguration {
  /// What is trained.
  var design: Learner.Design {
    Learner.Design(
      network: network, nap: nap, methods: methods, optimizer: optimizer, schedule: schedule)
  }
}
