package import Foundation
import GRDB
import Texts

/// Plans whose entries wait to be trained by workers, in a database of its own beside the ``Store``.
///
/// An entry waits, is trained under a lease, and is done, has failed or was canceled. A lease ends by a report of its
/// worker, or by the time in which the worker gave no sign of life. Times are those of the machine's clock, so
/// machines that share a folder need clocks that agree to within a few seconds. The value may be shared between
/// threads. Each call is one short transaction that is on the disk when it returns.
package struct PlanQueue: Sendable {
  /// The file's name in the folder of runs.
  package static let fileName = "plans.sqlite"

  /// Whether a folder of runs has a queue.
  package static func exists(in folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(fileName).path)
  }

  /// What an entry is doing.
  package enum State: String, Codable, Sendable {
    case waiting, running, done, failed, canceled
  }

  /// One plan.
  package struct Plan: Codable, Hashable, Sendable {
    /// The plan's identifier in the ``Store``.
    package var id: StoreIdentifier
    /// The command whose plan it is: `compare` or `sweep` with its options.
    package var command: [String]
    /// The seeds of the plan, which may be fewer than the command's.
    package var seeds: [Int]
    /// The report's absolute path, if the command names one.
    package var report: String?
    /// The versions of nap and libtorch that made the plan.
    package var program: String
    /// How often an entry is begun at most.
    package var attempts: Int
    /// What was left out, a sentence; `nil` if nothing was.
    package var leftOut: String?

    /// A plan; see the properties.
    package init(
      id: StoreIdentifier, command: [String], seeds: [Int], report: String?, program: String,
      attempts: Int, leftOut: String?
    ) {
      self.id = id
      self.command = command
      self.seeds = seeds
      self.report = report
      self.program = program
      self.attempts = attempts
      self.leftOut = leftOut
    }
  }

  /// One entry of a plan.
  package struct Entry: Codable, Hashable, Sendable {
    /// What it is doing.
    package var state: State
    /// Forecast hours of the whole run.
    package var hours: Double
    /// How often it was begun.
    package var attempts: Int
    /// The share of the run that is done.
    package var share: Double
    /// Who trains it, or did last.
    package var worker: String?
    /// When its lease ends, in seconds since 1970.
    package var until: Double?
    /// Why it failed last.
    package var message: String?
  }

  let database: DatabaseQueue
  let path: String
  let busyTimeout: Double
  /// Seconds since 1970.
  let clock: @Sendable () -> Double

  /// Opens the queue of a folder of runs, and makes it where it is missing.
  ///
  /// Several machines may share it where the file system has locks. It has no write-ahead log, whose index machines
  /// cannot share.
  ///
  /// - Throws: ``StoreError``, also where the file system has no locks.
  package static func open(in folder: URL, busyTimeout: Double = 30) throws -> PlanQueue {
    try open(in: folder, busyTimeout: busyTimeout, locking: .system)
  }

  static func open(
    in folder: URL, busyTimeout: Double = 30, locking: FileLocking,
    clock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) throws -> PlanQueue {
    let path = folder.appendingPathComponent(fileName).path
    guard locking.hasRecordLocks(in: folder) else {
      throw StoreError.notWritable(
        path: folder.path,
        reason:
          "its file system has no locks, so that two workers could take one run; keep the runs on another file "
          + "system, and let workers ask `nap plan serve`")
    }
    do {
      let database = try DatabaseQueue(
        path: path, configuration: Store.configuration(busyTimeout, label: "nap.plans"))
      try Store.refuseNewer(database, migrator, path: path)
      if try !database.read(migrator.hasCompletedMigrations) {
        // Two processes must not make the tables at once.
        let lock = try FolderLock(folder, busyTimeout, locking)
        defer { lock.release() }
        try migrator.migrate(database)
      }
      try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      return PlanQueue(database: database, path: path, busyTimeout: busyTimeout, clock: clock)
    } catch let error as DatabaseError {
      throw StoreError(error, path: path, waitedSeconds: busyTimeout)
    }
  }

  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 plans and entries") { database in
      try database.execute(
        sql: """
          CREATE TABLE plan (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            program TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            record TEXT NOT NULL,
            is_canceled INTEGER NOT NULL DEFAULT 0,
            is_told INTEGER NOT NULL DEFAULT 0
          ) STRICT;
          CREATE TABLE entry (
            plan TEXT NOT NULL REFERENCES plan(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            state TEXT NOT NULL,
            hours REAL NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            share REAL NOT NULL DEFAULT 0,
            worker TEXT,
            token TEXT,
            lease REAL,
            until REAL,
            message TEXT,
            PRIMARY KEY (plan, position)
          ) STRICT, WITHOUT ROWID;
          """)
    }
    return migrator
  }

  /// Adds a plan; an entry that is settled already is done. A plan that is here already goes on: what failed or was
  /// canceled waits again.
  ///
  /// - Parameter hours: forecast hours of each entry.
  package func add(_ plan: Plan, entries: [PlanEntry], hours: [Double]) throws {
    let record = try JSONText.encode(plan)
    try write { database in
      try database.execute(
        sql: """
          INSERT INTO plan (id, program, attempts, record) VALUES (?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET program = excluded.program, attempts = excluded.attempts,
            record = excluded.record, is_canceled = 0, is_told = 0
          """, arguments: [plan.id.text, plan.program, plan.attempts, record])
      for (position, entry) in entries.enumerated() {
        let state: State = entry.state == .settled ? .done : .waiting
        try database.execute(
          sql: """
            INSERT INTO entry (plan, position, state, hours) VALUES (?, ?, ?, ?)
            ON CONFLICT (plan, position) DO UPDATE
              SET state = excluded.state, hours = excluded.hours, attempts = 0, message = NULL
              WHERE state <> 'running'
            """,
          arguments: [plan.id.text, position, state.rawValue, hours[position]])
      }
    }
  }

  /// Cancels a plan: nothing of it is begun any more, and workers that train an entry of it save and stop at their
  /// next sign of life. What was trained stays.
  package func cancel(_ plan: StoreIdentifier) throws {
    try write { database in
      try database.execute(
        sql: "UPDATE plan SET is_canceled = 1 WHERE id = ?", arguments: [plan.text])
      try database.execute(
        sql: "UPDATE entry SET state = 'canceled' WHERE plan = ? AND state = 'waiting'",
        arguments: [plan.text])
    }
  }

  /// Plans, oldest first.
  package func plans() throws -> [Plan] {
    try read { database in
      try String.fetchAll(database, sql: "SELECT record FROM plan ORDER BY number")
        .map { try JSONText.decode(Plan.self, from: $0) }
    }
  }

  /// The entries of a plan, in order.
  package func entries(of plan: StoreIdentifier) throws -> [Entry] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM entry WHERE plan = ? ORDER BY position",
        arguments: [plan.text]
      ).map { row in
        guard let state = State(rawValue: row["state"]) else {
          throw StoreError.corrupt(
            path: path, reason: "an entry of plan \(plan) is '\(row["state"] as String)'")
        }
        return Entry(
          state: state, hours: row["hours"], attempts: row["attempts"], share: row["share"],
          worker: row["worker"], until: row["until"], message: row["message"])
      }
    }
  }

  /// Whether the results of a plan, all of whose entries are over, are to be told by whoever asks: the first is
  /// answered yes.
  package func takesResults(of plan: StoreIdentifier) throws -> Bool {
    try write { database in
      try database.execute(
        sql: """
          UPDATE plan SET is_told = 1 WHERE id = ? AND is_told = 0 AND is_canceled = 0 AND NOT EXISTS
            (SELECT 1 FROM entry WHERE plan = plan.id AND state IN ('waiting', 'running'))
          """, arguments: [plan.text])
      return database.changesCount == 1
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try naming { try database.read(body) }
  }

  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try naming { try database.write(body) }
  }

  private func naming<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw StoreError(error, path: path, waitedSeconds: busyTimeout)
    } catch let error as DecodingError {
      throw StoreError.corrupt(
        path: path, reason: Excerpt.of("a record cannot be read, " + error.sentence, atMost: 300))
    }
  }
}
