import Foundation
import GRDB

extension Store {
  /// Opens, and brings the tables up to date, while holding the folder's lock: turning the
  /// write-ahead log on and migrating are not safe against another process doing the same.
  static func openForWriting(
    _ folder: URL, _ file: URL, _ busyTimeout: Double, _ locking: FileLocking,
    _ remarks: inout [String]
  ) throws -> any DatabaseWriter {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError.notWritable(path: folder.path, reason: "the folder cannot be made")
    }
    guard Foundation.access(folder.path, W_OK | X_OK) == 0 else {
      throw StoreError.notWritable(path: folder.path, reason: "the folder is read-only")
    }
    let lock = try FolderLock(folder, busyTimeout, locking)
    defer { lock.release() }
    if lock.isMark {
      remarks.append(
        "the file system of \(folder.path) has no locks: process numbers decide whether a run is under way, "
          + "so do not resume a run here that another machine trains")
      if !locking.hasRecordLocks(in: folder) { return try openUnlocked(file, busyTimeout) }
    }
    // Before anything is written: opening a pool writes to the file by itself.
    if FileManager.default.fileExists(atPath: file.path) {
      var reading = configuration(busyTimeout)
      reading.readonly = true
      do {
        try refuseNewer(DatabaseQueue(path: file.path, configuration: reading), path: file.path)
      } catch is DatabaseError {
        // Such as the journal of a process that was killed while it made the store: only a writer can
        // roll it back. What is wrong beyond that the pool finds as well.
      }
    }
    if locking.isShared(folder) { return try openWithoutLog(file, busyTimeout) }
    let pool = try DatabasePool(path: file.path, configuration: configuration(busyTimeout))
    try refuseNewer(pool, path: file.path)
    try Schema.migrator.migrate(pool)
    // A transaction is on the disk when it returns, so that a checkpoint written after it never
    // outlives the measurements that led to it.
    try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return pool
  }

  /// Opens where several machines may have the store open: the index of a write-ahead log lies in the memory of one.
  ///
  /// - Throws: `DatabaseError` where a process still has the log open.
  private static func openWithoutLog(
    _ file: URL, _ busyTimeout: Double
  ) throws -> any DatabaseWriter {
    let queue = try DatabaseQueue(path: file.path, configuration: configuration(busyTimeout))
    try refuseNewer(queue, path: file.path)
    try queue.writeWithoutTransaction { database in
      let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
      guard mode == "delete" else {
        throw DatabaseError(
          resultCode: .SQLITE_BUSY, message: "another process has its write-ahead log open")
      }
    }
    try Schema.migrator.migrate(queue)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return queue
  }

  /// Opens where SQLite cannot lock files either: it marks its turns by files, and keeps no write-ahead log, whose
  /// index is a lock.
  private static func openUnlocked(
    _ file: URL, _ busyTimeout: Double
  ) throws -> any DatabaseWriter {
    let queue = try DatabaseQueue(
      path: unlockedPath(file), configuration: configuration(busyTimeout))
    try refuseNewer(queue, path: file.path)
    try Schema.migrator.migrate(queue)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return queue
  }

  /// The file's name for an SQLite that marks its turns by files.
  ///
  /// - Throws: ``StoreError/notWritable(path:reason:)`` for an SQLite that takes no such names.
  private static func unlockedPath(_ file: URL) throws -> String {
    let options = try DatabaseQueue().read {
      try String.fetchAll($0, sql: "PRAGMA compile_options")
    }
    guard options.contains("USE_URI") || options.contains("USE_URI=1") else {
      throw StoreError.notWritable(
        path: file.path,
        reason:
          "the file system has no locks, and this system's SQLite needs them; set NAP_RUNS to another file system"
      )
    }
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: "?#%")
    let path = file.path.addingPercentEncoding(withAllowedCharacters: allowed) ?? file.path
    return "file:\(path)?vfs=unix-dotfile"
  }

  static func openForReading(
    _ folder: URL, _ file: URL, _ busyTimeout: Double, _ locking: FileLocking
  ) throws -> any DatabaseWriter {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw StoreError.missing(path: file.path)
    }
    var configuration = configuration(busyTimeout)
    configuration.readonly = true
    var queue: DatabaseQueue
    do {
      if Foundation.access(folder.path, W_OK) != 0 {
        queue = try openCopy(file, busyTimeout: busyTimeout)
      } else {
        let path = try locking.hasRecordLocks(in: folder) ? file.path : unlockedPath(file)
        queue = try DatabaseQueue(path: path, configuration: configuration)
      }
      _ = try queue.read { try $0.tableExists("grdb_migrations") }
    } catch let error as DatabaseError
      where [.SQLITE_IOERR, .SQLITE_FULL].contains(error.resultCode)
    {
      // A full disk has no room for the index of the write-ahead log.
      queue = try openCopy(file, busyTimeout: busyTimeout)
    }
    try refuseNewer(queue, path: file.path)
    if try queue.read(Schema.migrator.hasCompletedMigrations) { return queue }
    let isStore = try queue.read { database in
      try database.tableExists("grdb_migrations")
        && !Schema.migrator.appliedIdentifiers(database).isEmpty
    }
    guard isStore else {
      throw StoreError.corrupt(path: file.path, reason: "its tables are missing")
    }
    // An older store is read as it is: a copy in memory is brought up to date, the file is left alone.
    let copy = try openCopy(file, busyTimeout: busyTimeout)
    try Schema.migrator.migrate(copy)
    return copy
  }

  /// Reads a store into memory by way of a private copy of its files: a write-ahead log cannot be
  /// read where its index cannot be written beside it.
  static func openCopy(_ file: URL, busyTimeout: Double) throws -> DatabaseQueue {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-store-\(UUID().uuidString)", isDirectory: true)
    let copy = folder.appendingPathComponent(fileName).path
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for ending in ["", "-wal"] where FileManager.default.fileExists(atPath: file.path + ending) {
        try FileManager.default.copyItem(atPath: file.path + ending, toPath: copy + ending)
        chmod(copy + ending, 0o600)
      }
    } catch {
      throw StoreError.notWritable(path: folder.path, reason: "the store cannot be copied here")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = try DatabaseQueue(path: copy, configuration: configuration(busyTimeout))
    let memory = try DatabaseQueue(configuration: configuration(busyTimeout))
    try source.backup(to: memory)
    return memory
  }

  static func configuration(
    _ busyTimeout: Double, label: String = "nap.store"
  ) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeout)
    configuration.label = label
    return configuration
  }

  static func refuseNewer(
    _ reader: any DatabaseReader, _ migrator: DatabaseMigrator = Schema.migrator, path: String
  ) throws {
    let unknown = try reader.read { database -> [String] in
      guard try database.tableExists("grdb_migrations") else { return [] }
      return try migrator.appliedIdentifiers(database).subtracting(migrator.migrations).sorted()
    }
    guard unknown.isEmpty else {
      throw StoreError.newerSchema(path: path, unknownMigrations: unknown)
    }
  }
}

/// An advisory lock on a folder, held by one process (or one opening of it) at a time; where there are no locks, a
/// mark.
struct FolderLock {
  private let descriptor: Int32
  private let mark: FolderMark?

  /// Whether the file system has no locks.
  var isMark: Bool { mark != nil }

  /// Waits for the lock up to `timeout` seconds.
  init(_ folder: URL, _ timeout: Double, _ locking: FileLocking) throws {
    let descriptor = Foundation.open(folder.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw StoreError.notWritable(path: folder.path, reason: String(cString: strerror(errno)))
    }
    // Not the wall clock, which may jump while this waits.
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      let reason = locking.lock(descriptor, LOCK_EX | LOCK_NB)
      if reason == 0 { break }
      if FileLocking.meansNone(reason) {
        close(descriptor)
        self.descriptor = -1
        mark = try FolderMark(folder, timeout)
        return
      }
      guard reason == EWOULDBLOCK || reason == EINTR, ContinuousClock.now < deadline else {
        close(descriptor)
        throw reason == EWOULDBLOCK
          ? StoreError.locked(path: folder.path, waitedSeconds: timeout)
          : StoreError.notWritable(path: folder.path, reason: String(cString: strerror(reason)))
      }
      usleep(10_000)
    }
    self.descriptor = descriptor
    mark = nil
  }

  /// Lets the next one in.
  func release() {
    mark?.release()
    if descriptor >= 0 { close(descriptor) }
  }
}

extension StoreError {
  /// SQLite's error as one of the store's own.
  init(_ error: DatabaseError, path: String, waitedSeconds: Double) {
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .locked(path: path, waitedSeconds: waitedSeconds)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
      self = .notWritable(path: path, reason: error.message ?? "it cannot be opened")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .corrupt(path: path, reason: error.message ?? "it is no SQLite database")
    default:
      self = .database(path: path, reason: error.message ?? error.description)
    }
  }
}
