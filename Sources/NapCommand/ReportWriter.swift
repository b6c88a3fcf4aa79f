import Dashboard
import Experiments
import Foundation
import OrderedCollections
import RunStore

/// Combines what a recipe knows about its arms with what the store has, and writes the report.
struct ReportWriter {
  var store: Store
  var mixesProtocols = false

  /// Prints the table of a plan and writes its report. With several games, one of all games and one a game beside it.
  ///
  /// - Parameter notes: remarks for the reader, one per paragraph.
  func write<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, notes: [String] = [], to path: String
  ) throws {
    let tuned = try tuned(R.self, comparison)
    if let results = try GameResults(
      R.self, comparison, chosen: comparison.kind == .sweep ? tuned : [], store: store)
    {
      let parts = results.games.map { GameResults.part(of: comparison, game: $0) }
        .filter { part in part.entries.contains { $0.run != nil } }
      let pages = parts.map { Self.path(path, game: ComparisonPlan.environments(of: $0)[0]) }
      for (part, page) in zip(parts, pages) where comparison.kind == .comparison {
        try write(R.self, part, notes: notes, to: page)
      }
      Console.line(results.text)
      let isPlan = comparison.kind == .comparison
      try Report.write(
        results.report(
          comparison, pages: isPlan ? pages.map { URL(fileURLWithPath: $0).lastPathComponent } : [],
          tuned: tuned), to: path)
      return Console.line("report: \(path)")
    }
    let runs = try comparison.entries.compactMap { entry in
      try entry.run.map { try store.run($0) }
    }
    let command = comparison.provenance.shellCommand
    var options = Self.options(R.self, arms: comparison.arms, runs: runs, commands: [command])
    options.tuned = tuned
    options.mixesProtocols = try variesProtocolsOnPurpose(comparison)
    options.notes += notes
    let missing = comparison.entries.filter { $0.run == nil }
    if !missing.isEmpty {
      options.notes.append(
        "Planned but not begun: "
          + missing.map { "\($0.arm) seed \($0.seed)" }.joined(separator: ", ") + ".")
    }
    try write(runs, options, to: path)
  }

  /// A game's report beside the others: `report.html` is `report-pong.html`.
  static func path(_ path: String, game: String) -> String {
    let url = URL(fileURLWithPath: path)
    let word = game.split(separator: ":").last.map(String.init) ?? game
    let plain = String(word.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    let name = "\(url.deletingPathExtension().lastPathComponent)-\(plain)"
    return url.deletingLastPathComponent().appendingPathComponent(name)
      .appendingPathExtension(url.pathExtension).path
  }

  /// Refuses a table of a plan whose runs have different protocols, except where a sweep varies them on purpose.
  ///
  /// - Throws: ``DashboardError/mixedProtocols(differences:)``.
  func requireOneProtocol(_ comparison: Comparison) throws {
    let runs = try comparison.entries.compactMap { try $0.run.map { try store.run($0) } }
    let differences = ProtocolManifest.differences(among: runs)
    guard !differences.isEmpty, try !variesProtocolsOnPurpose(comparison) else { return }
    throw DashboardError.mixedProtocols(differences: differences)
  }

  /// Whether protocols differ only between values of the environments that a sweep varies. Runs with the same value
  /// have to agree.
  private func variesProtocolsOnPurpose(_ comparison: Comparison) throws -> Bool {
    guard comparison.kind == .sweep else { return false }
    let byEnvironments = Dictionary(grouping: comparison.entries) { entry in
      entry.overrides.filter {
        ConfigurationOverride(key: $0.key, value: "").key.hasPrefix("environments.")
      }
    }
    return try byEnvironments.values.allSatisfy { entries in
      let runs = try entries.compactMap { try $0.run.map { try store.run($0) } }
      return ProtocolManifest.differences(among: runs).isEmpty
    }
  }

  /// Prints the table of any runs of one recipe and writes their report.
  func write(_ runs: [Run], to path: String) throws {
    let recipes = Set(runs.map(\.recipe))
    guard recipes.count == 1, let name = recipes.first else {
      throw UsageError(
        "a report shows runs of one recipe; these are of \(recipes.sorted().joined(separator: ", "))"
      )
    }
    if runs.contains(where: { $0.purpose == .imported }), (try? Recipes.named(name)) == nil {
      throw UsageError(
        "a report shows runs of a recipe; these were imported as \(name): remove them, and import them again with "
          + "--recipe, the recipe of the runs that they are compared with")
    }
    try write(Recipes.named(name), runs, to: path)
  }

  private func write<R: Recipe>(_ recipe: R.Type, _ runs: [Run], to path: String) throws {
    try write(
      runs,
      Self.options(
        R.self, arms: runs.map(\.arm), runs: runs,
        // A run of a plan was begun by the plan's command.
        commands: runs.map { run in
          let plan = run.group.flatMap { try? store.comparison($0) }
          return (plan?.provenance ?? run.provenance).shellCommand
        }),
      to: path)
  }

  private func write(_ runs: [Run], _ options: ReportOptions, to path: String) throws {
    var options = options
    options.mixesProtocols = mixesProtocols || options.mixesProtocols
    let imported = runs.filter { $0.purpose == .imported }.map(\.name)
    if !imported.isEmpty {
      options.notes.append("Imported, and not trained here: \(imported.joined(separator: ", ")).")
    }
    let input = try ReportInput(store: store, runs: runs, options: options)
    Console.line(input.terminalText)
    try Report.write(input, to: path)
    Console.line("report: \(path)")
  }

  /// The sweeps that chose the settings of a comparison, or the sweep's own choices.
  private func tuned<R: Recipe>(_ recipe: R.Type, _ comparison: Comparison) throws -> [TunedSetting]
  {
    if comparison.kind == .sweep { return try store.tunedSettings(of: comparison.id) }
    var settings: [TunedSetting] = []
    for arm in comparison.arms {
      let overrides = comparison.entries.first { $0.arm == arm }?.overrides ?? [:]
      for (key, value) in overrides {
        if let setting = try store.tunedSetting(
          recipe: R.name, preset: comparison.preset, arm: arm, key: key),
          "\(setting.value)" == value
        {
          settings.append(setting)
        }
      }
    }
    return settings
  }

  private static func options<R: Recipe>(
    _ recipe: R.Type, arms: [String], runs: [Run], commands: [String]
  ) -> ReportOptions {
    var options = ReportOptions()
    options.measure = R.primaryMeasure
    options.gapMetrics = R.gapMetrics
    options.learningRateKey = R.learningRateKey
    options.metricsAlongUpdates = R.metricsAlongUpdates
    options.taskAxisTitle = R.taskAxisTitle
    options.taskNoun = R.taskNoun
    options.taskRow = R.taskRow(of: runs)
    options.metrics.removeAll { R.metricsAlongUpdates.contains($0) }
    let wanted = R.metricsAlongUpdates.reversed() + R.gapMetrics + [R.primaryMeasure.metric]
    for metric in wanted where !options.metrics.contains(metric) {
      options.metrics.insert(metric, at: 0)
    }
    // The recipe does not list arms with methods: they follow their base arm.
    let added = Set(arms).compactMap { try? R.description(ofArmNamed: $0) }
    let known = Set(R.arms.map(\.name))
    let described = R.arms.flatMap { arm in
      [arm]
        + added.filter { !known.contains($0.name) && $0.base == arm.name }
        .sorted { $0.name < $1.name }
    }
    options.armOrder = described.map(\.name)
    // Where the arms have none of the recipe's references, differences are taken to the first arm.
    let present = Set(arms)
    let references = [R.referenceArm] + R.otherReferenceArms + options.armOrder
    options.reference = references.first(where: present.contains) ?? R.referenceArm
    // An arm that is blind to tasks can be told of them by a setting.
    options.runsThatKnowBoundaries = Set(runs.filter { R.knowsBoundaries(of: $0) }.map(\.id))
    let remarks = Dictionary(grouping: runs, by: \.arm).mapValues { R.methodRemarks(of: $0) }
    options.armNotes = Dictionary(
      uniqueKeysWithValues: described.map { arm in
        let what = ([arm.summary] + (remarks[arm.name] ?? [])).joined(separator: "; ")
        return (arm.name, what + (arm.knowsBoundaries ? " \(ReportOptions.boundaryMark)" : ""))
      })
    for arm in described where arm.base != arm.name {
      options.baselines[arm.name] = (arm.base, arm.methods.joined(separator: " + "))
    }
    options.hypotheses = R.hypotheses
    options.notes += projectionAlone(R.self, arms: arms)
    options.commands = OrderedSet(commands).elements
    return options
  }

  /// Names arms with projection whose counterpart without projection is missing: the gain of such an arm may come from
  /// normalization alone.
  ///
  /// Looks only at the base of an arm with baseline methods or its own settings.
  static func projectionAlone<R: Recipe>(_ recipe: R.Type, arms: [String]) -> [String] {
    let bases = Set(arms.map { (try? R.description(ofArmNamed: $0))?.base ?? $0 })
    let missing = R.arms.map(\.name).compactMap { arm -> String? in
      guard bases.contains(arm), let other = R.withoutProjection(arm), !bases.contains(other)
      else { return nil }
      return "\(arm) without \(other)"
    }
    // A report of one arm compares nothing.
    guard !missing.isEmpty, bases.count > 1 else { return [] }
    return [
      "This report cannot show what the projection alone gives: it has \(missing.joined(separator: ", ")), "
        + "which differs only in the projection."
    ]
  }
}
