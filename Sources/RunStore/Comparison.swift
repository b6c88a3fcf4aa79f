import OrderedCollections

/// A plan of runs that belong together, kept so that it can continue after an interruption: a
/// comparison of arms over seeds, or a sweep that tunes a setting.
public struct Comparison: Codable, Hashable, Sendable, Identifiable {
  /// What a plan of runs is for.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// Arms over seeds, to be reported.
    case comparison
    /// One setting over values and arms, to choose the value.
    case sweep
  }

  /// The identifier; runs that were begun for the plan have it as ``Run/group``. The plan's runs are ``PlanEntry/run``
  /// of its entries; other plans may have begun some of them.
  public let id: StoreIdentifier
  /// What the plan is for.
  public let kind: Kind
  /// The recipe's name.
  public let recipe: String
  /// The preset's name.
  public let preset: String
  /// Common settings as JSON text, such as the measure, the margin, and the tuned settings.
  public let configuration: String
  /// Where, when and with what the plan was made.
  public let provenance: Provenance
  /// The member runs, in the order in which they are to be run.
  public internal(set) var entries: [PlanEntry]

  /// Makes a plan; its entries wait until ``Store/start(_:asEntry:of:)``.
  public init(
    id: StoreIdentifier = .make(), kind: Kind, recipe: String, preset: String,
    configuration: String, provenance: Provenance, entries: [PlanEntry]
  ) {
    self.id = id
    self.kind = kind
    self.recipe = recipe
    self.preset = preset
    self.configuration = configuration
    self.provenance = provenance
    self.entries = entries
  }

  /// The arms, in the order of their first entry.
  public var arms: [String] { OrderedSet(entries.map(\.arm)).elements }

  /// Whether every entry is settled.
  public var isSettled: Bool { entries.allSatisfy { $0.state == .settled } }

  /// The seeds, in the order of their first entry.
  public var seeds: [Int] { OrderedSet(entries.map(\.seed)).elements }
}

/// One planned run of a ``Comparison``.
public struct PlanEntry: Codable, Hashable, Sendable {
  /// The progress of an entry, from the status of its run.
  public enum State: Hashable, Sendable {
    /// No run was begun for it, or its run was removed.
    case waiting
    /// Its run is in progress.
    case running
    /// Its run was interrupted or failed, and may be resumed.
    case stopped
    /// Its run ended with a training outcome, good or bad.
    case settled
  }

  /// The arm, such as `nap`.
  public let arm: String
  /// The seed.
  public let seed: Int
  /// What differs from the preset, `key: value` as `--set` takes it.
  public let overrides: [String: String]
  /// The run that was begun for it.
  public internal(set) var run: StoreIdentifier?
  /// The status of that run.
  public internal(set) var status: RunStatus?

  /// Plans a run.
  public init(arm: String, seed: Int, overrides: [String: String] = [:]) {
    self.arm = arm
    self.seed = seed
    self.overrides = overrides
  }

  /// The progress of the entry.
  public var state: State {
    switch status {
    case nil: .waiting
    case .running: .running
    case .interrupted, .failed: .stopped
    case .finished, .diverged, .notFinite: .settled
    }
  }
}

/// The value that a sweep chose for one arm, with the curve it was chosen from.
public struct TunedSetting: Codable, Hashable, Sendable {
  /// One value that was tried.
  public struct Candidate: Codable, Hashable, Sendable {
    /// The value tried.
    public let value: Double
    /// Each tuning seed's score; a seed that did not finish is left out.
    public let scoreBySeed: [Int: Double]
    /// The tuning seeds that did not finish.
    public let unfinishedSeeds: [Int]

    /// A candidate; see the properties.
    public init(value: Double, scoreBySeed: [Int: Double], unfinishedSeeds: [Int] = []) {
      self.value = value
      self.scoreBySeed = scoreBySeed
      self.unfinishedSeeds = unfinishedSeeds.sorted()
    }
  }

  /// The sweep.
  public let comparison: StoreIdentifier
  /// The recipe's name.
  public let recipe: String
  /// The preset's name.
  public let preset: String
  /// The arm.
  public let arm: String
  /// The key that was tuned, such as `optimizer.learningRate`.
  public let key: String
  /// The value chosen.
  public let value: Double
  /// What the score is, such as `mean task_end_accuracy`.
  public let score: String
  /// Whether a higher score is better.
  public let higherIsBetter: Bool
  /// Every value tried, in rising order.
  public let candidates: [Candidate]

  /// States a choice.
  public init(
    comparison: StoreIdentifier, recipe: String, preset: String, arm: String, key: String,
    value: Double, score: String, higherIsBetter: Bool, candidates: [Candidate]
  ) {
    self.comparison = comparison
    self.recipe = recipe
    self.preset = preset
    self.arm = arm
    self.key = key
    self.value = value
    self.score = score
    self.higherIsBetter = higherIsBetter
    self.candidates = candidates.sorted { $0.value < $1.value }
  }

  /// The same choice for an arm of another name.
  func renamed(arm: String) -> TunedSetting {
    TunedSetting(
      comparison: comparison, recipe: recipe, preset: preset, arm: arm, key: key, value: value,
      score: score, higherIsBetter: higherIsBetter, candidates: candidates)
  }
}
