import ArgumentParser
import Experiments
import Foundation
import RunStore

/// How a plan is run.
struct PlanOptions: ParsableArguments {
  @Option(help: "Runs at once (default: as many as the cores allow).")
  var jobs: Int?

  @Flag(
    name: .customLong("new"),
    help: "Trains anew even when the same plan, or runs of it, were begun or finished before.")
  var isNew = false

  @OptionGroup var trust: TrustOption

  func validate() throws {
    if let jobs, !(1...1_000).contains(jobs) {
      throw ValidationError("--jobs \(jobs): expected 1 to 1000")
    }
  }

  func jobCount(threads: Int) -> Int {
    jobs ?? max(1, ProcessInfo.processInfo.activeProcessorCount / threads)
  }
}

/// Runs the entries of a plan in child processes and shows how far they are.
struct PlanRunner {
  var store: Store
  var runsFolder: URL
  var jobs: Int
  var threads: Int
  var device: String
  var trust: TrustOption

  /// Takes up the same plan left unfinished, or already finished, or records `plan` with those of its runs that other
  /// plans have.
  func adopt<R: Recipe>(_ recipe: R.Type, _ plan: Comparison, isNew: Bool) throws -> Comparison {
    try store.markAbandonedRunsInterrupted()
    if !isNew, let unfinished = try ComparisonPlan.unfinished(like: plan, in: store) {
      note(unknown: try ComparisonPlan.requireSameData(R.self, of: unfinished, in: store))
      let settled = unfinished.entries.count { $0.state == .settled }
      Console.error(
        "going on with \(unfinished.id): \(settled) of \(unfinished.entries.count) runs are done")
      return unfinished
    }
    if !isNew,
      let (finished, unknown) = try ComparisonPlan.soundFinished(R.self, like: plan, in: store)
    {
      note(unknown: unknown)
      Console.error(
        "\(finished.id) did this already: here it is again, and nothing is trained (--new does)")
      return finished
    }
    let known = isNew ? [:] : try ComparisonPlan.finishedRuns(R.self, for: plan, in: store)
    try store.create(plan, taking: known)
    guard !known.isEmpty else { return plan }
    Console.error(
      "\(known.count) of \(plan.entries.count) runs were trained before for other plans and are taken as they are (--new trains all)"
    )
    return try store.comparison(plan.id)
  }

  /// Says of which runs it is not known whether they read the data that there are now.
  private func note(unknown: [StoreIdentifier]) {
    guard let first = unknown.first else { return }
    let others = unknown.count > 1 ? " and \(unknown.count - 1) others were" : " was"
    Console.error(
      "note: run \(first)\(others) begun before sums of data were kept: whether the data are the same is not known"
    )
  }

  /// Runs everything that is left.
  ///
  /// - Returns: the plan as it then stands.
  /// - Throws: ``Failure/Interrupted`` after every run has saved.
  func run(_ comparison: Comparison, command: String) throws -> Comparison {
    let executor = PlanExecutor(
      comparison, store: store, executable: try Self.executable(),
      arguments: [
        "--runs", runsFolder.path, "--threads", "\(threads)", "--device", device,
      ] + trust.arguments, jobs: jobs)
    let count = comparison.entries.count
    var shares = comparison.entries.map { $0.state == .settled ? 1.0 : 0.0 }
    var progress = Progress(Progress.automatic, unit: "runs")
    var bar = PlanProgress(total: count, alreadyDone: shares.reduce(0, +))
    var wasInterrupted = false
    while !executor.isDone {
      if Interruption.isRequested, !wasInterrupted {
        wasInterrupted = true
        executor.interrupt()
      }
      switch try executor.next() {
      case nil: break
      case .started(let entry, let isResumed):
        if isResumed { bar.note = "resumed \(label(comparison, entry))" }
      case .progress(let entry, let updates, let total):
        shares[entry] = Double(updates) / Double(max(total, 1))
      case .ended(let entry, let status, let message):
        if status == .finished { shares[entry] = 1 }
        bar.note = "\(label(comparison, entry)) \(status.state)"
        if case .finished = status {
        } else if status != .interrupted {
          progress.clear()
          Console.error("\(label(comparison, entry)): \(status)")
          // What a process wrote before its run was recorded is its status already.
          if case .failed(let reason) = status, reason != message, !message.isEmpty {
            Console.error(message)
          }
        }
      }
      bar.show(shares.reduce(0, +), in: &progress)
    }
    progress.clear()
    if wasInterrupted {
      throw Failure.Interrupted(advice: "Go on with the same command: \(command)")
    }
    let done = try store.comparison(comparison.id)
    let begun = comparison.entries.indices.filter { comparison.entries[$0].run == nil }
    if !begun.isEmpty, begun.allSatisfy({ done.entries[$0].run == nil }) { throw NothingStarted() }
    return done
  }

  /// No run of a plan came as far as its record.
  struct NothingStarted: Error, CustomStringConvertible {
    let description =
      "no run could be started, for the reasons above; mend them and repeat the command"
  }

  /// A run that a fault stopped is no result, as one is that diverged.
  ///
  /// - Throws: ``Faults``, once what there is has been shown.
  static func requireSound(_ comparison: Comparison) throws {
    let failed = comparison.entries.count { entry in
      if case .failed? = entry.status { true } else { entry.run == nil }
    }
    if failed > 0 { throw Faults(failed: failed, count: comparison.entries.count) }
  }

  /// Runs of a plan stopped at faults.
  struct Faults: Error, CustomStringConvertible {
    var failed: Int
    var count: Int
    var description: String {
      "\(failed) of \(count) runs stopped at a fault or did not begin, for the reasons above; mend them and repeat the "
        + "command, which goes on with these from their checkpoints"
    }
  }

  private func label(_ comparison: Comparison, _ entry: Int) -> String {
    let entry = comparison.entries[entry]
    let settings = entry.overrides.sorted { $0.key < $1.key }
      .map { " \($0.key)=\($0.value)" }.joined()
    return "\(entry.arm) seed \(entry.seed)\(settings)"
  }

  /// This program's own file.
  static func executable() throws -> URL {
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      return URL(fileURLWithPath: path)
    }
    guard let url = Bundle.main.executableURL else {
      throw UsageError("the path of the nap program is not known; call it by its full path")
    }
    return url
  }
}

/// The one bar over all runs of a plan.
struct PlanProgress {
  var total: Int
  var alreadyDone: Double
  var note = ""
  private let started = ContinuousClock.now

  init(total: Int, alreadyDone: Double) {
    self.total = total
    self.alreadyDone = alreadyDone
  }

  /// Shows `done` runs, fractions included.
  func show(_ done: Double, in progress: inout Progress) {
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let rate = (done - alreadyDone) / max(seconds, 1e-9)
    let left = rate > 0 ? Progress.duration((Double(total) - done) / rate) : "--:--"
    progress.show(
      share: done / Double(max(total, 1)),
      figures: String(format: "%.1f of %d runs", done, total) + "  \(left) left", note)
  }
}
