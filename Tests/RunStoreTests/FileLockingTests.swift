import Foundation
import Testing

@testable import RunStore

/// A file system without locks, as some clusters have: every call for one answers that there are none.
@Suite struct FileLockingTests {
  static func none(_ code: Int32, records: Bool = false) -> FileLocking {
    FileLocking(lock: { _, _ in code }, recordLock: { _ in records ? 0 : code })
  }

  @Test(
    "The store works and says so, with SQLite's locks and without",
    arguments: [ENOSYS, ENOTSUP, ENOLCK])
  func works(code: Int32) throws {
    for records in [true, false] {
      try withTemporaryFolder { folder in
        let locking = Self.none(code, records: records)
        let store = try Store.open(at: folder, busyTimeout: 5, locking: locking)
        #expect(store.remarks.count == 1 && store.remarks[0].contains("has no locks"))
        let run = Run.fixture()
        let lock = try store.lock(run.id)
        try store.create(run)
        try store.append(taskValues(tasks: 3), to: run.id)
        // A second opening and a reader see the same, while the first is open.
        let second = try Store.open(at: folder, busyTimeout: 5, locking: locking)
        #expect(try second.runs().map(\.id) == [run.id])
        let reader = try Store.open(at: folder, for: .readOnly, busyTimeout: 5, locking: locking)
        #expect(try reader.values(of: run.id).count == 3)
        try second.append(taskValues(.parameterNorm, tasks: 2), to: run.id)
        #expect(try store.values(of: run.id).count == 5)
        // The process is this one, which lives.
        #expect(try store.runs().map(\.status) == [.running])
        try store.end(run.id, as: .interrupted, wallSeconds: 1)
        try store.resume(run.id, fromUpdates: 20, provenance: .fixture(), holding: lock)
        #expect(try store.run(run.id).resumptions.count == 1)
        // Nothing of the turns that were taken stays.
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.hasPrefix(".") || $0.hasSuffix(".lock") }, "\(left)")
      }
    }
  }

  @Test("The number of a run's process decides whether it is under way")
  func processes() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder, locking: Self.none(ENOSYS))
      let (mine, gone) = (Run.fixture(), Run.fixture(provenance: .fixture(process: 4_194_305)))
      for run in [mine, gone] { try store.create(run) }
      #expect(try store.run(mine.id).status == .running)
      #expect(try store.run(gone.id).status == .interrupted)
      #expect(try store.markAbandonedRunsInterrupted() == [gone.id])
    }
  }

  @Test("Two processes open such a store in turn; a mark of a process that is gone is taken over")
  func turns() throws {
    try withTemporaryFolder { folder in
      let locking = Self.none(ENOLCK)
      let lock = try FolderLock(folder, 1, locking)
      #expect(throws: StoreError.locked(path: folder.path, waitedSeconds: 0.05)) {
        try Store.open(at: folder, busyTimeout: 0.05, locking: locking)
      }
      lock.release()
      _ = try Store.open(at: folder, busyTimeout: 0.05, locking: locking)
      let mark = folder.appendingPathComponent(".opening")
      try Data("\(ProcessInfo.processInfo.hostName) 4194305\n".utf8).write(to: mark)
      _ = try Store.open(at: folder, busyTimeout: 0.05, locking: locking)
      // One of another machine counts for a minute.
      try Data("elsewhere 1\n".utf8).write(to: mark)
      #expect(throws: StoreError.self) {
        try Store.open(at: folder, busyTimeout: 0.05, locking: locking)
      }
      try FileManager.default.setAttributes(
        [.modificationDate: Date().addingTimeInterval(-120)], ofItemAtPath: mark.path)
      _ = try Store.open(at: folder, busyTimeout: 0.05, locking: locking)
    }
  }

  @Test("Another trouble with a lock is told as it is")
  func others() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: StoreError.self) {
        try Store.open(at: folder, busyTimeout: 0.05, locking: Self.none(EIO))
      }
      if case .notWritable? = error { return }
      Issue.record("\(String(describing: error))")
    }
  }

  @Test("The system's own locks are there where the tests run, and the store says nothing")
  func system() throws {
    try withTemporaryFolder { folder in
      #expect(FileLocking.system.hasRecordLocks(in: folder))
      let store = try Store.open(at: folder)
      #expect(store.remarks.isEmpty)
    }
  }
}
