public import RunStore
import Texts
public import Torch
public import Training

/// A process that trains a run together with the one of rank 0, which alone writes the store and the checkpoints.
///
/// It does every update with the others, and none of the evaluations: these need only the state, which is the same
/// in every process.
public struct FollowingSession<R: Recipe> {
  private var training: R.Training
  private let parallel: DataParallel

  /// How it ended.
  public enum End: Sendable {
    case finished
    case interrupted
    /// An outcome of training, which rank 0 records.
    case outcome
  }

  /// Starts the run that rank 0 names, with its state.
  ///
  /// - Throws: `ProcessError` for data that are not those of rank 0, and what starting the run throws.
  public init(_ start: SharedRun, device: Device, _ parallel: DataParallel) throws {
    let configuration = try StoredConfiguration.read(
      R.self, from: start.configuration, of: "rank 0's run")
    self.parallel = parallel
    training = try parallel.during {
      try R.started(configuration, seed: start.seed, device: device)
    }
    let manifest = try training.examination().manifest
    guard manifest == start.manifest else {
      let differences = (start.manifest ?? .init()).differences(from: manifest ?? .init())
      throw ProcessError.different(
        rank: parallel.group.rank, what: "data",
        expected: differences.first ?? "the same groups of facts",
        found: differences.isEmpty ? "others" : "the second")
    }
    try training.takeState(ofRank0: parallel.group)
  }

  /// Trains with the others to the end.
  public mutating func run() throws -> End {
    while let event = try training.step() {
      if event.outcome != nil {
        _ = try training.snapshot()
        return .outcome
      }
      if event.isCheckpointDue || event.keepsCheckpoint, try endsAtSave() { return .outcome }
      if parallel.isStopAgreed { return try endsAtSave() ? .outcome : .interrupted }
    }
    return try endsAtSave() ? .outcome : .finished
  }

  /// Takes part where rank 0 saves, and sees what it sees: a state that is not finite ends the run.
  private func endsAtSave() throws -> Bool {
    guard
      TrainingOutcome.status(of: try training.snapshot(), updates: training.updates) != nil
    else { return false }
    _ = try training.snapshot()
    return true
  }
}

/// What rank 0 tells the others of the run.
public struct SharedRun: Codable, Sendable {
  /// The recipe's name.
  public var recipe: String
  /// The arm's name.
  public var arm: String
  /// The seed.
  public var seed: Int
  /// The resolved configuration as JSON.
  public var configuration: String
  /// The facts that its numbers depend on beside.
  public var manifest: ProtocolManifest?

  /// What rank 0 says; waits for it.
  public init(from group: ProcessGroup) throws {
    self = try JSONText.decode(SharedRun.self, from: group.shared(""))
  }

  init(recipe: String, arm: String, seed: Int, configuration: String, manifest: ProtocolManifest?) {
    (self.recipe, self.arm, self.seed) = (recipe, arm, seed)
    (self.configuration, self.manifest) = (configuration, manifest)
  }
}

extension TrainingRun {
  /// Goes on from rank 0's state, as all processes do.
  mutating func takeState(ofRank0 group: ProcessGroup) throws {
    try restore(group.shared(snapshot()))
  }
}

extension Recipe {
  /// Whether runs can be shared out over processes: supervised ones can.
  public static var isShareable: Bool { Training.self is any ShareableRun.Type }
}

/// A run whose batches are shared out over the processes of a group.
public protocol ShareableRun: TrainingRun {
  /// The processes.
  var parallel: DataParallel? { get }
}

extension SupervisedTraining: ShareableRun {}
