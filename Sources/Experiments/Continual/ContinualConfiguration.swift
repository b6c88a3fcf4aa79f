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
  public var nap: NaP = .both
  public var methods = InterventionSet()
  public var optimizer: OptimizerConfiguration
  public var schedule = Schedule()
  /// What changes from task to task.
  public var stream = TaskStreamConfiguration()
  /// Whether network and optimizer are initialized again at every task.
  public var isFresh = false
  /// The number of tasks.
  public var tasks: Int
  /// Updates of one task, unless `stream.epochsPerTask` gives its length.
  public var updatesPerTask: Int
  /// Examples of one batch; epochs are shuffled, the last batch of an epoch may be smaller.
  public var batchSize = 128
  /// The average of weights that is kept beside them.
  public var average = Averaging()
  /// What is measured, and when.
  public var recording = Recording()

  /// What is measured, and when.
  public struct Recording: KindSettings {
    /// Updates between two measurements within tasks; 0 measures only at task ends.
    public var everyUpdates = 0
    /// Number of examples for the Jacobian norm. Source: METHOD section 4.
    public var probeCount = 64
    /// Tasks between two measurements of the Jacobian norm; 0 leaves it out.
    public var jacobianEveryTasks = 1
    /// Tasks between two checkpoints; 0 writes one at the end and on interruption.
    public var checkpointEveryTasks = 50
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

    public init() {}
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
    let require = ConfigurationError.require
    try require(
      updatesPerTask <= .max / max(1, min(tasks, 10_000_000)), "tasks",
      "tasks times updatesPerTask below 2^63", "\(tasks) times \(updatesPerTask)")
    try require(
      (1...10_000_000).contains(tasks), "tasks", "1 to 10,000,000 (our choice)", "\(tasks)")
    for (key, value, least) in [
      ("updatesPerTask", updatesPerTask, 1), ("batchSize", batchSize, 1),
      ("recording.probeCount", recording.probeCount, 1),
      ("recording.everyUpdates", recording.everyUpdates, 0),
      ("recording.jacobianEveryTasks", recording.jacobianEveryTasks, 0),
      ("recording.checkpointEveryTasks", recording.checkpointEveryTasks, 0),
      ("recording.keepCheckpointEveryTasks", recording.keepCheckpointEveryTasks, 0),
      ("recording.diagnosticsEveryUpdates", recording.diagnosticsEveryUpdates, 0),
      ("recording.evaluateEveryUpdates", recording.evaluateEveryUpdates, 0),
      ("recording.checkpointEveryUpdates", recording.checkpointEveryUpdates, 0),
    ] { try ConfigurationError.requireCount(value, key, from: least) }
    try data.validate(stream.kind)
    _ = try builtNetwork(vocabulary: data.vocabulary())
    try stream.validate(tasks: tasks)
    _ = try DiagnosticRecorder.suite(recording.diagnostics)
    try network.validateRanges()
    try average.validate()
    return try validatedParts()
  }
}

extension ContinualConfiguration {
  /// The key of ``TaskStreamConfiguration/Relabeling/relabeledShare`` in earlier versions.
  private enum EarlierKeys: String, CodingKey { case relabeledShare }

  /// Reads a configuration.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      data: try values.decode(TaskDataConfiguration.self, forKey: .data),
      network: try values.decode(NetworkConfiguration.self, forKey: .network),
      optimizer: try values.decode(OptimizerConfiguration.self, forKey: .optimizer),
      tasks: try values.decode(Int.self, forKey: .tasks),
      updatesPerTask: try values.decode(Int.self, forKey: .updatesPerTask))
    nap = try values.decode(NaP.self, forKey: .nap)
    methods = try values.decode(InterventionSet.self, forKey: .methods)
    schedule = try values.decode(Schedule.self, forKey: .schedule)
    stream = try values.decode(TaskStreamConfiguration.self, forKey: .stream)
    isFresh = try values.decode(Bool.self, forKey: .isFresh)
    batchSize = try values.decode(Int.self, forKey: .batchSize)
    average = try values.decode(Averaging.self, forKey: .average)
    recording = try values.decode(Recording.self, forKey: .recording)
    let earlier = try decoder.container(keyedBy: EarlierKeys.self)
    if !earlier.allKeys.isEmpty, case .randomLabels(var labels) = stream.change {
      try earlier.read(&labels.relabeledShare, .relabeledShare)
      stream.change = .randomLabels(labels)
    }
  }
}
