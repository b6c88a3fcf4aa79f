import Networks

/// What is measured in a run on texts or images, and when.
public struct SupervisedRecording: Codable, Hashable, Sendable {
  /// Updates between two measurements within a task; 0 measures only at its end.
  public var everyUpdates = 0
  /// Updates between two evaluations over the validation part or the test split; 0 evaluates only at the end of a task.
  public var evaluateEveryUpdates = 0
  /// Batches of the validation part or the test split that are evaluated, from its beginning; 0 for all.
  public var validationBatches = 0
  /// Examples by which diagnostics look at the network.
  public var probeCount = 8
  /// Updates between two checkpoints, in addition to the one at the end of each task; 0 for none.
  public var checkpointEveryUpdates = 0
  /// Tasks between two checkpoints that are kept, for curves along the run (`nap measure`); 0 keeps only the last.
  public var keepCheckpointEveryTasks = 0
  /// Names of diagnostics to record; `all` for every one.
  public var diagnostics: [String] = []
  /// Updates between two recordings of diagnostics; 0 records them only at the end of a task.
  public var diagnosticsEveryUpdates = 0

  /// The defaults.
  public init() {}

  /// When each of it is due.
  var schedule: RecordingSchedule {
    RecordingSchedule(
      everyUpdates: everyUpdates, diagnostics: diagnostics,
      diagnosticsEveryUpdates: diagnosticsEveryUpdates,
      cadence: LoopCadence(
        checkpointTasks: 1, checkpointUpdates: checkpointEveryUpdates,
        keptTasks: keepCheckpointEveryTasks, evaluationUpdates: evaluateEveryUpdates))
  }

  /// How many of so many batches are evaluated.
  func evaluatedBatches(of count: Int) -> Int {
    validationBatches > 0 ? min(validationBatches, count) : count
  }

  /// Checks every count, and a batch with its parts.
  ///
  /// - Throws: `ConfigurationError` and ``UsageError`` naming the key.
  func validate(batchSize: Int, microBatches: Int) throws {
    for (key, value, least) in [
      ("batchSize", batchSize, 1), ("microBatches", microBatches, 1),
      ("recording.everyUpdates", everyUpdates, 0),
      ("recording.evaluateEveryUpdates", evaluateEveryUpdates, 0),
      ("recording.validationBatches", validationBatches, 0),
      ("recording.probeCount", probeCount, 1),
      ("recording.checkpointEveryUpdates", checkpointEveryUpdates, 0),
      ("recording.keepCheckpointEveryTasks", keepCheckpointEveryTasks, 0),
      ("recording.diagnosticsEveryUpdates", diagnosticsEveryUpdates, 0),
    ] { try ConfigurationError.requireCount(value, key, from: least) }
    guard microBatches <= batchSize else {
      throw UsageError(
        "microBatches: expected at most batchSize, \(batchSize), found \(microBatches)")
    }
    _ = try DiagnosticRecorder.suite(diagnostics)
  }
}
