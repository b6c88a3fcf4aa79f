import Experiments
import Foundation
import RunStore
import Torch

/// Trains entries of plans one after another, each in a process of its own under a lease.
struct PlanWorker {
  var queue: any WorkQueue
  /// Where runs are recorded.
  var store: Store
  var request: ClaimRequest
  var trust: TrustOption
  /// Whether to wait while others train: one of them may leave its entry.
  var waits: Bool
  /// Asked with every sign of life.
  var check: () throws -> Void = {}

  /// How an entry was left.
  private enum Ending {
    case told(EntryEnding)
    /// Somebody else has the entry, or nobody wants it any more.
    case dropped
  }

  /// A name of this process for people.
  static var name: String { "\(ProcessInfo.processInfo.hostName)-\(getpid())" }

  /// Works until nothing is left.
  ///
  /// - Parameter after: called after each entry and before the end.
  /// - Throws: ``Failure/Interrupted`` after a signal; ``Failure/Impossible`` if all that waits is another program's;
  ///   what `after` throws, at the end.
  func work(after: () throws -> Void = {}) throws {
    var failure: (any Error)?
    while true {
      if Interruption.isRequested { throw Self.interrupted }
      try check()
      let answer = try queue.claim(request)
      if let claim = answer.claim {
        let ending = try train(claim)
        if case .told(let told) = ending { try queue.end(claim, told) }
        if Interruption.isRequested { throw Self.interrupted }
        if case .told(.failed(let message, _)) = ending {
          Console.error("entry \(claim.position) of \(claim.plan): \(message)")
        }
        // An entry that cannot be had now must not be asked for again at once.
        if case .told(.givenBack) = ending { pause(min(request.lease, 5)) }
        do { try after() } catch { failure = error }
        continue
      }
      if answer.running > 0, waits {
        pause(min(request.lease / 4, 5))
        continue
      }
      for sentence in answer.refused { Console.error(sentence) }
      try after()
      if let failure { throw failure }
      guard answer.refused.isEmpty else {
        throw Failure.Impossible(description: "what waits was planned by another program")
      }
      return
    }
  }

  private static var interrupted: Failure.Interrupted {
    Failure.Interrupted(advice: "Others may go on; or continue with the same command")
  }

  private func pause(_ seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !Interruption.isRequested {
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private func train(_ claim: PlanClaim) throws -> Ending {
    let plan: Comparison
    do {
      plan = try store.comparison(claim.plan)
      try require(Recipes.named(plan.recipe), plan, claim.position)
    } catch {
      return .told(.failed(message: Failure.message(error), isFinal: true))
    }
    try store.markAbandonedRunsInterrupted()
    let entry = try store.comparison(claim.plan).entries[claim.position]
    switch entry.state {
    case .settled: return .told(.settled)
    case .running:
      Console.error(
        "run \(entry.run.map(\.text) ?? "") of \(PlanRunner.label(plan, claim.position)) trains without a lease; "
          + "it is left to its process")
      return .told(.givenBack)
    case .waiting, .stopped: return try train(claim, plan)
    }
  }

  /// Refuses an entry that this program cannot train.
  private func require<R: Recipe>(_ recipe: R.Type, _ plan: Comparison, _ position: Int) throws {
    _ = try ComparisonPlan.request(R.self, plan, entry: position)
  }

  private func train(_ claim: PlanClaim, _ plan: Comparison) throws -> Ending {
    let provenance = plan.provenance
    let executor = PlanExecutor(
      plan, store: store, executable: try PlanRunner.executable(),
      arguments: PlanRunner.arguments(
        runs: store.folder, threads: provenance.threadCount,
        device: DeviceChoice(recorded: provenance.device), trust: trust), jobs: 1,
      entries: [claim.position])
    let label = PlanRunner.label(plan, claim.position)
    var progress = Progress(Progress.automatic, unit: "runs")
    var (share, beaten, dropped) = (0.0, ContinuousClock.now, LeaseState?.none)
    var (status, message) = (RunStatus?.none, "")
    var isStopping = false
    do {
      while !executor.isDone {
        if !isStopping, Interruption.isRequested || dropped != nil {
          isStopping = true
          executor.interrupt()
        }
        if dropped == nil, ContinuousClock.now - beaten > .seconds(request.lease / 4) {
          beaten = .now
          try check()
          let state = try queue.beat(claim, share: share)
          if state != .held { dropped = state }
        }
        switch try executor.next() {
        case nil: break
        case .started(_, let isResumed):
          progress.clear()
          Console.error(
            "\(label): \(isResumed ? "resumed" : "begun"), attempt \(claim.attempt) of \(claim.attempts)"
          )
        case .progress(_, let updates, let total): share = Double(updates) / Double(max(total, 1))
        case .ended(_, let ended, let text): (status, message) = (ended, text)
        }
        progress.show(share: share, figures: "\(Int(share * 100)) %", label)
      }
    } catch {
      executor.interrupt()
      while !executor.isDone, (try? executor.next()) != nil {}
      throw error
    }
    progress.clear()
    Console.error("\(label): \(status?.description ?? "not begun")")
    switch status {
    case .finished, .diverged, .notFinite: return .told(.settled)
    case _ where dropped == .lost:
      Console.error("\(label): its lease ran out, and another worker has it")
      return .dropped
    case .interrupted where isStopping: return .told(.givenBack)
    case .failed(let reason): return .told(.failed(message: reason, isFinal: false))
    case .interrupted, .running, nil: return .told(.failed(message: message, isFinal: false))
    }
  }
}
