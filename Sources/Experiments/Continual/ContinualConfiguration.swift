public import Networks
public import NormalizeAndProject
public import Plasticity
import Torch

/// Continual classification: one task after another with the same network.
///
/// ``stream`` says what changes between tasks; by default labels are drawn again (METHOD 3.1 and 3.4). Every number
/// that the paper leaves open is a field.
public struct ContinualConfiguration: ArmedConfiguration, Hashable {
  /// The examples.
  public var data: TaskDataConfiguration
  /// The network as written, before any normalization is inserted.
  public var network: NetworkConfiguration
  public var nap: NaP
  public var methods: InterventionSet
  public var optimizer: OptimizerConfiguration
  public var schedule: Schedule
  /// What changes from task to task.
  public var stream: TaskStreamConfiguration
  public var isFresh: Bool
  /// The number of tasks.
  public var tasks: Int
  /// Updates of one task, unless `stream.epochsPerTask` gives its length.
  public var updatesPerTask: Int
  /// The share of labels drawn again at a task's start, in (0, 1].
  public var relabeledShare: Double
  /// Examples of one batch; epochs are shuffled, the last batch of an epoch may be smaller.
  public var batchSize: Int
  /// What is measured, and when.
  public var recording: Recording

  /// What is measured, and when.
  public struct Recording: Codable, Hashable, Sendable {
    /// Updates between two measurements within tasks; 0 measures only at task ends.
    public var everyUpdates: Int
    /// Number of examples for the Jacobian norm. Source: METHOD section 4.
    public var probeCount: Int
    /// Tasks between two measurements of the Jacobian norm; 0 leaves it out.
    public var jacobianEveryTasks: Int
    /// Tasks between two checkpoints; 0 writes one at the end and on interruption.
    public var checkpointEveryTasks: Int
    /// Tasks between two checkpoints that are kept, for curves along the run (`nap measure`); 0 keeps only the last
    /// one.
    public var keepCheckpointEveryTasks = 0
    /// Names of further diagnostics to record; `all` for every one.
    public var diagnostics: [String] = []
    /// Updates between two recordings of diagnostics; 0 records them only at task ends.
    public var diagnosticsEveryUpdates = 0
    /// Updates between two evaluations over all training and all test examples; 0 evaluates only at task ends.
    public var evaluateEveryUpdates = 0
    /// Updates between two checkpoints in long tasks, in addition to `checkpointEveryTasks`; 0 for none.
    public var checkpointEveryUpdates = 0

    /// Recording; see the properties.
    public init(
      everyUpdates: Int = 0, probeCount: Int = 64, jacobianEveryTasks: Int = 1,
      checkpointEveryTasks: Int = 50
    ) {
      self.everyUpdates = everyUpdates
      self.probeCount = probeCount
      self.jacobianEveryTasks = jacobianEveryTasks
      self.checkpointEveryTasks = checkpointEveryTasks
    }

    /// Reads a recording; fields of later versions have their defaults.
    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        everyUpdates: try values.decode(Int.self, forKey: .everyUpdates),
        probeCount: try values.decode(Int.self, forKey: .probeCount),
        jacobianEveryTasks: try values.decode(Int.self, forKey: .jacobianEveryTasks),
        checkpointEveryTasks: try values.decode(Int.self, forKey: .checkpointEveryTasks))
      keepCheckpointEveryTasks =
        try values.decodeIfPresent(Int.self, forKey: .keepCheckpointEveryTasks) ?? 0
      diagnostics = try values.decodeIfPresent([String].self, forKey: .diagnostics) ?? []
      diagnosticsEveryUpdates =
        try values.decodeIfPresent(Int.self, forKey: .diagnosticsEveryUpdates) ?? 0
      evaluateEveryUpdates =
        try values.decodeIfPresent(Int.self, forKey: .evaluateEveryUpdates) ?? 0
      checkpointEveryUpdates =
        try values.decodeIfPresent(Int.self, forKey: .checkpointEveryUpdates) ?? 0
    }
  }

  /// A configuration; see the properties.
  public init(
    data: TaskDataConfiguration, network: NetworkConfiguration, nap: NaP = .both,
    methods: InterventionSet = InterventionSet(), optimizer: OptimizerConfiguration,
    schedule: Schedule = Schedule(),
    stream: TaskStreamConfiguration = TaskStreamConfiguration(), isFresh: Bool = false,
    tasks: Int, updatesPerTask: Int, relabeledShare: Double = 1, batchSize: Int = 128,
    recording: Recording = Recording()
  ) {
    self.data = data
    self.network = network
    self.nap = nap
    self.methods = methods
    self.optimizer = optimizer
    self.schedule = schedule
    self.stream = stream
    self.isFresh = isFresh
    self.tasks = tasks
    self.updatesPerTask = updatesPerTask
    self.relabeledShare = relabeledShare
    self.batchSize = batchSize
    self.recording = recording
  }

  /// The network for examples of `vocabulary` different tokens, or for images where that is `nil`.
  ///
  /// - Throws: ``UsageError`` for a network that reads the other kind of example, or fewer tokens.
  func builtNetwork(vocabulary: Int?) throws(UsageError) -> NetworkConfiguration {
    let readsTokens = network.kind == .transformer
    guard readsTokens == (vocabulary != nil) else {
      throw UsageError(
        "network.kind: expected \(readsTokens ? "another one than transformer" : "transformer") for "
          + "data.source \(data.source.rawValue), found \(network.kind.rawValue)")
    }
    guard let vocabulary else { return network }
    var network = network
    if network.vocabulary == 0 { network.vocabulary = vocabulary }
    guard network.vocabulary >= vocabulary else {
      throw UsageError(
        "network.vocabulary: expected 0 (as many as the data have) or at least \(vocabulary), found "
          + "\(network.vocabulary)")
    }
    return network
  }

  /// Updates of a task that trains on `exampleCount` examples.
  func updates(forExamples exampleCount: Int) -> Int {
    guard stream.epochsPerTask > 0 else { return updatesPerTask }
    let batch = min(batchSize, exampleCount)
    return stream.epochsPerTask.saturatingProduct((exampleCount + batch - 1) / batch)
  }

  /// Checks ranges and combinations; see ``Recipe/validate(_:)``.
  public func validated() throws -> [String] {
    func require(_ condition: Bool, _ key: String, _ expected: String, _ found: Any) throws {
      guard condition else {
        throw UsageError("\(key): expected \(expected), found \(found)")
      }
    }
    try require(tasks > 0, "tasks", "at least 1", tasks)
    try require(tasks <= 10_000_000, "tasks", "at most 10,000,000 (our choice)", tasks)
    try require(updatesPerTask > 0, "updatesPerTask", "at least 1", updatesPerTask)
    try require(
      !tasks.multipliedReportingOverflow(by: updatesPerTask).overflow, "tasks",
      "tasks times updatesPerTask below 2^63", "\(tasks) times \(updatesPerTask)")
    try ConfigurationError.requireCount(updatesPerTask, "updatesPerTask", from: 1)
    try require(
      relabeledShare > 0 && relabeledShare <= 1, "relabeledShare", "above 0 and at most 1",
      relabeledShare)
    try require(batchSize > 0, "batchSize", "at least 1", batchSize)
    try require(data.imageCount >= 0, "data.imageCount", "0 (all) or more", data.imageCount)
    try require(data.size >= 0, "data.size", "0 (as they are) or more pixels", data.size)
    try require(
      recording.probeCount > 0, "recording.probeCount", "at least 1", recording.probeCount)
    for (key, value) in [
      ("batchSize", batchSize), ("data.size", data.size),
      ("recording.probeCount", recording.probeCount),
      ("recording.everyUpdates", recording.everyUpdates),
      ("recording.jacobianEveryTasks", recording.jacobianEveryTasks),
      ("recording.checkpointEveryTasks", recording.checkpointEveryTasks),
      ("recording.keepCheckpointEveryTasks", recording.keepCheckpointEveryTasks),
      ("recording.diagnosticsEveryUpdates", recording.diagnosticsEveryUpdates),
      ("recording.evaluateEveryUpdates", recording.evaluateEveryUpdates),
      ("recording.checkpointEveryUpdates", recording.checkpointEveryUpdates),
    ] { try ConfigurationError.requireCount(value, key, from: 0) }
    try data.addition.validate()
    if data.source.isTokens {
      try require(
        stream.kind == .stationary || stream.kind == .randomLabels, "stream.kind",
        "stationary or randomLabels for data.source \(data.source.rawValue)",
        stream.kind.rawValue)
    }
    _ = try builtNetwork(vocabulary: data.vocabulary())
    try stream.validate(tasks: tasks)
    _ = try DiagnosticRecorder.suite(recording.diagnostics)
    try network.validateRanges()
    try nap.validate()
    try optimizer.validate()
    try schedule.validate()
    try methods.validate()
    _ = try methods.optimizer(optimizer)
    return RedundantCombinations.warnings(nap: nap, methods: methods, optimizer: optimizer)
  }
}
