import Foundation
import GRDB
import Testing

@testable import RunStore

@Suite("Opening the store")
struct StoreOpeningTests {
  @Test("A new folder gets a store in write-ahead mode with full synchronization")
  func creates() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appendingPathComponent("deep/runs"))
      let mode = try store.database.writeWithoutTransaction { database in
        (
          try String.fetchOne(database, sql: "PRAGMA journal_mode"),
          try Int.fetchOne(database, sql: "PRAGMA synchronous")
        )
      }
      #expect(mode.0 == "wal")
      #expect(mode.1 == 2)
      #expect(try store.runs().isEmpty)
    }
  }

  @Test("A store of a newer version is refused by name, for reading and for writing")
  func newer() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      try store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 future')") }
      let file = folder.appendingPathComponent(Store.fileName).path
      for access in [Store.Access.readAndWrite, .readOnly] {
        #expect(throws: StoreError.newerSchema(path: file, unknownMigrations: ["9 future"])) {
          try Store.open(at: folder, for: access)
        }
      }
    }
  }

  @Test("The released migrations keep their names and their order")
  func migrations() throws {
    #expect(
      Schema.migrator.migrations == [
        "1 runs, series, comparisons", "2 reasons of points", "3 protocol manifests of runs",
        "4 states that runs wrote", "5 fresh is the network as written", "6 where runs fork",
      ])
  }

  @Test("A migration added later keeps what an older store holds")
  func migrates() throws {
    try withTemporaryFolder { folder in
      let run = Run.fixture()
      try Store.open(at: folder).create(run)
      var later = Schema.migrator
      later.registerMigration("2 test") { database in
        try database.alter(table: "run") { $0.add(column: "extra", .text) }
      }
      let queue = try DatabaseQueue(path: folder.appendingPathComponent(Store.fileName).path)
      try later.migrate(queue)
      let found = try queue.read { try Store.fetchRuns($0, where: "TRUE", []) }
      #expect(found == [run])
    }
  }

  @Test("A store from before reasons were kept is read as it is, and takes reasons once written to")
  func olderStore() throws {
    try withTemporaryFolder { folder in
      let run = Run.fixture()
      let file = folder.appendingPathComponent(Store.fileName)
      let queue = try DatabaseQueue(path: file.path)
      try Schema.migrator.migrate(queue, upTo: "1 runs, series, comparisons")
      let rows = """
        INSERT INTO run SELECT number, id, name, recipe, preset, arm, seed, comparison, purpose, configuration,
          provenance, parent, state, reason, started, ended, wall_seconds, peak_memory_bytes FROM other.run;
        INSERT INTO series VALUES (1, '\(run.id.text)', 'srank', '');
        INSERT INTO point VALUES (1, 5, 0, NULL, 'nan'), (1, 6, 0, 2.5, NULL);
        """
      let donor = folder.appendingPathComponent("donor")
      try Store.open(at: donor).create(run)
      try queue.writeWithoutTransaction { database in
        let path = donor.appendingPathComponent(Store.fileName).path
        try database.execute(sql: "ATTACH DATABASE ? AS other", arguments: [path])
        try database.execute(sql: rows)
        try database.execute(sql: "DETACH DATABASE other")
      }
      try queue.close()
      let before = try Data(contentsOf: file)
      let reader = try Store.open(at: folder, for: .readOnly)
      #expect(try reader.points("srank", of: run.id).map(\.updates) == [5, 6])
      #expect(try reader.run(run.id).manifest == nil)
      #expect(try Data(contentsOf: file) == before)
      let writer = try Store.open(at: folder)
      try writer.append(
        [MetricValue("srank", task: 0, updates: 7, value: .nan, reason: "why")], to: run.id)
      let points = try writer.points("srank", of: run.id)
      #expect(points.map(\.reason) == [nil, nil, "why"])
      #expect(points[1].value == 2.5)
    }
  }

  @Test("A store held by another connection gives up after the time allowed")
  func locked() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder, busyTimeout: 0.05)
      let file = folder.appendingPathComponent(Store.fileName).path
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: file, configuration: configuration)
      try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
      #expect(throws: StoreError.locked(path: file, waitedSeconds: 0.05)) {
        try store.create(.fixture())
      }
      #expect(try store.runs().isEmpty, "readers do not wait for the writer")
      try other.inDatabase { try $0.execute(sql: "COMMIT") }
      try store.create(.fixture())
      #expect(try store.runs().count == 1)
    }
  }

  @Test("A second opening waits for the first one's migration, and says when it waited too long")
  func folderLock() throws {
    try withTemporaryFolder { folder in
      let lock = try FolderLock(folder, 1, .system)
      #expect(throws: StoreError.locked(path: folder.path, waitedSeconds: 0.05)) {
        try Store.open(at: folder, busyTimeout: 0.05)
      }
      lock.release()
      _ = try Store.open(at: folder, busyTimeout: 0.05)
    }
  }

  @Test("A folder that cannot be written is named")
  func readOnlyFolder() throws {
    try withTemporaryFolder { folder in
      // The permission bits do not bind the superuser; the kernel's own folders do.
      let blocked = geteuid() == 0 ? URL(fileURLWithPath: "/proc/self") : folder
      chmod(folder.path, 0o555)
      defer { chmod(folder.path, 0o755) }
      let error = #expect(throws: StoreError.self) { try Store.open(at: blocked) }
      guard case .notWritable(let path, _) = error else {
        Issue.record("expected notWritable, found \(String(describing: error))")
        return
      }
      #expect(path.hasPrefix(blocked.path))
      #expect(String(describing: error).contains("NAP_RUNS"))
      let inFile = folder.appendingPathComponent("file")
      chmod(folder.path, 0o755)
      try Data().write(to: inFile)
      #expect(throws: StoreError.self) { try Store.open(at: inFile) }
    }
  }

  @Test("Reading a folder without a store, or a file that is none, says so")
  func missing() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent(Store.fileName)
      #expect(throws: StoreError.missing(path: file.path)) {
        try Store.open(at: folder, for: .readOnly)
      }
      try Data(repeating: 65, count: 4096).write(to: file)
      for access in [Store.Access.readAndWrite, .readOnly] {
        let error = #expect(throws: StoreError.self) { try Store.open(at: folder, for: access) }
        guard case .corrupt(file.path, _) = error else {
          Issue.record("expected corrupt, found \(String(describing: error))")
          continue
        }
      }
    }
  }

  @Test("A store opened for reading shows what is written meanwhile, and writes nothing")
  func readOnly() throws {
    try withTemporaryFolder { folder in
      let writer = try Store.open(at: folder)
      let reader = try Store.open(at: folder, for: .readOnly)
      let run = Run.fixture()
      try writer.create(run)
      #expect(try reader.runs() == [run])
      #expect(throws: StoreError.self) { try reader.rename(run.id, to: "x") }
    }
  }

  @Test("A store in a folder that cannot be written is read from a copy, log included")
  func copied() throws {
    try withTemporaryFolder { folder in
      let run = Run.fixture()
      let writer = try Store.open(at: folder)
      try writer.create(run)
      let file = folder.appendingPathComponent(Store.fileName)
      let copy = try Store.openCopy(file, busyTimeout: 1)
      #expect(try copy.read { try Store.fetchRuns($0, where: "TRUE", []) } == [run])
      try writer.rename(run.id, to: "later")
      #expect(try copy.read { try Store.fetchRuns($0, where: "TRUE", []) } == [run])
    }
  }

  @Test("The folder is NAP_RUNS, else runs in the current folder")
  func defaultFolder() {
    #expect(Store.defaultFolder(environment: ["NAP_RUNS": "/a/b"]).path == "/a/b")
    #expect(Store.defaultFolder(environment: ["NAP_RUNS": ""]).lastPathComponent == "runs")
    #expect(Store.defaultFolder(environment: [:]).lastPathComponent == "runs")
  }
}
