package import Foundation
import GRDB

/// Runs of a plan's entries that travel between stores, each in a store of its own.
extension Store {
  /// Writes a store that holds one run with its folder.
  ///
  /// - Throws: ``StoreError``.
  package func copy(_ run: StoreIdentifier, to folder: URL) throws {
    try Store.open(at: folder).take(self.run(run), from: self)
  }

  /// Takes in the only run of another store as that of an entry. It takes the place of what the entry had before,
  /// unless that has settled.
  ///
  /// - Returns: the run.
  /// - Throws: ``StoreError/unreadableArchive(path:reason:)`` for a run that is not the entry's.
  @discardableResult
  package func receive(
    _ other: Store, asEntry position: Int, of plan: StoreIdentifier
  ) throws -> Run {
    func refusal(_ reason: String) -> StoreError {
      .unreadableArchive(path: other.folder.lastPathComponent, reason: reason)
    }
    let (found, planned) = (try other.runs(), try comparison(plan))
    guard found.count == 1, var run = found.first else {
      throw refusal("it holds \(found.count) runs, expected one")
    }
    guard planned.entries.indices.contains(position) else {
      throw refusal("plan \(plan) has no entry \(position)")
    }
    let entry = planned.entries[position]
    guard run.recipe == planned.recipe, run.arm == entry.arm, run.seed == entry.seed,
      run.group == plan
    else {
      throw refusal(
        "its run is \(run.recipe) \(run.arm) seed \(run.seed), expected \(planned.recipe) \(entry.arm) seed "
          + "\(entry.seed) of plan \(plan)")
    }
    if let own = entry.run, entry.state == .settled { return try self.run(own) }
    if run.status == .running { run.status = .interrupted }
    try take(run, from: other, replacing: true) { database in
      try database.execute(
        sql: "UPDATE comparison_entry SET run = ? WHERE comparison = ? AND position = ?",
        arguments: [run.id.text, plan.text, position])
    }
    return run
  }
}
