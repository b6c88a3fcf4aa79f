import Foundation
package import RunStore
import Texts

/// A queue on another machine, that `nap plan serve` has, for a worker with a folder of runs of its own.
///
/// A claim brings the plan, and the run of an entry that another worker began. A result is sent before the entry is
/// reported as settled, and so is the run of a lease that is given back; what a run saved is sent while it trains, too
/// (``RunDelivery``). While the server is away a sign of life is
/// left out, and everything else is tried again for as long as the worker's patience.
package struct RemoteQueue: WorkQueue {
  private let address: String
  private let token: String
  private let store: Store
  private let patience: Double
  private let tell: (String) -> Void
  private let isStopped: () -> Bool
  private let delivery: RunDelivery

  /// A queue at an address such as `http://host:8090`.
  ///
  /// - Parameters:
  ///   - store: the worker's own.
  ///   - patience: seconds for which a server that does not answer is asked again.
  ///   - sendEvery: seconds between two copies of what a run saved while it trains; 0 for none.
  ///   - tell: told of a server that does not answer, and that it is there again.
  ///   - isStopped: whether to give up asking again.
  /// - Throws: ``PlanServiceError`` for an address that is none.
  package init(
    _ address: String, token: String, store: Store, patience: Double, sendEvery: Double,
    tell: @escaping (String) -> Void, isStopped: @escaping () -> Bool
  ) throws {
    guard let url = URL(string: address), ["http", "https"].contains(url.scheme ?? ""),
      url.host()?.isEmpty == false, url.query() == nil
    else {
      throw PlanServiceError("\(address): expected the server's address, such as http://host:8090")
    }
    let address = address.hasSuffix("/") ? String(address.dropLast()) : address
    self.address = address
    self.token = token
    delivery = RunDelivery(of: store, every: sendEvery) { claim, file in
      let call = HTTPCall(
        address: "\(address)/\(Self.path(claim))", method: "PUT", token: token, body: .file(file))
      if case .answered(200, _) = try call.send() { return true }
      return false
    }
    self.store = store
    self.patience = patience
    self.tell = tell
    self.isStopped = isStopped
  }

  package func claim(_ request: ClaimRequest) throws -> ClaimAnswer {
    let served = try JSONText.decode(
      ServedEntry.self, from: asked("claim", .json(JSONText.data(request))))
    guard let claim = served.answer.claim, let plan = served.plan else { return served.answer }
    do {
      try take(plan, values: served.values, for: claim)
    } catch {
      try? end(claim, .givenBack)
      throw error
    }
    return served.answer
  }

  /// Records the plan here, and brings the entry's run where the server's is further.
  private func take(_ plan: Comparison, values: Int?, for claim: PlanClaim) throws {
    if try !store.comparisons(recipe: plan.recipe).contains(where: { $0.id == plan.id }) {
      try store.create(plan)
    }
    let own = try store.comparison(plan.id).entries[claim.position].run
    guard let values, try values > own.map({ try store.pointCount(of: $0) }) ?? -1 else { return }
    let file = HTTPCall.temporary()
    defer { try? FileManager.default.removeItem(at: file) }
    _ = try asked("runs/\(plan.id)/\(claim.position)", .none, method: "GET", output: file)
    try PackedRun.read(file, into: store, asEntry: claim.position, of: plan.id)
  }

  private static func path(_ claim: PlanClaim) -> String {
    "runs/\(claim.plan)/\(claim.position)?claim=\(claim.token)"
  }

  package func beat(_ claim: PlanClaim, share: Double) throws -> LeaseState {
    delivery.look(claim)
    let body = try JSONText.data(ClaimReport(claim: claim, share: share))
    switch try call("beat", .json(body), "POST", nil).send() {
    case .answered(200, let data):
      return (try? JSONText.decode(LeaseState.self, from: data)) ?? .held
    case .answered(401, _): throw refused
    // Training goes on: the server may come back before the run ends.
    case .answered, .unreachable: return .held
    }
  }

  package func end(_ claim: PlanClaim, _ ending: EntryEnding) throws {
    delivery.finish()
    let run = try store.comparison(claim.plan).entries[claim.position].run
    if let run {
      let file = HTTPCall.temporary()
      defer { try? FileManager.default.removeItem(at: file) }
      try PackedRun.write(run, of: store, to: file)
      do {
        _ = try asked(Self.path(claim), .file(file), method: "PUT")
      } catch let error as PlanServiceError where error.isConflict {
        // Somebody else has the entry: the server has no use for this run.
        tell(error.description)
        return
      }
    }
    _ = try asked("end", .json(JSONText.data(ClaimReport(claim: claim, ending: ending))))
  }

  private func call(
    _ path: String, _ body: HTTPCall.Body, _ method: String, _ output: URL?
  ) -> HTTPCall {
    HTTPCall(
      address: "\(address)/\(path)", method: method, token: token, body: body, output: output)
  }

  private var refused: PlanServiceError {
    PlanServiceError(
      "\(address) refuses the token: expected the one that nap plan serve has; copy its file here, and give it with "
        + "--token-file")
  }

  /// The answer of the server, which is asked again while it does not answer.
  private func asked(
    _ path: String, _ body: HTTPCall.Body, method: String = "POST", output: URL? = nil
  ) throws -> Data {
    let end = ContinuousClock.now + .seconds(patience)
    var (pause, isAway) = (0.5, false)
    while true {
      let reason: String
      switch try call(path, body, method, output).send() {
      case .answered(200, let data):
        if isAway { tell("\(address) answers again") }
        return data
      case .answered(401, _): throw refused
      case .answered(409, let data):
        throw PlanServiceError(Self.words(data), isConflict: true)
      case .answered(let code, let data) where code < 500:
        throw PlanServiceError("\(address) answers \(code): \(Self.words(data))")
      case .answered(let code, let data): reason = "\(code): \(Self.words(data))"
      case .unreachable(let words): reason = words
      }
      guard ContinuousClock.now < end, !isStopped() else {
        throw PlanServiceError(
          "\(address) does not answer (\(reason)); what was trained is saved here, and the same command goes on and "
            + "delivers it")
      }
      if !isAway {
        tell("\(address) does not answer (\(reason)); asking again for \(Int(patience)) s")
      }
      isAway = true
      let next = ContinuousClock.now + .seconds(pause)
      while ContinuousClock.now < next, !isStopped() { Thread.sleep(forTimeInterval: 0.05) }
      pause = min(pause * 2, 30)
    }
  }

  /// The message of an error answer.
  private static func words(_ data: Data) -> String {
    struct Answer: Decodable {
      struct Inner: Decodable { var message: String }
      var error: Inner
    }
    if let answer = try? JSONText.decode(Answer.self, from: data) { return answer.error.message }
    return Excerpt.of(String(decoding: data, as: UTF8.self), atMost: 300)
  }
}
