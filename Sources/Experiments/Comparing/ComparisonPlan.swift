public import RunStore
import Torch
import Training

/// Makes plans of runs: arms times seeds, each with its settings.
public enum ComparisonPlan {
  /// Seeds of tuning runs start here, apart from the reported seeds 0, 1, ….
  public static let firstTuningSeed = 1_000

  /// The entries of a comparison: seed by seed, so that an interrupted plan holds whole pairs.
  ///
  /// - Parameters:
  ///   - overrides: settings of one arm, such as its tuned learning rate.
  public static func entries(
    arms: [String], seeds: Int, overrides: [String: [String: String]] = [:]
  ) -> [PlanEntry] {
    (0..<seeds).flatMap { seed in
      arms.map { PlanEntry(arm: $0, seed: seed, overrides: overrides[$0] ?? [:]) }
    }
  }

  /// The entries of a sweep: every arm with every combination of the grid on every tuning seed, the same budget each.
  ///
  /// - Parameters:
  ///   - overrides: settings of one arm beside those that are tuned.
  public static func sweepEntries(
    arms: [String], grid: SweepGrid, seeds: Int, overrides: [String: [String: String]] = [:]
  ) -> [PlanEntry] {
    let combinations = grid.combinations
    return (0..<seeds).flatMap { seed in
      arms.flatMap { arm in
        combinations.map { combination in
          PlanEntry(
            arm: arm, seed: firstTuningSeed + seed,
            overrides: (overrides[arm] ?? [:]).merging(combination) { $1 })
        }
      }
    }
  }

  /// The newest unsettled plan that is the same as `plan`, so that a repeated command goes on.
  public static func unfinished(like plan: Comparison, in store: Store) throws -> Comparison? {
    try store.comparisons(recipe: plan.recipe).last { isSame($0, plan) && !$0.isSettled }
  }

  /// Plans that are the same as `plan` and all of whose runs finished, by the same versions on the same device and as many
  /// threads, newest first: training one again would give the same numbers, on the same data.
  static func finished(like plan: Comparison, in store: Store) throws -> [Comparison] {
    try store.comparisons(recipe: plan.recipe).reversed().filter { other in
      isSame(other, plan) && other.entries.allSatisfy { $0.status == .finished }
        && isBySameProgram(other, plan)
    }
  }

  /// By entry of `plan`, finished runs of other plans that were the same, sittings included, by this very build under the
  /// same conditions (`Provenance.agrees(with:)`) and in the same worlds: so more seeds or arms cost only what is new.
  ///
  /// Plans are looked at newest first.
  ///
  /// - Throws: ``CheckpointError`` where such a run read a file that was replaced since, and what keeps an arm's data or worlds
  ///   from being looked at.
  public static func finishedRuns<R: Recipe>(
    _ recipe: R.Type, for plan: Comparison, in store: Store
  ) throws -> [Int: StoreIdentifier] {
    var known: [Key: [Run]] = [:]
    for other in try store.comparisons(recipe: plan.recipe).reversed() where isAlike(other, plan) {
      for entry in other.entries where entry.status == .finished {
        guard let run = try entry.run.map({ try store.run($0) }),
          ([run.provenance] + run.resumptions.map(\.provenance))
            .allSatisfy({ $0.agrees(with: plan.provenance) })
        else { continue }
        known[Key(entry), default: []].append(run)
      }
    }
    var found: [Int: StoreIdentifier] = [:]
    var worlds = Worlds(R.self)
    for (position, entry) in plan.entries.enumerated() {
      guard let runs = known[Key(entry)] else { continue }
      let taken = try runs.first { run in
        guard let kept = run.manifest else { return true }
        let own = try worlds.of(plan, entry: position).manifest
        return own.map { kept.differences(from: $0).isEmpty } ?? false
      }
      if let taken {
        found[position] = taken.id
        continue
      }
      // Other worlds were asked for; other data came by themselves.
      for run in runs where run.manifest != nil {
        let own = try worlds.of(plan, entry: position)
        try SameWorlds.requireFiles(
          of: run, against: own.manifest, sources: own.sources,
          orElse: "train everything anew with --new")
      }
    }
    return found
  }

  private static func isSame(_ other: Comparison, _ plan: Comparison) -> Bool {
    isAlike(other, plan) && other.entries.map(Key.init) == plan.entries.map(Key.init)
  }

  /// Whether an entry of one would be the same run in the other.
  private static func isAlike(_ other: Comparison, _ plan: Comparison) -> Bool {
    other.kind == plan.kind && other.preset == plan.preset
      && other.configuration == plan.configuration
  }

  private static func isBySameProgram(_ other: Comparison, _ plan: Comparison) -> Bool {
    other.provenance.napVersion == plan.provenance.napVersion
      && other.provenance.libtorchVersion == plan.provenance.libtorchVersion
      && other.provenance.device == plan.provenance.device
      && other.provenance.threadCount == plan.provenance.threadCount
  }

  private struct Key: Hashable {
    var arm: String
    var seed: Int
    var overrides: [String: String]
    init(_ entry: PlanEntry) {
      arm = entry.arm
      seed = entry.seed
      overrides = entry.overrides
    }
  }

  /// The configuration and request of one entry of a plan.
  public static func request<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, entry position: Int
  ) throws -> (configuration: R.Configuration, entry: PlanEntry) {
    guard comparison.entries.indices.contains(position) else {
      throw UsageError(
        "comparison \(comparison.id) has entries 0 to \(comparison.entries.count - 1), not \(position)"
      )
    }
    let entry = comparison.entries[position]
    let base = try StoredConfiguration.read(
      R.self, from: comparison.configuration, of: "plan \(comparison.id)")
    let configuration = try configuration(
      R.self, base, arm: entry.arm, overrides: entry.overrides)
    _ = try R.validate(configuration)
    return (configuration, entry)
  }

  /// The configuration of an arm with settings of its own: those of its name, and `overrides`, which count where both
  /// have a key. An arm derives from them what it derives from the base, such as the length of its schedule, but for
  /// the learning rate: what an arm makes of that is made of the base's.
  ///
  /// - Throws: ``UsageError`` for an unknown arm, and for a setting that the arm's configuration cannot take.
  public static func configuration<R: Recipe>(
    _ recipe: R.Type, _ base: R.Configuration, arm: String, overrides: [String: String] = [:]
  ) throws -> R.Configuration {
    let name = try ArmName(parsing: arm)
    let own = name.settings.filter { overrides[$0.key] == nil }
    let all =
      own
      + overrides.sorted { $0.key < $1.key }
      .map { ConfigurationOverride(key: $0.key, value: $0.value) }
    let known = all.filter { $0.key != R.learningRateKey }.appliedWhereKnown(to: base)
    // Of a word for a whole group the arm has made something by then.
    let groups = try own.filter { try $0.isWholeGroup(of: base) }
    return try all.filter { !groups.contains($0) }
      .applied(to: R.configuration(known, arm: name.arm))
  }

  /// The settings that sweeps chose for an arm and a comparison takes, the newest sweep's first.
  ///
  /// A sweep's choice of several settings was made together and is taken whole or not at all: it is left where a later
  /// sweep chose one of them anew, where one is `given` already, and where neither the learning rate nor a setting of
  /// the arm's methods is among them.
  ///
  /// - Throws: what reading the store throws.
  public static func tunedSettings<R: Recipe>(
    _ recipe: R.Type, preset: String, _ base: R.Configuration, arm: String, given: Set<String>,
    in store: Store
  ) throws -> [TunedSetting] {
    let name = try ArmName(parsing: arm)
    let known = Set(try ConfigurationListing.rows(configuration(R.self, base, arm: arm)).map(\.key))
    var taken = given
    var chosen: [TunedSetting] = []
    for settings in try store.tunedSettings(recipe: R.name, preset: preset, arm: arm) {
      let keys = Set(settings.map(\.key))
      let isTunable = keys.contains { $0 == R.learningRateKey || $0.hasPrefix("methods.") }
      if isTunable, !keys.contains(where: name.sets), keys.isSubset(of: known),
        keys.isDisjoint(with: taken)
      {
        chosen += settings
      }
      taken.formUnion(keys)
    }
    return chosen
  }

  /// A new plan; its configuration is the base that arms and overrides are applied to.
  public static func make<R: Recipe>(
    _ recipe: R.Type, kind: Comparison.Kind, preset: String, base: R.Configuration,
    entries: [PlanEntry], provenance: Provenance
  ) throws -> Comparison {
    Comparison(
      kind: kind, recipe: R.name, preset: preset, configuration: try JSONText.encode(base),
      provenance: provenance, entries: entries)
  }
}
