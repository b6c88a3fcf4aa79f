import Foundation
import GRDB
import Texts

extension Store {
  /// Puts a run and its points in the store, in one transaction, and makes its folder.
  ///
  /// `also` is done in the same transaction. With `replacing` the run takes the place of one of its identifier.
  func insert(
    _ run: Run, points: [MetricValue], replacing: Bool = false,
    also: (Database) throws -> Void = { _ in }
  ) throws {
    try JSONText.validate(run.configuration, what: "the configuration of run \(run.id)")
    let provenance = try JSONText.encode(run.provenance)
    let manifest = try run.manifest.map { try JSONText.encode($0) }
    let resumptions = try run.resumptions.map { try JSONText.encode($0.provenance) }
    try write { database in
      if replacing {
        try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run.id.text])
      }
      let taken = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)", arguments: [run.id.text])
      guard taken != true else {
        throw StoreError.exists(identifier: run.id.text, path: folder.path)
      }
      try database.execute(
        sql: """
          INSERT INTO run (id, name, recipe, preset, arm, seed, comparison, purpose, configuration,
            provenance, manifest, parent, parent_updates, state, reason, started, ended, wall_seconds,
            peak_memory_bytes)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.id.text, run.name, run.recipe, run.preset, run.arm, run.seed, run.group?.text,
          run.purpose.rawValue, run.configuration, provenance, manifest,
          run.parent?.text, run.parentUpdates,
          run.status.state, run.status.reason, run.provenance.started.storeText,
          run.ended?.storeText, run.wallSeconds, run.peakMemoryBytes,
        ])
      for (position, resumption) in run.resumptions.enumerated() {
        try database.execute(
          sql: "INSERT INTO resumption (run, position, updates, provenance) VALUES (?, ?, ?, ?)",
          arguments: [run.id.text, position, resumption.updates, resumptions[position]])
      }
      try Store.upsert(database, points, of: run.id)
      try also(database)
      do {
        try FileManager.default.createDirectory(
          at: folder(of: run.id), withIntermediateDirectories: true)
      } catch {
        throw StoreError.notWritable(
          path: folder(of: run.id).path, reason: "the run's folder cannot be made")
      }
    }
  }

  /// Runs that fulfil a condition, in the order in which they came into the store.
  static func fetchRuns(
    _ database: Database, where condition: String, _ arguments: [String]
  ) throws -> [Run] {
    let resumptions = Dictionary(
      grouping: try Row.fetchAll(
        database,
        sql: """
          SELECT run, updates, provenance FROM resumption
          WHERE run IN (SELECT id FROM run WHERE \(condition)) ORDER BY run, position
          """, arguments: StatementArguments(arguments)),
      by: { $0["run"] as String })
    return try Row.fetchAll(
      database, sql: "SELECT * FROM run WHERE \(condition) ORDER BY number",
      arguments: StatementArguments(arguments)
    ).map { row in
      try Run(row, resumptions: resumptions[row["id"]] ?? [])
    }
  }

  func notFound(_ kind: String, _ text: String) -> StoreError {
    .notFound(kind: kind, text: text, path: folder.path)
  }

  /// Finds a run by text: exact identifier, then its beginning or end, then name.
  func pick<Item>(
    _ kind: String, _ text: String, from items: [Item],
    names: (Item) -> (identifier: String, name: String)
  ) throws -> Item {
    if let exact = items.first(where: { names($0).identifier == text }) { return exact }
    let part = items.filter {
      let identifier = names($0).identifier
      return !text.isEmpty && (identifier.hasPrefix(text) || identifier.hasSuffix(text))
    }
    let found = part.isEmpty ? items.filter { names($0).name == text } : part
    guard let first = found.first else { throw notFound(kind, text) }
    guard found.count == 1 else {
      throw StoreError.ambiguous(
        kind: kind, text: text, candidates: found.map { names($0).identifier })
    }
    return first
  }
}

extension Run {
  init(_ row: Row, resumptions rows: [Row]) throws {
    guard let purpose = Purpose(rawValue: row["purpose"]),
      let status = RunStatus(state: row["state"], reason: row["reason"])
    else {
      let found = "purpose '\(row["purpose"] as String)', state '\(row["state"] as String)'"
      throw StoreError.corrupt(path: "run \(row["id"] as String)", reason: "unknown \(found)")
    }
    self.init(
      id: try StoreIdentifier(row["id"]), name: row["name"], recipe: row["recipe"],
      preset: row["preset"], arm: row["arm"], seed: row["seed"],
      group: try (row["comparison"] as String?).map { try StoreIdentifier($0) }, purpose: purpose,
      configuration: row["configuration"],
      provenance: try JSONText.decode(Provenance.self, from: row["provenance"] as String),
      manifest: try (row["manifest"] as String?).map {
        try JSONText.decode(ProtocolManifest.self, from: $0)
      },
      parent: try (row["parent"] as String?).map { try StoreIdentifier($0) },
      parentUpdates: row["parent_updates"])
    self.resumptions = try rows.map { row in
      Resumption(
        updates: row["updates"],
        provenance: try JSONText.decode(Provenance.self, from: row["provenance"] as String))
    }
    self.status = status
    self.ended = try (row["ended"] as String?).map { try Date(storeText: $0) }
    self.wallSeconds = row["wall_seconds"]
    self.peakMemoryBytes = row["peak_memory_bytes"]
  }
}
