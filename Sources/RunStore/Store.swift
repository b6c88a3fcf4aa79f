public import Foundation
import GRDB
import Texts

/// The store of runs: one SQLite database, and a folder per run for its checkpoints.
///
/// Several processes may use one store at once: readers never wait (write-ahead log), writers wait
/// for one another up to a timeout, and each writing call is one short transaction that is on the
/// disk when the call returns. The value may be shared between threads.
///
/// Layout of the folder: `store.sqlite` (with `-wal` and `-shm` beside it while in use) and
/// `<run>/` for each run.
public struct Store: Sendable {
  /// What the store is opened for.
  public enum Access: Hashable, Sendable {
    /// Creates the folder and the tables where they are missing.
    case readAndWrite
    /// Changes nothing. In a folder that cannot be written, or on a full disk, a private copy is read.
    case readOnly
  }

  /// The folder that holds the database and the runs' folders.
  public let folder: URL
  let access: Access
  let database: any DatabaseWriter
  let busyTimeout: Double
  /// What the database's files were when it was opened for writing.
  let files: Files?
  let locking: FileLocking
  /// What a person should know of where the store lies, a sentence each.
  public let remarks: [String]

  /// The file's name inside ``folder``.
  public static let fileName = "store.sqlite"

  /// `$NAP_RUNS`, else `runs` in the current folder.
  public static func defaultFolder(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    if let path = environment["NAP_RUNS"], !path.isEmpty {
      return URL(fileURLWithPath: path, isDirectory: true)
    }
    return URL(fileURLWithPath: "runs", isDirectory: true)
  }

  /// Opens the store in a folder.
  ///
  /// - Parameters:
  ///   - busyTimeout: seconds to wait for another process's transaction before giving up.
  /// - Throws: ``StoreError/notWritable(path:reason:)``, ``StoreError/missing(path:)`` (reading
  ///   only), ``StoreError/newerSchema(path:unknownMigrations:)``,
  ///   ``StoreError/locked(path:waitedSeconds:)`` or ``StoreError/corrupt(path:reason:)``.
  public static func open(
    at folder: URL = Store.defaultFolder(), for access: Access = .readAndWrite,
    busyTimeout: Double = 30
  ) throws -> Store {
    try open(at: folder, for: access, busyTimeout: busyTimeout, locking: .system)
  }

  /// The same with other locks than the system's, for tests.
  static func open(
    at folder: URL, for access: Access = .readAndWrite, busyTimeout: Double = 30,
    locking: FileLocking
  ) throws -> Store {
    let file = folder.appendingPathComponent(fileName)
    // Waiting for a pipe of this name would never end.
    var status = stat()
    guard stat(file.path, &status) != 0 || (status.st_mode & S_IFMT) == S_IFREG else {
      throw StoreError.corrupt(path: file.path, reason: "it is no file")
    }
    do {
      var remarks: [String] = []
      let database =
        switch access {
        case .readAndWrite: try openForWriting(folder, file, busyTimeout, locking, &remarks)
        case .readOnly: try openForReading(folder, file, busyTimeout, locking)
        }
      return Store(
        folder: folder, access: access, database: database, busyTimeout: busyTimeout,
        files: access == .readAndWrite ? Files(file) : nil,
        locking: locking, remarks: remarks)
    } catch let error as DatabaseError {
      throw StoreError(error, path: file.path, waitedSeconds: busyTimeout)
    }
  }

  /// The folder of a run, made by `create(_:)`.
  public func folder(of run: StoreIdentifier) -> URL {
    folder.appendingPathComponent(run.text, isDirectory: true)
  }

  /// Reads in one consistent snapshot, with SQLite's errors as ``StoreError``.
  func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try database.read(body)
    } catch let error as DatabaseError {
      throw storeError(error)
    } catch let error as DecodingError {
      throw damaged(error)
    }
  }

  /// Writes in one transaction, all or nothing, with SQLite's errors as ``StoreError``.
  @discardableResult
  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    guard access == .readAndWrite else {
      throw StoreError.notWritable(path: folder.path, reason: "it was opened for reading alone")
    }
    try requirePresence()
    do {
      return try database.write(body)
    } catch let error as DatabaseError {
      throw storeError(error)
    } catch let error as DecodingError {
      throw damaged(error)
    }
  }

  /// A record in the database that this program cannot have written.
  private func damaged(_ error: DecodingError) -> StoreError {
    .corrupt(
      path: folder.appendingPathComponent(Store.fileName).path,
      reason: Excerpt.of("a record cannot be read, " + error.sentence, atMost: 300))
  }

  private func storeError(_ error: DatabaseError) -> StoreError {
    StoreError(
      error, path: folder.appendingPathComponent(Store.fileName).path, waitedSeconds: busyTimeout)
  }
}
