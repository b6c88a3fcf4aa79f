import Foundation
import Testing

@testable import RunStore

/// What one writing process does: opens the store, which may not exist yet, and records a run.
private func recordRun(folder: String, seed: Int, tasks: Int) throws {
  let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
  let run = Run.fixture(try StoreIdentifier("run-\(seed)"), seed: seed)
  try store.create(run)
  for value in taskValues(tasks: tasks) { try store.append([value], to: run.id) }
  try store.end(run.id, as: .finished, wallSeconds: 1)
}

@Suite("Several writers at once")
struct StoreConcurrencyTests {
  @Test("Processes that create the same new store together lose nothing")
  func processes() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await withTaskGroup(of: Void.self) { group in
      for seed in 0..<4 {
        group.addTask {
          await #expect(processExitsWith: .success) {
            [folder = folder as String, seed = seed as Int] in
            try recordRun(folder: folder, seed: seed, tasks: 25)
          }
        }
      }
    }
    let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
    let runs = try store.runs()
    #expect(Set(runs.map(\.seed)) == [0, 1, 2, 3])
    #expect(runs.allSatisfy { $0.status == .finished })
    for run in runs { #expect(try store.points(.taskEndLoss, of: run.id).count == 25) }
  }

  @Test("Threads and openings of one process share the store")
  func threads() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let shared = try Store.open(at: folder)
    let run = Run.fixture()
    try shared.create(run)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          let store = try task.isMultiple(of: 2) ? shared : Store.open(at: folder)
          for update in 0..<10 {
            try store.append(
              [MetricValue(.seconds, task: task, updates: update, value: 1)], to: run.id)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try shared.points(.seconds, of: run.id).count == 80)
  }

  @Test("What a process wrote before it was killed is there")
  func killed() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
      let run = Run.fixture(try StoreIdentifier("killed"))
      try store.create(run)
      try store.append(taskValues(tasks: 7), to: run.id)
      kill(getpid(), SIGKILL)
    }
    let store = try Store.open(at: URL(fileURLWithPath: folder, isDirectory: true))
    let killed = try StoreIdentifier("killed")
    #expect(try store.points(.taskEndLoss, of: killed).count == 7)
    #expect(try store.markAbandonedRunsInterrupted() == [killed])
  }
}
