import Dispatch
import Foundation
package import Hummingbird
import NIOCore
package import RunStore
import Texts

/// What a worker is told of an entry beside its lease.
package struct ServedEntry: Codable {
  /// The answer of the queue.
  package var answer: ClaimAnswer
  /// The plan of the claim.
  package var plan: Comparison?
  /// How many values the server's run of the entry has; `nil` where it has none.
  package var values: Int?
}

/// A lease with what is told of it: the body of a sign of life and of an end.
package struct ClaimReport: Codable {
  package var claim: PlanClaim
  package var share: Double?
  package var ending: EntryEnding?

  package init(claim: PlanClaim, share: Double? = nil, ending: EntryEnding? = nil) {
    (self.claim, self.share, self.ending) = (claim, share, ending)
  }
}

/// A queue of plans and its folder of runs for workers that speak HTTP.
///
/// | request | body | answer |
/// |---|---|---|
/// | `POST /claim` | ``ClaimRequest`` | ``ServedEntry`` |
/// | `POST /beat`, `POST /end` | ``ClaimReport`` | ``LeaseState`` of a sign of life, nothing of an end |
/// | `GET /runs/PLAN/ENTRY` | | the entry's run as ``PackedRun`` |
/// | `PUT /runs/PLAN/ENTRY?claim=TOKEN` | ``PackedRun`` | nothing |
///
/// Every request needs `Authorization: Bearer TOKEN`. Requests are worked on one after another. A run is put in place
/// whole or not at all.
package struct PlanRouter: Sendable {
  private let queue: PlanQueue
  private let store: Store
  private let token: String
  private let work = DispatchQueue(label: "nap.plans")

  /// The most bytes of a request that is no run.
  private static let limit = 1 << 20

  /// A router of a queue and its store.
  package init(queue: PlanQueue, store: Store, token: String) {
    self.queue = queue
    self.store = store
    self.token = token
  }

  /// The routes.
  package func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: TokenCheck(token: token))
    router.post("claim") { request, _ in
      let asked = try await body(ClaimRequest.self, of: request)
      return try await json { try claim(asked) }
    }
    router.post("beat") { request, _ in
      let report = try await body(ClaimReport.self, of: request)
      return try await json { try queue.beat(report.claim, share: report.share ?? 0) }
    }
    router.post("end") { request, _ in
      let report = try await body(ClaimReport.self, of: request)
      guard let ending = report.ending else {
        throw HTTPError(.badRequest, message: "expected an ending of the entry")
      }
      return try await json { try end(report.claim, ending) }
    }
    router.get("runs/:plan/:entry") { _, context in
      let (plan, position) = try place(context)
      return try await packed(plan, position)
    }
    router.put("runs/:plan/:entry") { request, context in
      let (plan, position) = try place(context)
      let claim = request.uri.queryParameters["claim"].map(String.init) ?? ""
      return try await receive(request, plan, position, claim)
    }
    return router
  }

  private func claim(_ asked: ClaimRequest) throws -> ServedEntry {
    var served = ServedEntry(answer: try queue.claim(asked))
    guard let claim = served.answer.claim else { return served }
    do {
      let plan = try store.comparison(claim.plan)
      served.plan = plan
      served.values = try plan.entries[claim.position].run.map { try store.pointCount(of: $0) }
    } catch let error as StoreError {
      try queue.end(claim, .failed(message: "\(error)", isFinal: true))
      served.answer.claim = nil
      served.answer.refused.append("\(error)")
    }
    return served
  }

  /// Ends a lease; a result counts once it is here.
  private func end(_ claim: PlanClaim, _ ending: EntryEnding) throws -> LeaseState {
    if ending == .settled,
      try store.comparison(claim.plan).entries[claim.position].state != .settled
    {
      throw PlanServiceError("the run of entry \(claim.position) of \(claim.plan) is not here")
    }
    try queue.end(claim, ending)
    return .held
  }

  private func packed(_ plan: StoreIdentifier, _ position: Int) async throws -> Response {
    let file = temporary()
    defer { try? FileManager.default.removeItem(at: file) }
    try await answering {
      guard let run = try store.comparison(plan).entries[position].run else {
        throw PlanServiceError("entry \(position) of \(plan) has no run here")
      }
      try PackedRun.write(run, of: store, to: file)
    }
    // An open file stays readable after its name is gone.
    let reading = try FileHandle(forReadingFrom: file)
    let size = try reading.seekToEnd()
    try reading.seek(toOffset: 0)
    return Response(
      status: .ok, headers: [.contentLength: "\(size)"],
      body: ResponseBody(contentLength: Int(size)) { writer in
        while let block = try reading.read(upToCount: 1 << 20), !block.isEmpty {
          try await writer.write(ByteBuffer(bytes: block))
        }
        try reading.close()
        try await writer.finish(nil)
      })
  }

  private func receive(
    _ request: Request, _ plan: StoreIdentifier, _ position: Int, _ claim: String
  ) async throws -> Response {
    let file = temporary()
    defer { try? FileManager.default.removeItem(at: file) }
    try Data().write(to: file)
    let writing = try FileHandle(forWritingTo: file)
    for try await block in request.body {
      try writing.write(contentsOf: Data(block.readableBytesView))
    }
    try writing.close()
    return try await json {
      guard try queue.acceptsRun(of: plan, position, from: claim) else {
        throw PlanServiceError(
          "another worker has entry \(position) of \(plan), or has finished it")
      }
      try PackedRun.read(file, into: store, asEntry: position, of: plan)
      return LeaseState.held
    }
  }

  private func temporary() -> URL {
    store.folder.appendingPathComponent(".incoming-\(UUID().uuidString).tar")
  }

  private func place(_ context: BasicRequestContext) throws -> (StoreIdentifier, Int) {
    let plan = try StoreIdentifier(context.parameters.require("plan"))
    let position = try context.parameters.require("entry", as: Int.self)
    guard let found = try? store.comparison(plan), found.entries.indices.contains(position) else {
      throw HTTPError(.notFound, message: "no entry \(position) of a plan \(plan) here")
    }
    return (plan, position)
  }

  private func body<Value: Decodable>(_ type: Value.Type, of request: Request) async throws -> Value
  {
    let bytes = try await request.body.collect(upTo: Self.limit)
    do {
      return try JSONText.decode(Value.self, from: Data(bytes.readableBytesView))
    } catch {
      throw HTTPError(.badRequest, message: "expected \(Value.self) as JSON")
    }
  }

  private func json<Value: Encodable & SendableMetatype>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Response {
    let text = try await answering { try JSONText.encode(body()) }
    return Response(
      status: .ok, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }

  /// Works in turn, with errors as answers that say them.
  private func answering<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        work.async { continuation.resume(with: Result { try body() }) }
      }
    } catch let error as PlanServiceError {
      throw HTTPError(.conflict, message: error.description)
    } catch StoreError.unreadableArchive(_, let reason) {
      throw HTTPError(.conflict, message: reason)
    } catch let error as StoreError {
      throw HTTPError(.internalServerError, message: error.description)
    }
  }
}

/// Lets nobody in without the token.
private struct TokenCheck<Context: RequestContext>: RouterMiddleware {
  let token: String

  func handle(
    _ request: Request, context: Context,
    next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let given = Array((request.headers[.authorization] ?? "").utf8)
    let expected = Array("Bearer \(token)".utf8)
    // Every byte is looked at, so that the time does not tell how many are right.
    var difference = given.count ^ expected.count
    for (place, byte) in expected.enumerated() {
      difference |= Int(byte ^ (place < given.count ? given[place] : 0))
    }
    guard difference == 0 else { throw HTTPError(.unauthorized, message: "wrong token") }
    return try await next(request, context)
  }
}
