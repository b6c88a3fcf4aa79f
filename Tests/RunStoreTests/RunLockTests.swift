import Foundation
import Testing

@testable import RunStore

@Suite("Claims on runs")
struct RunLockTests {
  private func withStore(_ body: (Store, Run) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      try body(store, Run.fixture(provenance: .fixture(process: 0x7fff_fff0)))
    }
  }

  @Test("A claimed run is nobody else's until the claim goes")
  func excludes() throws {
    try withStore { store, run in
      var lock: RunLock? = try store.lock(run.id)
      try store.create(run)
      let error = #expect(throws: StoreError.self) { try store.lock(run.id) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("process 2147483632"))
      #expect(try store.markAbandonedRunsInterrupted() == [], "its process number is nobody's")
      #expect(lock?.followsAnother == false)
      lock = nil
      #expect(try store.lock(run.id).followsAnother)
      #expect(try store.markAbandonedRunsInterrupted() == [run.id])
    }
  }

  @Test("A run that was claimed is taken up although its process number lives; another is not")
  func takesUp() throws {
    try withStore { store, _ in
      let mine = Run.fixture()
      try store.create(mine)
      let first = try store.lock(mine.id)
      #expect(throws: StoreError.self) {
        try store.resume(mine.id, fromUpdates: 0, provenance: .fixture(), holding: first)
      }
      store.discardFolder(of: first, for: mine.id)
      let claimed = Run.fixture(seed: 1)
      do {
        let lock = try store.lock(claimed.id)
        try withExtendedLifetime(lock) { try store.create(claimed) }
      }
      let second = try store.lock(claimed.id)
      try store.resume(claimed.id, fromUpdates: 0, provenance: .fixture(), holding: second)
      #expect(try store.run(claimed.id).status == .running)
    }
  }

  @Test("The folder of a run that could not be recorded goes, one with a checkpoint stays")
  func discards() throws {
    try withStore { store, run in
      let lock = try store.lock(run.id)
      let folder = store.folder(of: run.id).path
      #expect(FileManager.default.fileExists(atPath: folder))
      store.discardFolder(of: lock, for: run.id)
      #expect(!FileManager.default.fileExists(atPath: folder))
      let again = try store.lock(run.id)
      try Data("x".utf8).write(to: store.folder(of: run.id).appendingPathComponent("checkpoint"))
      store.discardFolder(of: again, for: run.id)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["checkpoint"])
    }
  }

  @Test("A claim goes with its process, however that ends")
  func killed() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
      let run = Run.fixture(try StoreIdentifier("killed"))
      let lock = try store.lock(run.id)
      try store.create(run)
      withExtendedLifetime(lock) { _ = kill(getpid(), SIGKILL) }
    }
    let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
    #expect(try store.lock(StoreIdentifier("killed")).followsAnother)
  }
}
