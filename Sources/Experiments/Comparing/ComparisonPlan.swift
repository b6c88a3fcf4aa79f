public import RunStore
import Texts
import Torch

/// Makes plans: a run for every arm and seed, each with its settings.
public enum ComparisonPlan {
  /// The first seed of tuning runs. The reported seeds are 0, 1, ….
  public static let firstTuningSeed = 1_000

  /// The entries of a comparison, ordered by seed, so that an interrupted plan has complete pairs.
  ///
  /// - Parameters:
  ///   - environments: names of environments that are compared one by one: a run each for every arm and seed.
  ///   - overrides: settings of one arm, such as its tuned learning rate.
  public static func entries(
    arms: [String], seeds: [Int], environments: [String] = [],
    overrides: [String: [String: String]] = [:]
  ) -> [PlanEntry] {
    seeds.flatMap { seed in
      each(of: environments).flatMap { own in
        arms.map {
          PlanEntry(arm: $0, seed: seed, overrides: (overrides[$0] ?? [:]).merging(own) { $1 })
        }
      }
    }
  }

  /// The setting that names an agent's environments.
  public static let environmentsKey = "environments.names"

  /// The environments that a plan's runs visit one by one, in the order of its entries; none where all visit the same.
  public static func environments(of plan: Comparison) -> [String] {
    plan.entries.reduce(into: []) { names, entry in
      guard let name = entry.overrides[environmentsKey], !names.contains(name) else { return }
      names.append(name)
    }
  }

  /// The entries of a sweep: every arm with every combination of the grid on every tuning seed, with equal budgets.
  ///
  /// - Parameters:
  ///   - environments: as for a comparison; every combination is tried in each of them.
  ///   - overrides: settings of one arm beside those that are tuned.
  public static func sweepEntries(
    arms: [String], grid: SweepGrid, seeds: [Int], environments: [String] = [],
    overrides: [String: [String: String]] = [:]
  ) -> [PlanEntry] {
    let combinations = grid.combinations
    return seeds.flatMap { seed in
      arms.flatMap { arm in
        combinations.flatMap { combination in
          each(of: environments).map { own in
            PlanEntry(
              arm: arm, seed: seed,
              overrides: (overrides[arm] ?? [:]).merging(combination) { $1 }.merging(own) { $1 })
          }
        }
      }
    }
  }

  private static func each(of environments: [String]) -> [[String: String]] {
    environments.isEmpty ? [[:]] : environments.map { [environmentsKey: $0] }
  }

  /// The newest unsettled plan that is the same as `plan`, so that a repeated command continues.
  public static func unfinished<R: Recipe>(
    _ recipe: R.Type, like plan: Comparison, in store: Store
  ) throws -> Comparison? {
    try store.comparisons(recipe: plan.recipe).last { isSame(R.self, $0, plan) && !$0.isSettled }
  }

  /// Finished plans that are the same as `plan`, with the same versions, device and number of threads, newest first.
  /// Training one again would give the same numbers on the same data.
  static func finished<R: Recipe>(
    _ recipe: R.Type, like plan: Comparison, in store: Store
  ) throws -> [Comparison] {
    try store.comparisons(recipe: plan.recipe).reversed().filter { other in
      isSame(R.self, other, plan) && other.entries.allSatisfy { $0.status == .finished }
        && isBySameProgram(other, plan)
    }
  }

  /// Finished runs of other plans that equal entries of `plan`, by entry. So a comparison with more seeds or arms
  /// trains only the new ones. Every session of such a run was by this build under the same conditions
  /// (`Provenance.agrees(with:)`), with the same data and environments. The newest plans come first.
  ///
  /// - Throws: ``CheckpointError`` if a file that such a run read was replaced since, and errors of missing data or
  ///   environments.
  public static func finishedRuns<R: Recipe>(
    _ recipe: R.Type, for plan: Comparison, in store: Store
  ) throws -> [Int: StoreIdentifier] {
    var known: [Key: [Run]] = [:]
    for other in try store.comparisons(recipe: plan.recipe).reversed()
    where isAlike(R.self, other, plan) {
      for entry in other.entries where entry.status == .finished {
        guard let run = try entry.run.map({ try store.run($0) }),
          ([run.provenance] + run.resumptions.map(\.provenance))
            .allSatisfy({ $0.agrees(with: plan.provenance) })
        else { continue }
        known[Key(entry), default: []].append(run)
      }
    }
    var found: [Int: StoreIdentifier] = [:]
    var environments = EnvironmentFacts(R.self)
    for (position, entry) in plan.entries.enumerated() {
      guard let runs = known[Key(entry)] else { continue }
      let taken = try runs.first { run in
        guard let kept = run.manifest else { return true }
        let own = try environments.of(plan, entry: position).manifest
        return own.map { kept.differences(from: $0).isEmpty } ?? false
      }
      if let taken {
        found[position] = taken.id
        continue
      }
      // Other environments are a choice; other data are an accident.
      for run in runs where run.manifest != nil {
        let own = try environments.of(plan, entry: position)
        try SameEnvironments.requireFiles(
          of: run, against: own.manifest, sources: own.sources,
          orElse: "train all runs again with --new")
      }
    }
    return found
  }

  private static func isSame<R: Recipe>(
    _ recipe: R.Type, _ other: Comparison, _ plan: Comparison
  ) -> Bool {
    isAlike(R.self, other, plan) && other.entries.map(Key.init) == plan.entries.map(Key.init)
  }

  /// Whether equal entries of the two plans are the same run.
  private static func isAlike<R: Recipe>(
    _ recipe: R.Type, _ other: Comparison, _ plan: Comparison
  ) -> Bool {
    other.kind == plan.kind && other.preset == plan.preset
      && StoredConfiguration.isSame(R.self, other.configuration, plan.configuration)
  }

  private static func isBySameProgram(_ other: Comparison, _ plan: Comparison) -> Bool {
    other.provenance.napVersion == plan.provenance.napVersion
      && other.provenance.libtorchVersion == plan.provenance.libtorchVersion
      && other.provenance.computingDevice == plan.provenance.computingDevice
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

  /// The configuration of an arm with its own settings: those of its name, and `overrides`, which take precedence. An
  /// arm derives other settings from them, such as the length of its schedule, except from the learning rate: an arm
  /// derives from the base's rate.
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
    // The arm has already changed a group that one word stands for.
    let groups = try own.filter { try $0.isWholeGroup(of: base) }
    return try all.filter { !groups.contains($0) }
      .applied(to: R.configuration(known, arm: name.arm))
  }

  /// The settings that sweeps chose for an arm of a comparison, those of the newest sweep first.
  ///
  /// A sweep chooses several settings together, so all of them are used or none. They are not used if a later sweep
  /// chose one of them, if one is already `given`, or if they have neither the learning rate nor a setting of the arm's
  /// methods.
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

  /// A new plan. Its configuration is the base to which arms and overrides are applied.
  public static func make<R: Recipe>(
    _ recipe: R.Type, kind: Comparison.Kind, preset: String, base: R.Configuration,
    entries: [PlanEntry], provenance: Provenance
  ) throws -> Comparison {
    Comparison(
      kind: kind, recipe: R.name, preset: preset, configuration: try JSONText.encode(base),
      provenance: provenance, entries: entries)
  }
}
