import Foundation
import GRDB
import Synchronization
import Testing

@testable import RunStore

/// A clock that stands until it is moved.
private final class Clock: Sendable {
  private let time = Mutex(1e9)
  var now: Double { time.withLock { $0 } }
  func pass(_ seconds: Double) { time.withLock { $0 += seconds } }
}

@Suite("Plans as a queue")
struct PlanQueueTests {
  private static let program = "nap 1 with libtorch 2"

  private func withQueue(
    entries count: Int = 3, retries: Int = 1,
    _ body: (PlanQueue, PlanQueue.Plan, Clock) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let clock = Clock()
      let queue = try PlanQueue.open(
        in: folder, busyTimeout: 5, locking: .system, clock: { clock.now })
      let plan = PlanQueue.Plan(
        id: try StoreIdentifier("plan"), command: ["compare", "random-labels"], seeds: [0],
        report: nil, program: Self.program, attempts: retries + 1, leftOut: nil)
      try queue.add(
        plan, entries: (0..<count).map { PlanEntry(arm: "arm\($0)", seed: 0) },
        hours: [Double](repeating: 1, count: count))
      try body(queue, plan, clock)
    }
  }

  private func request(_ worker: String = "a", lease: Double = 60) -> ClaimRequest {
    ClaimRequest(worker: worker, program: Self.program, lease: lease)
  }

  @Test("Entries are given out in order, each once, and results are told once, after the last")
  func order() throws {
    try withQueue(entries: 2) { queue, plan, _ in
      let first = try #require(try queue.claim(request()).claim)
      let second = try #require(try queue.claim(request("b")).claim)
      #expect(first.position == 0 && second.position == 1)
      let none = try queue.claim(request())
      #expect(none.claim == nil && none.running == 2)
      try queue.end(first, .settled)
      #expect(try !queue.takesResults(of: plan.id))
      try queue.end(second, .settled)
      #expect(try queue.entries(of: plan.id).allSatisfy { $0.state == .done && $0.share == 1 })
      #expect(try queue.takesResults(of: plan.id))
      #expect(try !queue.takesResults(of: plan.id))
    }
  }

  @Test(
    "A lease that is renewed holds; one that runs out is taken over, and its worker hears of it")
  func leases() throws {
    try withQueue(entries: 1) { queue, plan, clock in
      let first = try #require(try queue.claim(request()).claim)
      for _ in 0..<5 {
        clock.pass(50)
        #expect(try queue.beat(first, share: 0.5) == .held)
        #expect(try queue.claim(request("b")).claim == nil)
      }
      clock.pass(61)
      let second = try #require(try queue.claim(request("b")).claim)
      #expect(second.position == 0 && second.attempt == 2)
      #expect(try queue.beat(first, share: 0.6) == .lost)
      // What a worker that was taken for lost reports changes nothing, unless it is a result.
      try queue.end(first, .failed(message: "late", isFinal: true))
      try queue.end(first, .givenBack)
      #expect(try queue.entries(of: plan.id)[0].state == .running)
      #expect(try queue.entries(of: plan.id)[0].worker == "b")
      try queue.end(first, .settled)
      #expect(try queue.entries(of: plan.id)[0].state == .done)
      #expect(try queue.beat(second, share: 0.1) == .lost)
    }
  }

  @Test("A lease from before the clock was set back does not hold for ever")
  func clockSetBack() throws {
    try withQueue(entries: 1) { queue, _, clock in
      _ = try queue.claim(request())
      clock.pass(-10_000)
      #expect(try queue.claim(request("b")).claim?.attempt == 2)
    }
  }

  @Test("An entry whose workers die has failed after its last attempt")
  func lostWorkers() throws {
    try withQueue(entries: 1, retries: 2) { queue, plan, clock in
      for attempt in 1...3 {
        #expect(try queue.claim(request()).claim?.attempt == attempt)
        clock.pass(61)
      }
      #expect(try queue.claim(request()).claim == nil)
      let entry = try queue.entries(of: plan.id)[0]
      #expect(entry.state == .failed && entry.attempts == 3)
      #expect(entry.message?.contains("worker a gave no sign of life") == true)
      #expect(try queue.takesResults(of: plan.id))
    }
  }

  @Test(
    "A fault is tried again up to the limit; a final one is not; what is given back costs no attempt"
  )
  func retries() throws {
    try withQueue(entries: 2, retries: 1) { queue, plan, _ in
      for attempt in [1, 1, 1] {
        let claim = try #require(try queue.claim(request()).claim)
        #expect(claim.position == 0 && claim.attempt == attempt)
        try queue.end(claim, .givenBack)
      }
      for attempt in [1, 2] {
        let claim = try #require(try queue.claim(request()).claim)
        #expect(claim.position == 0 && claim.attempt == attempt)
        try queue.end(claim, .failed(message: "disk full", isFinal: false))
      }
      let other = try #require(try queue.claim(request()).claim)
      #expect(other.position == 1)
      try queue.end(other, .failed(message: "unknown key", isFinal: true))
      let entries = try queue.entries(of: plan.id)
      #expect(entries.allSatisfy { $0.state == .failed })
      #expect(entries.map(\.attempts) == [2, 1])
      #expect(entries.map(\.message) == ["disk full", "unknown key"])
      // Adding the plan again lets both wait.
      try queue.add(
        plan, entries: (0..<2).map { PlanEntry(arm: "arm\($0)", seed: 0) }, hours: [1, 1])
      #expect(try queue.claim(request()).claim?.attempt == 1)
    }
  }

  @Test("A canceled plan is not begun, and its worker hears of it")
  func cancel() throws {
    try withQueue(entries: 2) { queue, plan, _ in
      let claim = try #require(try queue.claim(request()).claim)
      try queue.cancel(plan.id)
      #expect(try queue.claim(request()).claim == nil)
      #expect(try queue.beat(claim, share: 0.5) == .canceled)
      try queue.end(claim, .givenBack)
      #expect(try queue.entries(of: plan.id).allSatisfy { $0.state == .canceled })
      #expect(try !queue.takesResults(of: plan.id))
    }
  }

  @Test("A plan of another program is not given out, and both programs are named")
  func programs() throws {
    try withQueue { queue, _, _ in
      var other = request()
      other.program = "nap 9 with libtorch 3"
      let answer = try queue.claim(other)
      #expect(answer.claim == nil && answer.refused.count == 1)
      #expect(answer.refused[0].contains(Self.program) && answer.refused[0].contains("nap 9"))
    }
  }

  @Test("Only the plan and the entry that were asked for are given out")
  func chosen() throws {
    try withQueue { queue, plan, _ in
      var asked = request()
      asked.plan = plan.id
      asked.position = 2
      #expect(try queue.claim(asked).claim?.position == 2)
      #expect(try queue.claim(asked).claim == nil)
      asked.plan = try StoreIdentifier("other")
      #expect(try queue.claim(asked).claim == nil)
    }
  }

  @Test("Of processes that ask together each entry goes to one")
  func processes() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let plan = PlanQueue.Plan(
      id: try StoreIdentifier("plan"), command: [], seeds: [0], report: nil, program: "p",
      attempts: 1, leftOut: nil)
    try PlanQueue.open(in: folder).add(
      plan, entries: (0..<60).map { PlanEntry(arm: "arm", seed: $0) },
      hours: [Double](repeating: 1, count: 60))
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<3 {
        group.addTask {
          await #expect(processExitsWith: .success) {
            [folder = folder.path as String, worker = worker as Int] in
            let queue = try PlanQueue.open(in: URL(fileURLWithPath: folder))
            let request = ClaimRequest(worker: "\(worker)", program: "p", lease: 600)
            var taken: [Int] = []
            while let claim = try queue.claim(request).claim { taken.append(claim.position) }
            try Data(taken.map(String.init).joined(separator: " ").utf8)
              .write(to: URL(fileURLWithPath: "\(folder)/taken-\(worker)"))
          }
        }
      }
    }
    let taken = try (0..<3).flatMap { worker in
      try String(contentsOf: folder.appendingPathComponent("taken-\(worker)"), encoding: .utf8)
        .split(separator: " ").compactMap { Int($0) }
    }
    #expect(taken.sorted() == Array(0..<60), "every entry once")
  }

  @Test(
    "A queue of a newer version, one that is no database, and a folder without locks are refused")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let none = FileLocking(lock: { _, _ in ENOLCK }, recordLock: { _ in ENOLCK })
      #expect { try PlanQueue.open(in: folder, locking: none) } throws: {
        "\($0)".contains("no locks") && "\($0)".contains("nap plan serve")
      }
      let path = folder.appendingPathComponent(PlanQueue.fileName).path
      _ = try PlanQueue.open(in: folder)
      try DatabaseQueue(path: path).write {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 something')")
      }
      #expect { try PlanQueue.open(in: folder) } throws: { "\($0)".contains("9 something") }
      try Data("not a database, but long enough to be looked at".utf8)
        .write(to: URL(fileURLWithPath: path))
      #expect { try PlanQueue.open(in: folder) } throws: { "\($0)".contains(path) }
    }
  }
}

@Suite("Locks of workers")
struct WorkerLocksTests {
  private static let blind = FileLocking(lock: { _, _ in 0 }, recordLock: { _ in 0 })

  @Test(
    "A worker that is alive although its lock is free is named; one that died, or whose lock is seen, is not",
    arguments: [true, false], [true, false])
  func reach(isSeen: Bool, isAlive: Bool) throws {
    try withTemporaryFolder { folder in
      let queue = try PlanQueue.open(in: folder)
      let plan = PlanQueue.Plan(
        id: try StoreIdentifier("plan"), command: [], seeds: [0], report: nil, program: "p",
        attempts: 1, leftOut: nil)
      try queue.add(plan, entries: [PlanEntry(arm: "nap", seed: 0)], hours: [1])
      let other = try WorkerLocks("other", of: queue, in: folder, .system)
      let claim = try #require(
        try queue.claim(ClaimRequest(worker: "other", program: "p", lease: 60)).claim)
      let own = try WorkerLocks("own", of: queue, in: folder, isSeen ? .system : Self.blind)
      try own.check()
      if isAlive { #expect(try queue.beat(claim, share: 0.5) == .held) }
      if isSeen || !isAlive {
        try own.check()
        try own.check()
      } else {
        #expect { try own.check() } throws: {
          "\($0)".contains("worker other is alive") && "\($0)".contains(folder.path)
        }
      }
      withExtendedLifetime(other) {}
    }
  }

  @Test("The type of a file system is the one of its device")
  func types() {
    let mounts = """
      22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
      99 22 0:51 / /data/my\\040runs rw - nfs4 server:/export rw,vers=4.2
      """
    #expect(FileLocking.type(ofDevice: "254:0", in: mounts) == "ext4")
    #expect(FileLocking.type(ofDevice: "0:51", in: mounts) == "nfs4")
    #expect(FileLocking.type(ofDevice: "0:5", in: mounts) == nil)
  }

  @Test("A store that several machines share has no write-ahead log, also one that had")
  func sharedStore() throws {
    try withTemporaryFolder { folder in
      let run = Run.fixture()
      try Store.open(at: folder).create(run)
      var shared = FileLocking.system
      shared.isShared = { _ in true }
      for _ in 0..<2 {
        let store = try Store.open(at: folder, locking: shared)
        try store.append(taskValues(tasks: 2), to: run.id)
        #expect(try store.run(run.id).id == run.id)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") }, "\(names)")
        let reader = try Store.open(at: folder, for: .readOnly, locking: shared)
        #expect(try reader.pointCount(of: run.id) == 2)
      }
      // While a process of this machine has the log open, the store cannot be changed over.
      let pool = try Store.open(at: folder)
      try pool.append(taskValues(tasks: 3), to: run.id)
      #expect(throws: StoreError.self) {
        try Store.open(at: folder, busyTimeout: 0.2, locking: shared)
      }
      withExtendedLifetime(pool) {}
    }
  }
}

@Suite("Forecasts of plans")
struct PlanForecastTests {
  @Test("Hours until the last run is over", arguments: [(1, 7.0), (2, 4.0), (3, 4.0), (9, 3.0)])
  func elapsed(workers: Int, hours: Double) {
    // In order, each to the worker that is free first: for two 1+2 and 1+3, for three 1+3, 1 and 2.
    #expect(PlanForecast.elapsed([1, 1, 2, 3], workers: workers) == hours)
    #expect(PlanForecast.elapsed([], workers: workers) == 0)
  }

  @Test("Whole seeds are planned, never arms with different seeds")
  func seeds() {
    let arms = ["norm", "nap"]
    let entries = (0..<4).flatMap { seed in arms.map { PlanEntry(arm: $0, seed: seed) } }
    let hours = entries.map { $0.arm == "nap" ? 2.0 : 1 }
    for (limit, count) in [(2.9, 0), (3.0, 1), (8.9, 2), (9, 3), (100, 4)] {
      #expect(
        PlanForecast.seeds(of: entries, hours: hours, within: limit, workers: 1)
          == Array(0..<count))
    }
    #expect(PlanForecast.seeds(of: entries, hours: hours, within: 6, workers: 2).count == 3)
  }
}
