import GRDB

extension Store {
  /// Records the checksum of a state that runs code when it is read, before a run writes it into its checkpoint. The
  /// record tells the run's own states from others.
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

  /// Whether a run wrote a state with this checksum.
  public func hasWrittenState(_ sum: String, by run: StoreIdentifier) throws -> Bool {
    try read { database in
      try Bool.fetchOne(
        database, sql: "SELECT EXISTS (SELECT 1 FROM written_state WHERE run = ? AND sum = ?)",
        arguments: [run.text, sum]) ?? false
    }
  }
}
