import Foundation
import GRDB

/// What came of taking in another store.
public struct MergedRuns: Sendable {
  /// Runs that are here now.
  public internal(set) var taken: [StoreIdentifier] = []
  /// Runs that were here already.
  public internal(set) var present: [StoreIdentifier] = []
  /// Runs that were left, each with the reason as a clause.
  public internal(set) var refused: [(run: StoreIdentifier, reason: String)] = []
  /// Plans that are here now, with what their sweeps chose.
  public internal(set) var plans: [StoreIdentifier] = []
}

extension Store {
  /// Takes in the runs of another store, with their folders, and its plans.
  ///
  /// One run after another, each whole or not at all: its folder is copied under another name first. Nothing that is
  /// here is changed. A run that is here already is skipped; one of the same identifier that is another, or has
  /// other points or another status, is left and named, as is one that trains.
  ///
  /// - Parameter tell: called after each run that was taken in.
  /// - Throws: ``StoreError``, after which what was taken in stays, and the same call goes on.
  public func merge(_ other: Store, tell: (Run) -> Void = { _ in }) throws -> MergedRuns {
    var merged = MergedRuns()
    let own = Dictionary(uniqueKeysWithValues: try runs().map { ($0.id, $0) })
    for run in try other.runs() {
      if let mine = own[run.id] {
        if let difference = try difference(mine, run, other) {
          merged.refused.append((run.id, difference))
        } else {
          merged.present.append(run.id)
        }
      } else if run.status == .running {
        merged.refused.append((run.id, "it trains there now; merge again when it has stopped"))
      } else if FileManager.default.fileExists(atPath: folder(of: run.id).path) {
        merged.refused.append(
          (run.id, "\(folder(of: run.id).path) is here without its run; move it away"))
      } else {
        try take(run, from: other)
        merged.taken.append(run.id)
        tell(run)
      }
    }
    let (here, known) = (Set(try runs().map(\.id)), Set(try comparisons().map(\.id)))
    for plan in try other.comparisons() where !known.contains(plan.id) {
      let runs = plan.entries.enumerated().compactMap { position, entry in
        entry.run.flatMap { here.contains($0) ? (position, $0) : nil }
      }
      try create(plan, taking: Dictionary(uniqueKeysWithValues: runs))
      for setting in try other.tunedSettings(of: plan.id) { try record(setting) }
      merged.plans.append(plan.id)
    }
    return merged
  }

  /// Why a run of the same identifier is not the same; `nil` where it is.
  private func difference(_ mine: Run, _ theirs: Run, _ other: Store) throws -> String? {
    let isSame =
      mine.provenance == theirs.provenance && mine.recipe == theirs.recipe
      && mine.seed == theirs.seed
    guard isSame else { return "another run has this identifier here" }
    let (here, there) = (try pointCount(of: mine.id), try other.pointCount(of: theirs.id))
    guard
      here != there || mine.status != theirs.status || mine.configuration != theirs.configuration
    else { return nil }
    return
      "here it is \(mine.status.state) with \(here) values, there \(theirs.status.state) with \(there); "
      + "to take theirs, remove it here and merge again"
  }

  /// Takes in one run with its folder, whole or not at all.
  ///
  /// - Parameters:
  ///   - replacing: whether the run takes the place of one of the same identifier.
  ///   - also: done in the same transaction.
  func take(
    _ run: Run, from other: Store, replacing: Bool = false,
    also: (Database) throws -> Void = { _ in }
  ) throws {
    let files = FileManager.default
    let (source, place) = (other.folder(of: run.id), folder(of: run.id))
    let copy = folder.appendingPathComponent(".merging-\(run.id)", isDirectory: true)
    let former = folder.appendingPathComponent(".replaced-\(run.id)", isDirectory: true)
    try? files.removeItem(at: former)
    do {
      try? files.removeItem(at: copy)
      if files.fileExists(atPath: source.path) {
        try files.copyItem(at: source, to: copy)
      } else {
        try files.createDirectory(at: copy, withIntermediateDirectories: true)
      }
      if replacing, files.fileExists(atPath: place.path) {
        try files.moveItem(at: place, to: former)
      }
      try files.moveItem(at: copy, to: place)
    } catch {
      try? files.removeItem(at: copy)
      try? files.moveItem(at: former, to: place)
      throw StoreError.notWritable(
        path: place.path,
        reason: "the files of run \(run.id) cannot be copied here, \(error.localizedDescription)")
    }
    do {
      let sums = try other.read { database in
        try String.fetchAll(
          database, sql: "SELECT sum FROM written_state WHERE run = ?", arguments: [run.id.text])
      }
      try insert(run, points: other.values(of: run.id), replacing: replacing) { database in
        for sum in sums {
          try database.execute(
            sql: "INSERT INTO written_state (run, sum) VALUES (?, ?)",
            arguments: [run.id.text, sum])
        }
        try also(database)
      }
    } catch {
      try? files.removeItem(at: place)
      try? files.moveItem(at: former, to: place)
      throw error
    }
    try? files.removeItem(at: former)
  }
}
