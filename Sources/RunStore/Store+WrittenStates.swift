import GRDB

extension Store {
  /// Notes the sum of a state that a run writes into its checkpoint and that runs code when it is read, before the
  /// checkpoint is written: later the run's own states are told from somebody else's by it.
  ///
  /// - Parameter sum: SHA-256 of the state's bytes, as hexadecimal digits.
  /// - Throws: ``StoreError/notFound(kind:text:path:)`` when there is no such run.
  public func noteWrittenState(_ sum: String, by run: StoreIdentifier) throws {
    try write { database in
      let known = try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)", arguments: [run.text])
      guard known == true else { throw notFound("run", run.text) }
      try database.execute(
        sql: "INSERT OR IGNORE INTO written_state (run, sum) VALUES (?, ?)",
        arguments: [run.text, sum])
    }
  }

  /// Whether a run wrote a state of this sum.
  public func hasWrittenState(_ sum: String, by run: StoreIdentifier) throws -> Bool {
    try read { database in
      try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM written_state WHERE run = ? AND sum = ?)",
        arguments: [run.text, sum]) ?? false
    }
  }
}
