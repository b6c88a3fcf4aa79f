import Foundation
import Hummingbird
import HummingbirdTesting
import NIOCore
import PlanService
import RunStore
import Testing
import Texts

/// A store with a plan of two entries in a queue, and the server's routes.
private struct Served: Sendable {
  let folder: URL
  let store: Store
  let queue: PlanQueue
  let plan: Comparison
  static let token = "0123456789abcdef"
  static let program = "nap 1 with libtorch 2"

  init(_ folder: URL) throws {
    self.folder = folder
    store = try Store.open(at: folder.appendingPathComponent("server"))
    queue = try PlanQueue.open(in: store.folder)
    plan = Comparison(
      kind: .comparison, recipe: "random-labels", preset: "short", configuration: "{}",
      provenance: .current(napVersion: "1", libtorchVersion: "2", device: "cpu", threadCount: 1),
      entries: [PlanEntry(arm: "norm", seed: 0), PlanEntry(arm: "nap", seed: 0)])
    try store.create(plan)
    try queue.add(
      PlanQueue.Plan(
        id: plan.id, command: ["compare", "random-labels"], seeds: [0], report: nil,
        program: Self.program, attempts: 2, leftOut: nil), entries: plan.entries, hours: [1, 1])
  }

  func test(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws
  {
    let router = PlanRouter(queue: queue, store: store, token: Self.token).router()
    try await Application(router: router).test(.router) { try await body($0) }
  }

  /// A worker's store with a run of an entry, as one file.
  func packed(
    _ name: String, entry position: Int, as status: RunStatus, values count: Int
  ) throws -> (run: Run, bytes: ByteBuffer) {
    let own = try Store.open(at: folder.appendingPathComponent(name))
    if try own.comparisons().isEmpty { try own.create(plan) }
    let run = Run(
      recipe: plan.recipe, preset: plan.preset, arm: plan.entries[position].arm,
      seed: plan.entries[position].seed, group: plan.id, purpose: .comparison, configuration: "{}",
      provenance: plan.provenance)
    try own.start(run, asEntry: position, of: plan.id)
    try own.append(
      (0..<count).map { MetricValue(.taskEndLoss, task: $0, updates: $0 + 1, value: 1) }, to: run.id
    )
    try Data("checkpoint of \(name)".utf8)
      .write(to: own.folder(of: run.id).appendingPathComponent("checkpoint.safetensors"))
    try own.end(run.id, as: status, wallSeconds: 2)
    let file = folder.appendingPathComponent("\(name).tar")
    try PackedRun.write(run.id, of: own, to: file)
    return (run, ByteBuffer(bytes: try Data(contentsOf: file)))
  }

  /// Names in the server's folder that are no part of a store at rest.
  func leftovers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
      .filter { $0.hasPrefix(".") }
  }
}

extension TestClientProtocol {
  fileprivate func call<Value: Decodable>(
    _ path: String, _ body: some Encodable, as type: Value.Type = Value.self
  ) async throws -> Value {
    try await execute(
      uri: path, method: .post, headers: [.authorization: "Bearer \(Served.token)"],
      body: ByteBuffer(string: try JSONText.encode(body))
    ) { response in
      try #require(response.status == .ok, "\(String(buffer: response.body))")
      return try JSONText.decode(Value.self, from: String(buffer: response.body))
    }
  }

  fileprivate func claim(_ worker: String = "a") async throws -> ServedEntry {
    try await call(
      "/claim", ClaimRequest(worker: worker, program: Served.program, lease: 3_600))
  }

  fileprivate func put(_ bytes: ByteBuffer, for claim: PlanClaim) async throws -> (Int, String) {
    try await execute(
      uri: "/runs/\(claim.plan)/\(claim.position)?claim=\(claim.token)", method: .put,
      headers: [.authorization: "Bearer \(Served.token)"], body: bytes
    ) { (Int($0.status.code), String(buffer: $0.body)) }
  }
}

// Asynchronous tests wait for the tests that hold the threads of the pool, which takes minutes in the whole suite.
@Suite("Routes of a plan's server", .timeLimit(.minutes(60)))
struct PlanRouterTests {
  private func withServed(_ body: (Served) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(try Served(folder))
  }

  @Test(
    "A request without the token, or with another one, learns and changes nothing",
    arguments: [
      nil, "Bearer 0123456789abcdeF", "Bearer ", "0123456789abcdef", "Bearer 0123456789abcdef0",
    ])
  func tokens(header: String?) async throws {
    try await withServed { served in
      try await served.test { client in
        for (path, method) in [("/claim", HTTPRequest.Method.post), ("/runs/x/0", .get)] {
          let fields: HTTPFields = header.map { [.authorization: $0] } ?? [:]
          try await client.execute(uri: path, method: method, headers: fields) {
            #expect($0.status == .unauthorized)
          }
        }
      }
      #expect(try served.queue.entries(of: served.plan.id).allSatisfy { $0.state == .waiting })
    }
  }

  @Test("A claimed entry comes with its plan, and its run is kept with its files before it is done")
  func results() async throws {
    try await withServed { served in
      let (run, bytes) = try served.packed("a", entry: 0, as: .finished, values: 5)
      try await served.test { client in
        let answer = try await client.claim()
        let claim = try #require(answer.answer.claim)
        #expect(claim.position == 0 && answer.plan?.id == served.plan.id && answer.values == nil)
        let state: LeaseState = try await client.call(
          "/beat", ClaimReport(claim: claim, share: 0.5))
        #expect(state == .held)
        // A result that is not here does not count.
        try await client.execute(
          uri: "/end", method: .post, headers: [.authorization: "Bearer \(Served.token)"],
          body: ByteBuffer(
            string: try JSONText.encode(ClaimReport(claim: claim, ending: .settled)))
        ) { #expect($0.status == .conflict) }
        #expect(try served.queue.entries(of: served.plan.id)[0].state == .running)
        #expect(try await client.put(bytes, for: claim).0 == 200)
        let _: LeaseState = try await client.call(
          "/end", ClaimReport(claim: claim, ending: .settled))
      }
      #expect(try served.queue.entries(of: served.plan.id)[0].state == .done)
      let entry = try served.store.comparison(served.plan.id).entries[0]
      #expect(entry.run == run.id && entry.status == .finished)
      #expect(try served.store.pointCount(of: run.id) == 5)
      let file = served.store.folder(of: run.id).appendingPathComponent("checkpoint.safetensors")
      #expect(try String(contentsOf: file, encoding: .utf8) == "checkpoint of a")
      #expect(try served.leftovers().isEmpty)
    }
  }

  @Test("A run that was given back goes to the next worker, whose result takes its place")
  func resumption() async throws {
    try await withServed { served in
      let (run, bytes) = try served.packed("a", entry: 0, as: .interrupted, values: 2)
      let other = try Store.open(at: served.folder.appendingPathComponent("b"))
      try other.create(served.plan)
      let file = served.folder.appendingPathComponent("got.tar")
      try await served.test { client in
        let first = try #require(try await client.claim().answer.claim)
        #expect(try await client.put(bytes, for: first).0 == 200)
        let _: LeaseState = try await client.call(
          "/end", ClaimReport(claim: first, ending: .givenBack))
        let answer = try await client.claim("b")
        let second = try #require(answer.answer.claim)
        #expect(second.position == 0 && second.attempt == 1 && answer.values == 2)
        try await client.execute(
          uri: "/runs/\(second.plan)/0", method: .get,
          headers: [.authorization: "Bearer \(Served.token)"]
        ) { response in
          #expect(response.status == .ok)
          try Data(response.body.readableBytesView).write(to: file)
        }
        try PackedRun.read(file, into: other, asEntry: 0, of: served.plan.id)
        #expect(try other.comparison(served.plan.id).entries[0].run == run.id)
        try other.resume(run.id, fromUpdates: 2, provenance: served.plan.provenance)
        try other.append([MetricValue(.taskEndLoss, task: 2, updates: 3, value: 1)], to: run.id)
        try other.end(run.id, as: .finished, wallSeconds: 3)
        let done = served.folder.appendingPathComponent("done.tar")
        try PackedRun.write(run.id, of: other, to: done)
        // The first worker's lease is over, so its run is not taken any more.
        #expect(try await client.put(bytes, for: first).0 == 409)
        #expect(
          try await client.put(ByteBuffer(bytes: Data(contentsOf: done)), for: second).0 == 200)
      }
      let entry = try served.store.comparison(served.plan.id).entries[0]
      #expect(entry.run == run.id && entry.status == .finished)
      #expect(try served.store.pointCount(of: run.id) == 3)
      #expect(try served.store.run(run.id).resumptions.count == 1)
      #expect(try served.leftovers().isEmpty)
    }
  }

  @Test("A file that is no run, and a run of another entry, are refused and leave nothing")
  func refusals() async throws {
    try await withServed { served in
      let (_, bytes) = try served.packed("b", entry: 1, as: .finished, values: 1)
      try await served.test { client in
        let claim = try #require(try await client.claim().answer.claim)
        let wrong = try await client.put(bytes, for: claim)
        #expect(wrong.0 == 409 && wrong.1.contains("nap seed 0"), "\(wrong)")
        let cut = try #require(bytes.getSlice(at: 0, length: bytes.readableBytes / 2))
        for (what, sent) in [("cut", cut), ("text", ByteBuffer(string: "no archive"))] {
          let answer = try await client.put(sent, for: claim)
          #expect(answer.0 >= 400, "\(what): \(answer)")
        }
        try await client.execute(
          uri: "/claim", method: .post, headers: [.authorization: "Bearer \(Served.token)"],
          body: ByteBuffer(string: #"{"worker":1}"#)
        ) { #expect($0.status == .badRequest) }
        try await client.execute(
          uri: "/runs/\(served.plan.id)/7", method: .get,
          headers: [.authorization: "Bearer \(Served.token)"]
        ) { #expect($0.status == .notFound) }
      }
      #expect(try served.store.runs().isEmpty)
      #expect(try served.leftovers().isEmpty)
    }
  }

  @Test("A plan of another program is refused in words that name both")
  func programs() async throws {
    try await withServed { served in
      try await served.test { client in
        let answer: ServedEntry = try await client.call(
          "/claim", ClaimRequest(worker: "a", program: "nap 2", lease: 3_600))
        #expect(answer.answer.claim == nil)
        #expect(answer.answer.refused.first?.contains("this is nap 2") == true)
      }
    }
  }

  /// A server; its start waits, which no thread of the concurrent pool may.
  private func started(_ served: Served, port: Int) async throws -> PlanServer {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            try PlanServer(
              queue: served.queue, store: served.store, token: Served.token, host: "127.0.0.1",
              port: port)
          })
      }
    }
  }

  @Test("Two servers of one folder: the second is refused; a port in use is named")
  func twoServers() async throws {
    try await withServed { served in
      let first = try await started(served, port: 0)
      await #expect {
        try await started(served, port: 0)
      } throws: { "\($0)".contains("another nap plan serve has the queue in") }
      let other = try Served(served.folder.appendingPathComponent("other"))
      let taken = try #require(first.port)
      await #expect {
        try await started(other, port: taken)
      } throws: { "\($0)".contains("cannot be listened at") }
      first.stop()
    }
  }
}
