public import Foundation

/// One training run: its configuration, provenance and status.
///
/// Its measurements are series in the ``Store``; its checkpoints lie in ``Store/folder(of:)``.
public struct Run: Codable, Hashable, Sendable, Identifiable {
  /// Why a run was made. Only ``comparison`` runs may be reported as evidence; the seeds of
  /// ``tuning`` runs are kept apart from them.
  public enum Purpose: String, Codable, Hashable, Sendable, CaseIterable {
    /// Made by hand with `nap train`.
    case training
    /// A member of a comparison of arms.
    case comparison
    /// A member of a sweep that chooses a setting.
    case tuning
    /// Taken from a table or an event file: it has no checkpoint, and its settings are the words of its source.
    case imported
  }

  /// The run's identifier, unique in its store.
  public let id: StoreIdentifier
  /// A name for people; need not be unique.
  public var name: String
  /// The recipe's name, such as `random-labels`.
  public let recipe: String
  /// The preset of the recipe, such as `short`.
  public let preset: String
  /// The arm, such as `nap`.
  public internal(set) var arm: String
  /// The seed that every generator of the run was split from.
  public let seed: Int
  /// The comparison or sweep that the run belongs to.
  public let group: StoreIdentifier?
  /// Why the run was made.
  public let purpose: Purpose
  /// The resolved configuration, as JSON text.
  public internal(set) var configuration: String
  /// The provenance of its start.
  public let provenance: Provenance
  /// The facts that its numbers depend on; `nil` if all are in the configuration.
  public let manifest: ProtocolManifest?
  /// The run whose checkpoint this one began from, when it began from another's.
  public let parent: StoreIdentifier?
  /// The updates of that checkpoint; the points up to it are the parent's.
  public let parentUpdates: Int?
  /// The resumptions of the run, oldest first.
  public internal(set) var resumptions: [Resumption]
  /// The status.
  public internal(set) var status: RunStatus
  /// The end of the last session; `nil` during the first one. Whole seconds.
  public internal(set) var ended: Date?
  /// Seconds of wall-clock time over all sessions that ended normally.
  public internal(set) var wallSeconds: Double
  /// The largest resident memory of any session, in bytes; 0 when not known.
  public internal(set) var peakMemoryBytes: Int

  /// Describes a run that is about to start, with status ``RunStatus/running``, or one that has ended elsewhere.
  ///
  /// - Parameters:
  ///   - name: for people; the default is `recipe/preset/arm/seed`.
  ///   - configuration: JSON text. `Store.create(_:)` refuses anything else.
  public init(
    id: StoreIdentifier = .make(), name: String? = nil, recipe: String, preset: String,
    arm: String, seed: Int, group: StoreIdentifier? = nil, purpose: Purpose = .training,
    configuration: String, provenance: Provenance, manifest: ProtocolManifest? = nil,
    parent: StoreIdentifier? = nil, parentUpdates: Int? = nil, status: RunStatus = .running,
    ended: Date? = nil, wallSeconds: Double = 0
  ) {
    self.id = id
    self.name = name ?? Run.defaultName(recipe, preset, arm, seed)
    self.recipe = recipe
    self.preset = preset
    self.arm = arm
    self.seed = seed
    self.group = group
    self.purpose = purpose
    self.configuration = configuration
    self.provenance = provenance
    self.manifest = manifest
    self.parent = parent
    self.parentUpdates = parentUpdates
    self.resumptions = []
    self.status = status
    self.ended = ended
    self.wallSeconds = wallSeconds
    self.peakMemoryBytes = 0
  }

  /// The name of a run that was given none: `recipe/preset/arm/seed`.
  static func defaultName(_ recipe: String, _ preset: String, _ arm: String, _ seed: Int) -> String
  {
    "\(recipe)/\(preset)/\(arm)/\(seed)"
  }
}

/// One resumption of a stopped run from a checkpoint.
public struct Resumption: Codable, Hashable, Sendable {
  /// The update count of the checkpoint; later measurements were removed.
  public let updates: Int
  /// The provenance of the session.
  public let provenance: Provenance
}
