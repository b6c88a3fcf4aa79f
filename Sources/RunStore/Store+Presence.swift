import Foundation
import GRDB

/// Which file lies under a name.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  /// `nil` where there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
  }
}

extension Store {
  /// The files that the database consists of while it is in use.
  struct Files: Sendable {
    let database: FileIdentity?
    let log: FileIdentity?

    init(_ file: URL) {
      database = FileIdentity(file.path)
      log = FileIdentity(file.path + "-wal")
    }
  }

  /// The name of what ``requirePresence()`` could still save.
  public static let rescuedFileName = "store.rescued.sqlite"

  /// Refuses to record in a database whose files are no longer those under their names: what is written to them goes
  /// with this process. What they hold is copied to ``rescuedFileName`` where that can be done.
  ///
  /// Every writing call asks this; whoever records seldom may ask in between. Cost: two questions to the file system.
  ///
  /// - Throws: ``StoreError/vanished(path:rescued:)``.
  public func requirePresence() throws {
    guard access == .readAndWrite, let files else { return }
    let file = folder.appendingPathComponent(Store.fileName)
    let now = Files(file)
    // The log appears with the first connection and stays as long as there is one.
    let isThere = now.database == files.database && (files.log == nil || now.log == files.log)
    guard !isThere else { return }
    throw StoreError.vanished(path: file.path, rescued: rescue())
  }

  /// The copy's path; `nil` where none could be made.
  private func rescue() -> String? {
    let copy = folder.appendingPathComponent(Store.rescuedFileName)
    do {
      if FileManager.default.fileExists(atPath: copy.path) {
        try FileManager.default.removeItem(at: copy)
      }
      try database.backup(to: DatabaseQueue(path: copy.path))
      return copy.path
    } catch {
      try? FileManager.default.removeItem(at: copy)
      return nil
    }
  }

  /// How many values a run has recorded up to an update count.
  public func pointCount(of run: StoreIdentifier, upTo updates: Int = .max) throws -> Int {
    try read { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT COUNT(*) FROM series JOIN point ON point.series = series.id
          WHERE run = ? AND updates <= ?
          """, arguments: [run.text, updates]) ?? 0
    }
  }
}
