public import Networks
public import NormalizeAndProject
public import Plasticity

/// What decides a run of a ``TaskRecipe`` but its seed and device.
public struct TaskConfiguration<Settings: Codable & Hashable & Sendable>:
  ArmedConfiguration, Hashable
{
  /// The recipe's own settings.
  public var settings: Settings
  /// The network as written, before any normalization is inserted.
  public var network: NetworkConfiguration
  public var nap: NaP
  public var methods: InterventionSet
  public var optimizer: OptimizerConfiguration
  public var schedule: Schedule
  public var isFresh: Bool
  /// The number of tasks.
  public var tasks: Int
  public var updatesPerTask: Int
  /// Examples of one batch.
  public var batchSize: Int
  /// The average of weights that is kept beside them.
  public var average = Averaging()
  /// What is measured, and when.
  public var recording: TaskRecording

  /// A configuration; see the properties.
  public init(
    settings: Settings, network: NetworkConfiguration, nap: NaP = .both,
    methods: InterventionSet = InterventionSet(), optimizer: OptimizerConfiguration,
    schedule: Schedule = Schedule(), isFresh: Bool = false, tasks: Int, updatesPerTask: Int,
    batchSize: Int = 64, recording: TaskRecording = TaskRecording()
  ) {
    self.settings = settings
    self.network = network
    self.nap = nap
    self.methods = methods
    self.optimizer = optimizer
    self.schedule = schedule
    self.isFresh = isFresh
    self.tasks = tasks
    self.updatesPerTask = updatesPerTask
    self.batchSize = batchSize
    self.recording = recording
  }

  /// Checks every range but those of ``settings``.
  ///
  /// - Returns: warnings of redundant combinations.
  func validated() throws -> [String] {
    for (key, value, least) in [
      ("tasks", tasks, 1), ("updatesPerTask", updatesPerTask, 1), ("batchSize", batchSize, 1),
      ("recording.everyUpdates", recording.everyUpdates, 0),
      ("recording.checkpointEveryTasks", recording.checkpointEveryTasks, 0),
      ("recording.diagnosticsEveryUpdates", recording.diagnosticsEveryUpdates, 0),
    ] { try ConfigurationError.requireCount(value, key, from: least) }
    guard !tasks.multipliedReportingOverflow(by: updatesPerTask).overflow else {
      throw UsageError(
        "tasks: expected tasks times updatesPerTask below 2^63, found \(tasks) times \(updatesPerTask)"
      )
    }
    _ = try DiagnosticRecorder.suite(recording.diagnostics)
    try network.validateRanges()
    try average.validate()
    return try validatedParts()
  }
}

extension TaskConfiguration where Settings == NoSettings {
  /// A configuration of a recipe without settings of its own; see the properties.
  public init(
    network: NetworkConfiguration, optimizer: OptimizerConfiguration, tasks: Int,
    updatesPerTask: Int
  ) {
    self.init(
      settings: NoSettings(), network: network, optimizer: optimizer, tasks: tasks,
      updatesPerTask: updatesPerTask)
  }
}

/// What is measured in a run of a ``TaskRecipe``, and when.
public struct TaskRecording: Codable, Hashable, Sendable {
  /// Measures within tasks every so many updates; 0 measures at task ends alone.
  public var everyUpdates = 0
  /// Tasks between two checkpoints; 0 writes one at the end and on interruption.
  public var checkpointEveryTasks = 0
  /// Names of diagnostics to record besides; `all` stands for every one.
  public var diagnostics: [String] = []
  /// Updates between two of their measurements; 0 takes them at task ends alone.
  public var diagnosticsEveryUpdates = 0

  /// At task ends alone, without diagnostics.
  public init() {}
}

/// The settings of a recipe that has none of its own.
public struct NoSettings: Codable, Hashable, Sendable {
  /// Nothing to set.
  public init() {}
}
