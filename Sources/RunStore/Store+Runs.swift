import Foundation
import GRDB
import Texts

extension Store {
  /// Records a run that starts now, and makes its folder.
  ///
  /// Throws ``StoreError/exists(identifier:path:)`` when the identifier is taken and
  /// ``StoreError/invalidJSON(what:reason:)`` when the configuration is not JSON.
  public func create(_ run: Run) throws {
    try insert(run, points: [])
  }

  /// Records a run that begins at a checkpoint of ``Run/parent``, with the parent's points up to
  /// ``Run/parentUpdates``, in one transaction.
  ///
  /// Throws as ``create(_:)``.
  public func fork(_ run: Run) throws {
    try insert(run, points: []) { database in
      let arguments: StatementArguments = [run.id.text, run.parent?.text, run.parentUpdates]
      try database.execute(
        sql: """
          INSERT INTO series (run, metric, scope)
          SELECT ?, metric, scope FROM series WHERE run = ? AND EXISTS
            (SELECT 1 FROM point WHERE point.series = series.id AND updates <= ?)
          """, arguments: arguments)
      try database.execute(
        sql: """
          INSERT INTO point (series, updates, task, value, state, reason)
          SELECT new.id, updates, task, value, state, reason FROM point
          JOIN series AS old ON old.id = point.series
          JOIN series AS new ON new.run = ? AND new.metric = old.metric AND new.scope = old.scope
          WHERE old.run = ? AND updates <= ?
          """, arguments: arguments)
    }
  }

  /// The run of an identifier; throws ``StoreError/notFound(kind:text:path:)``.
  public func run(_ identifier: StoreIdentifier) throws -> Run {
    asItIs(try read { try fetchRun($0, identifier) })
  }

  private func fetchRun(_ database: Database, _ identifier: StoreIdentifier) throws -> Run {
    let found = try Store.fetchRuns(database, where: "id = ?", [identifier.text]).first
    guard let found else { throw notFound("run", identifier.text) }
    return found
  }

  private func mustBeStopped(_ run: Run) -> StoreError {
    .wrongState(
      identifier: run.id.text, found: "running", expected: "stopped",
      suggestion: "Stop process \(run.processIdentifier) on \(run.hostName) first.")
  }

  /// Whether a run that is recorded as running was interrupted, because its process is gone.
  func asItIs(_ run: Run) -> Run {
    guard run.status == .running, isAbandoned(run) else { return run }
    var found = run
    found.status = .interrupted
    return found
  }

  /// Whether the process of a running run, on this machine, is gone. The run's lock decides where it was ever claimed;
  /// elsewhere the process's number.
  private func isAbandoned(_ run: Run) -> Bool {
    guard run.hostName == ProcessInfo.processInfo.hostName else { return false }
    return switch RunLock.holder(of: folder(of: run.id), locking) {
    case .alive: false
    case .gone: true
    case .unknown: !isAlive(process: run.processIdentifier)
    }
  }

  /// The run of a text: an identifier, the unambiguous beginning or end of one, or the name of one run.
  ///
  /// Throws ``StoreError/notFound(kind:text:path:)`` or
  /// ``StoreError/ambiguous(kind:text:candidates:)``.
  public func findRun(_ text: String) throws -> Run {
    try pick("run", text, from: runs()) { ($0.id.text, $0.name) }
  }

  /// Runs, oldest first: those of what is given.
  ///
  /// - Parameter group: the comparison or sweep.
  public func runs(
    recipe: String? = nil, preset: String? = nil, arm: String? = nil,
    group: StoreIdentifier? = nil, purpose: Run.Purpose? = nil
  ) throws -> [Run] {
    let conditions = [
      ("recipe", recipe), ("preset", preset), ("arm", arm),
      ("comparison", group?.text), ("purpose", purpose?.rawValue),
    ].compactMap { column, value in value.map { (column, $0) } }
    return try read { database in
      try Store.fetchRuns(
        database,
        where: conditions.isEmpty
          ? "TRUE" : conditions.map { "\($0.0) = ?" }.joined(separator: " AND "),
        conditions.map(\.1))
    }.map(asItIs)
  }

  /// Records how a session of a running run ended.
  ///
  /// - Parameters:
  ///   - wallSeconds: of this session; added to those of earlier ones.
  ///   - peakMemoryBytes: of this session; the largest is kept.
  /// - Throws: ``StoreError/wrongState(identifier:found:expected:suggestion:)`` when the run is not
  ///   running, so that an outcome is never overwritten.
  public func end(
    _ identifier: StoreIdentifier, as status: RunStatus, wallSeconds: Double,
    peakMemoryBytes: Int = ProcessUsage.peakMemoryBytes
  ) throws {
    try write { database in
      try database.execute(
        sql: """
          UPDATE run SET state = ?, reason = ?, ended = ?, wall_seconds = wall_seconds + ?,
            peak_memory_bytes = max(peak_memory_bytes, ?)
          WHERE id = ? AND state = ?
          """,
        arguments: [
          status.state, status.reason, Date().storeText, wallSeconds, peakMemoryBytes,
          identifier.text, RunStatus.running.state,
        ])
      guard database.changesCount == 1 else {
        let found = try fetchRun(database, identifier)
        throw StoreError.wrongState(
          identifier: identifier.text, found: found.status.state, expected: "running",
          suggestion: "Resume it with `\(command("train --resume \(identifier)"))`.")
      }
    }
  }

  /// Resumes a stopped run from its checkpoint after `updates` updates: in one transaction, removes every later
  /// measurement, marks the run as running, and records the resumption.
  ///
  /// Measurements at exactly `updates` stay; recording them again replaces them.
  ///
  /// - Parameters:
  ///   - updates: of the checkpoint.
  ///   - provenance: of the process that continues.
  ///   - configuration: from here on, for a run that is extended; `nil` for the one that it has.
  ///   - lock: this process's lock. With it a run can be resumed that is recorded as running by a process that locked
  ///     it and is gone, whatever uses its process identifier now.
  /// - Returns: how many measurements were removed.
  /// - Throws: ``StoreError/wrongState(identifier:found:expected:suggestion:)`` when the run is
  ///   running: see ``markAbandonedRunsInterrupted()`` for one whose process is gone.
  @discardableResult
  public func resume(
    _ identifier: StoreIdentifier, fromUpdates updates: Int, provenance: Provenance,
    configuration: String? = nil, holding lock: RunLock? = nil
  ) throws -> Int {
    if let configuration {
      try JSONText.validate(configuration, what: "the configuration of run \(identifier)")
    }
    let provenanceText = try JSONText.encode(provenance)
    return try write { database in
      let run = try fetchRun(database, identifier)
      guard run.status != .running || lock?.followsAnother == true else { throw mustBeStopped(run) }
      let removed = try Store.removePoints(database, of: identifier, after: updates)
      try database.execute(
        sql: """
          UPDATE run SET state = ?, reason = NULL, ended = NULL,
            configuration = COALESCE(?, configuration) WHERE id = ?
          """,
        arguments: [RunStatus.running.state, configuration, identifier.text])
      try database.execute(
        sql: "INSERT INTO resumption (run, position, updates, provenance) VALUES (?, ?, ?, ?)",
        arguments: [identifier.text, run.resumptions.count, updates, provenanceText])
      return removed
    }
  }

  /// Marks as interrupted each running run whose process, on this machine, is gone.
  ///
  /// The run's lock decides where it was ever claimed (``lock(_:)``); elsewhere a process identifier
  /// that the system gave to another program since hides such a run until that program ends. Runs
  /// of other machines are left alone.
  ///
  /// - Returns: the runs that were marked.
  @discardableResult
  public func markAbandonedRunsInterrupted() throws -> [StoreIdentifier] {
    try write { database in
      let abandoned = try Store.fetchRuns(database, where: "state = ?", [RunStatus.running.state])
        .filter(isAbandoned)
      for run in abandoned {
        try database.execute(
          sql: "UPDATE run SET state = ?, ended = ? WHERE id = ?",
          arguments: [RunStatus.interrupted.state, Date().storeText, run.id.text])
      }
      return abandoned.map(\.id)
    }
  }

  /// Gives a run another name.
  public func rename(_ identifier: StoreIdentifier, to name: String) throws {
    try write { database in
      try database.execute(
        sql: "UPDATE run SET name = ? WHERE id = ?", arguments: [name, identifier.text])
      guard database.changesCount == 1 else { throw notFound("run", identifier.text) }
    }
  }

  /// Removes a run, its series and its folder. Comparisons that planned it plan it again.
  ///
  /// Throws ``StoreError/wrongState(identifier:found:expected:suggestion:)`` when it is running.
  public func remove(_ identifier: StoreIdentifier) throws {
    try write { database in
      let run = asItIs(try fetchRun(database, identifier))
      guard run.status != .running else { throw mustBeStopped(run) }
      try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [identifier.text])
    }
    let folder = folder(of: identifier)
    guard FileManager.default.fileExists(atPath: folder.path) else { return }
    do {
      try FileManager.default.removeItem(at: folder)
    } catch {
      throw StoreError.notWritable(
        path: folder.path, reason: "the run is removed from the store but its folder is not")
    }
  }
}

extension Run {
  /// The process that runs, or last ran, the run.
  var processIdentifier: Int { latestProvenance.processIdentifier }
  /// The machine of that process.
  var hostName: String { latestProvenance.host.name }
  /// The provenance of the latest session.
  public var latestProvenance: Provenance { resumptions.last?.provenance ?? provenance }
}

/// Whether a process of this machine exists, somebody else's included.
private func isAlive(process identifier: Int) -> Bool {
  guard let identifier = Int32(exactly: identifier), identifier > 0 else { return false }
  return kill(identifier, 0) == 0 || errno == EPERM
}
