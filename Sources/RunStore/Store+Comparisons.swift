import Foundation
import GRDB
import Texts

extension Store {
  /// Records a plan of runs; throws ``StoreError/exists(identifier:path:)`` when the identifier is
  /// taken and ``StoreError/invalidJSON(what:reason:)`` when its configuration is not JSON.
  ///
  /// - Parameter runs: by entry, runs of other plans that answer for it, too; each has to be in the store. A run
  ///   keeps the group it was begun in.
  public func create(
    _ comparison: Comparison, taking runs: [Int: StoreIdentifier] = [:]
  ) throws {
    try JSONText.validate(
      comparison.configuration, what: "the configuration of comparison \(comparison.id)")
    let provenance = try JSONText.encode(comparison.provenance)
    let overrides = try comparison.entries.map { try JSONText.encode($0.overrides) }
    try write { database in
      let taken = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM comparison WHERE id = ?)",
        arguments: [comparison.id.text])
      guard taken != true else {
        throw StoreError.exists(identifier: comparison.id.text, path: folder.path)
      }
      try database.execute(
        sql: """
          INSERT INTO comparison (id, kind, recipe, preset, configuration, provenance)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          comparison.id.text, comparison.kind.rawValue, comparison.recipe, comparison.preset,
          comparison.configuration, provenance,
        ])
      for (position, entry) in comparison.entries.enumerated() {
        try database.execute(
          sql: """
            INSERT INTO comparison_entry (comparison, position, arm, seed, overrides, run)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            comparison.id.text, position, entry.arm, entry.seed, overrides[position],
            runs[position]?.text,
          ])
      }
    }
  }

  /// The plan of an identifier; throws ``StoreError/notFound(kind:text:path:)``.
  public func comparison(_ identifier: StoreIdentifier) throws -> Comparison {
    let found = try read { database in
      try Store.fetchComparisons(database, where: "id = ?", [identifier.text]).first
    }
    guard let found else { throw notFound("comparison", identifier.text) }
    return found
  }

  /// The plan that a person means: an identifier or the unambiguous beginning or end of one.
  public func findComparison(_ text: String) throws -> Comparison {
    try pick("comparison", text, from: comparisons()) { ($0.id.text, $0.id.text) }
  }

  /// Plans, oldest first; of one recipe where it is given.
  public func comparisons(recipe: String? = nil) throws -> [Comparison] {
    try read { database in
      guard let recipe else { return try Store.fetchComparisons(database, where: "TRUE", []) }
      return try Store.fetchComparisons(database, where: "recipe = ?", [recipe])
    }
  }

  /// Begins the run of a waiting entry: records the run and ties it to the entry in one
  /// transaction, so that of several processes one gets the entry.
  ///
  /// Throws ``StoreError/wrongState(identifier:found:expected:suggestion:)`` when the entry already
  /// has a run, and what `create(_:)` throws.
  public func start(
    _ run: Run, asEntry position: Int, of comparison: StoreIdentifier
  ) throws {
    try insert(run, points: []) { database in
      try database.execute(
        sql: """
          UPDATE comparison_entry SET run = ?
          WHERE comparison = ? AND position = ? AND run IS NULL
          """, arguments: [run.id.text, comparison.text, position])
      guard database.changesCount == 1 else {
        let taken = try String.fetchOne(
          database, sql: "SELECT run FROM comparison_entry WHERE comparison = ? AND position = ?",
          arguments: [comparison.text, position])
        guard let taken else { throw notFound("comparison entry", "\(comparison)/\(position)") }
        throw StoreError.wrongState(
          identifier: taken, found: "already begun for entry \(position) of \(comparison)",
          expected: "an entry without a run", suggestion: "Resume that run, or remove it.")
      }
    }
  }

  /// Removes a plan and the settings tuned by it. The runs made for it stay.
  public func remove(comparison: StoreIdentifier) throws {
    try write { database in
      try database.execute(
        sql: "DELETE FROM tuned_setting WHERE comparison = ?", arguments: [comparison.text])
      try database.execute(
        sql: "DELETE FROM comparison WHERE id = ?", arguments: [comparison.text])
      guard database.changesCount == 1 else { throw notFound("comparison", comparison.text) }
    }
  }

  /// Records what a sweep chose for one arm; a second record of the same sweep, arm and key
  /// replaces the first.
  public func record(_ setting: TunedSetting) throws {
    let text = try JSONText.encode(setting)
    try write { database in
      try database.execute(
        sql: """
          INSERT OR REPLACE INTO tuned_setting (comparison, recipe, preset, arm, key, record)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          setting.comparison.text, setting.recipe, setting.preset, setting.arm, setting.key, text,
        ])
    }
  }

  /// The latest choice for an arm; `nil` when it was never tuned.
  public func tunedSetting(
    recipe: String, preset: String, arm: String, key: String
  ) throws -> TunedSetting? {
    try read { database in
      try String.fetchOne(
        database,
        sql: """
          SELECT record FROM tuned_setting
          WHERE recipe = ? AND preset = ? AND arm = ? AND key = ? ORDER BY number DESC LIMIT 1
          """, arguments: [recipe, preset, arm, key]
      ).map { try JSONText.decode(TunedSetting.self, from: $0) }
    }
  }

  /// What sweeps chose for an arm, a list a sweep, the newest first.
  public func tunedSettings(
    recipe: String, preset: String, arm: String
  ) throws -> [[TunedSetting]] {
    let all = try read { database in
      try String.fetchAll(
        database,
        sql: """
          SELECT record FROM tuned_setting
          WHERE recipe = ? AND preset = ? AND arm = ? ORDER BY number DESC
          """, arguments: [recipe, preset, arm]
      ).map { try JSONText.decode(TunedSetting.self, from: $0) }
    }
    var bySweep: [[TunedSetting]] = []
    for setting in all {
      if let place = bySweep.firstIndex(where: { $0.first?.comparison == setting.comparison }) {
        bySweep[place].insert(setting, at: 0)
      } else {
        bySweep.append([setting])
      }
    }
    return bySweep
  }

  /// What one sweep chose, in the order recorded.
  public func tunedSettings(of comparison: StoreIdentifier) throws -> [TunedSetting] {
    try read { database in
      try String.fetchAll(
        database, sql: "SELECT record FROM tuned_setting WHERE comparison = ? ORDER BY number",
        arguments: [comparison.text]
      ).map { try JSONText.decode(TunedSetting.self, from: $0) }
    }
  }

  private static func fetchComparisons(
    _ database: Database, where condition: String, _ arguments: [String]
  ) throws -> [Comparison] {
    try Row.fetchAll(
      database, sql: "SELECT * FROM comparison WHERE \(condition) ORDER BY number",
      arguments: StatementArguments(arguments)
    ).map { row in
      let entries = try Row.fetchAll(
        database,
        sql: """
          SELECT e.arm, e.seed, e.overrides, e.run, r.state, r.reason
          FROM comparison_entry AS e LEFT JOIN run AS r ON r.id = e.run
          WHERE e.comparison = ? ORDER BY e.position
          """, arguments: [row["id"] as String])
      guard let kind = Comparison.Kind(rawValue: row["kind"]) else {
        throw StoreError.corrupt(
          path: "comparison \(row["id"] as String)",
          reason: "unknown kind '\(row["kind"] as String)'")
      }
      return Comparison(
        id: try StoreIdentifier(row["id"]), kind: kind, recipe: row["recipe"],
        preset: row["preset"], configuration: row["configuration"],
        provenance: try JSONText.decode(Provenance.self, from: row["provenance"] as String),
        entries: try entries.map(PlanEntry.init))
    }
  }
}

extension PlanEntry {
  init(_ row: Row) throws {
    self.init(
      arm: row["arm"], seed: row["seed"],
      overrides: try JSONText.decode([String: String].self, from: row["overrides"] as String))
    self.run = try (row["run"] as String?).map { try StoreIdentifier($0) }
    self.status = (row["state"] as String?).flatMap { RunStatus(state: $0, reason: row["reason"]) }
  }
}
