import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// Runs the entries of a plan in child processes and shows their progress.
struct PlanRunner {
  var store: Store
  var runsFolder: URL
  var options: PlanOptions
  var machine: MachineOptions

  /// How a plan is started.
  enum Adopted {
    /// It was begun before and continues.
    case unfinished(Comparison)
    /// It was finished before.
    case finished(Comparison)
    /// It is new. Some of its entries were finished for other plans.
    case new(Comparison, taking: [Int: StoreIdentifier])

    /// The plan.
    var plan: Comparison {
      switch self {
      case .unfinished(let plan), .finished(let plan), .new(let plan, _): plan
      }
    }

    /// The entries that are left to train.
    var left: [Int] {
      switch self {
      case .finished: []
      case .unfinished(let plan): plan.entries.indices.filter { plan.entries[$0].state != .settled }
      case .new(let plan, let known): plan.entries.indices.filter { known[$0] == nil }
      }
    }
  }

  /// Threads per run: as asked for, or those of a continued plan, or one.
  func threads(of plan: Adopted? = nil) -> Int {
    if let asked = machine.threads { return asked }
    if case .unfinished(let plan)? = plan { return plan.provenance.threadCount }
    return 1
  }

  /// The device of runs and the choice of its kernels: as asked for, or those of a continued plan, or the default.
  private func device(of plan: Adopted) -> DeviceChoice {
    guard case .unfinished(let plan) = plan else { return machine.deviceChoice() }
    let own = DeviceChoice(recorded: plan.provenance.device)
    guard machine.device == nil || machine.device == own.name else { return machine.deviceChoice() }
    return DeviceChoice(
      own.name,
      isDeterministic: machine.device == nil ? own.isDeterministic : machine.deterministic,
      isCaptured: machine.capture ?? own.isCaptured)
  }

  /// Continues the same plan if it is unfinished, or finds it finished, or records it as new with the runs that other
  /// plans already have.
  ///
  /// First trains the beginning of one run that is thrown away. It finds what keeps runs from starting, and forecasts
  /// how long the plan takes.
  ///
  /// - Returns: `nil` for a dry run, which is told and recorded nowhere.
  /// - Throws: what starting a run throws, and ``Failure/Abandoned`` if a person does not want to wait so long. Nothing
  ///   is recorded then.
  func adopt<R: Recipe>(_ draft: PlanDraft<R>, long: LongWorkOption) throws -> Adopted? {
    if !options.isDry { try store.markAbandonedRunsInterrupted() }
    let adopted = try found(draft)
    if options.isDry {
      try preview(R.self, adopted)
      return nil
    }
    try rehearse(R.self, adopted, long)
    try record(adopted)
    return adopted
  }

  /// Records a plan for workers, with a forecast of hours for each of its entries; 0 for one that is done.
  ///
  /// - Parameters:
  ///   - limit: hours that the plan may take. The first seeds that fit are planned, each with all of its runs.
  ///   - workers: runs at once.
  /// - Throws: what starting a run throws, and ``UsageError`` where not one seed fits.
  func enqueue<R: Recipe>(
    _ draft: PlanDraft<R>, within limit: Double?, workers: Int
  ) throws -> (adopted: Adopted, hours: [Double], leftOut: String?) {
    try store.markAbandonedRunsInterrupted()
    var adopted = try found(draft)
    var hours = try hours(R.self, adopted)
    var leftOut: String?
    if let limit {
      let seeds = PlanForecast.seeds(
        of: draft.entries, hours: hours, within: limit, workers: workers)
      let rest = draft.seeds.filter { !seeds.contains($0) }
      let others = draft.entries.indices.filter { rest.contains(draft.entries[$0].seed) }
      let words = LongWorkOption.words(
        hours: PlanForecast.elapsed(others.map { hours[$0] }, workers: workers))
      guard !seeds.isEmpty else {
        let one = draft.entries.indices.filter { draft.entries[$0].seed == draft.seeds[0] }
        let least = LongWorkOption.words(
          hours: PlanForecast.elapsed(one.map { hours[$0] }, workers: workers))
        throw UsageError(
          "--within \(limit): the runs of one seed (\(one.count), every arm) take about \(least); give more hours, "
            + "fewer arms, a smaller preset, or more --workers")
      }
      if !rest.isEmpty {
        leftOut =
          "left out to fit \(limit) h: seeds \(rest.map(String.init).joined(separator: ", ")) of every arm, "
          + "\(others.count) runs, about \(words)"
        var smaller = draft
        smaller.entries = draft.entries.filter { seeds.contains($0.seed) }
        hours = hours.indices.filter { seeds.contains(draft.entries[$0].seed) }.map { hours[$0] }
        adopted = try found(smaller)
      }
    }
    try record(adopted)
    return (adopted, hours, leftOut)
  }

  /// Records a new plan, and says what was found of it.
  private func record(_ adopted: Adopted) throws {
    switch adopted {
    case .unfinished(let unfinished):
      let settled = unfinished.entries.count { $0.state == .settled }
      Console.error(
        "continuing \(unfinished.id): \(settled) of \(unfinished.entries.count) runs are done")
      let own = unfinished.provenance
      let count = threads(of: adopted)
      if count != own.threadCount {
        Console.error(
          "warning: \(unfinished.id) was begun with \(MachineOptions.words(own.threadCount)) per run: runs in progress "
            + "keep that, others use \(count)")
      }
    case .finished(let finished):
      Console.error(
        "\(finished.id) is the same plan and finished: nothing is trained (--new trains it again)")
    case .new(let plan, let known):
      try store.create(plan, taking: known)
      guard !known.isEmpty else { break }
      Console.error(
        "\(known.count) of \(plan.entries.count) runs were trained before for other plans and are used again "
          + "(--new trains all)"
      )
    }
  }

  private func found<R: Recipe>(_ draft: PlanDraft<R>) throws -> Adopted {
    let plan = try ComparisonPlan.make(
      R.self, kind: draft.kind, preset: draft.preset, base: draft.base, entries: draft.entries,
      provenance: .current(
        napVersion: NapVersion.current, libtorchVersion: Machine.libtorchVersion,
        device: machine.deviceChoice(trains: !options.isDry).recorded, threadCount: threads()))
    if options.isNew { return .new(plan, taking: [:]) }
    if let plan = try ComparisonPlan.unfinished(R.self, like: plan, in: store) {
      note(unknown: try ComparisonPlan.requireSameData(R.self, of: plan, in: store))
      return .unfinished(plan)
    }
    if let (plan, unknown) = try ComparisonPlan.soundFinished(R.self, like: plan, in: store) {
      note(unknown: unknown)
      return .finished(plan)
    }
    return .new(plan, taking: try ComparisonPlan.finishedRuns(R.self, for: plan, in: store))
  }

  /// Trains the beginning of one of the runs that are left, preferably one of arm `nap`.
  private func rehearse<R: Recipe>(
    _ recipe: R.Type, _ adopted: Adopted, _ long: LongWorkOption
  ) throws {
    let (plan, left) = (adopted.plan, adopted.left)
    guard let entry = left.first(where: { plan.entries[$0].arm == "nap" }) ?? left.first else {
      return
    }
    let forecast = try forecast(R.self, adopted, entry: entry)
    for remark in forecast.remarks { Console.error("warning: \(remark)") }
    Machine.releaseMemory()
    let jobs = jobs(of: adopted)
    try long.confirm(
      "\(left.count) run\(left.count == 1 ? "" : "s")",
      hours: forecast.hours * Double((left.count + jobs - 1) / jobs), on: place(of: adopted))
  }

  /// Runs at once.
  private func jobs(of adopted: Adopted) -> Int {
    max(1, min(options.jobCount(threads: threads(of: adopted)), adopted.left.count))
  }

  private func place(of adopted: Adopted) -> String {
    "\(jobs(of: adopted)) at once, each on \(MachineOptions.words(threads(of: adopted)))"
  }

  private func forecast<R: Recipe>(
    _ recipe: R.Type, _ adopted: Adopted, entry: Int
  ) throws -> RunForecast {
    let choice = device(of: adopted)
    choice.prepareProcess()
    let forecast = try machine.forecast(
      R.self, arm: adopted.plan.entries[entry].arm,
      configuration: ComparisonPlan.request(R.self, adopted.plan, entry: entry).configuration,
      device: MachineOptions.checked(choice.name),
      asked: (threads(of: adopted), ""), examines: true)
    Machine.releaseMemory()
    return forecast
  }

  /// Forecast hours of every entry, from the beginning of one run of every arm; 0 for one that is done.
  private func hours<R: Recipe>(_ recipe: R.Type, _ adopted: Adopted) throws -> [Double] {
    let entries = adopted.plan.entries
    var byArm: [String: Double] = [:]
    var hours = entries.map { _ in 0.0 }
    for place in adopted.left {
      let arm = entries[place].arm
      if byArm[arm] == nil {
        byArm[arm] = try forecast(R.self, adopted, entry: place).hours
      }
      hours[place] = byArm[arm] ?? 0
    }
    return hours
  }

  /// Lists the runs of a plan, and forecasts those that are left from the beginning of one run of every arm.
  private func preview<R: Recipe>(_ recipe: R.Type, _ adopted: Adopted) throws {
    let (plan, left) = (adopted.plan, Set(adopted.left))
    for place in plan.entries.indices {
      Console.line("\(Self.label(plan, place))\(left.contains(place) ? "" : "  done")")
    }
    let hours = try hours(R.self, adopted)
    for arm in plan.arms.sorted() {
      guard let place = left.first(where: { plan.entries[$0].arm == arm }) else { continue }
      Console.line("\(arm): about \(LongWorkOption.words(hours: hours[place])) a run")
    }
    let all = hours.reduce(0, +)
    Console.line(
      "\(plan.entries.count) runs, \(left.count) to train: about "
        + "\(LongWorkOption.words(hours: all / Double(jobs(of: adopted)))), \(place(of: adopted)); "
        + String(format: "%.2f run-hours", all))
  }

  /// Names runs that may have read other data than those that are there now.
  private func note(unknown: [StoreIdentifier]) {
    guard let first = unknown.first else { return }
    let others = unknown.count > 1 ? " and \(unknown.count - 1) others were" : " was"
    Console.error(
      "note: run \(first)\(others) recorded without checksums: nap cannot tell whether the data are the same"
    )
  }

  /// Runs all entries that are left.
  ///
  /// - Returns: the plan afterwards.
  /// - Throws: ``Failure/Interrupted`` after every run has saved.
  func run(_ adopted: Adopted) throws -> Comparison {
    let comparison = try store.comparison(adopted.plan.id)
    let threads = threads(of: adopted)
    let device = device(of: adopted)
    let executor = PlanExecutor(
      comparison, store: store, executable: try Self.executable(),
      arguments: Self.arguments(
        runs: runsFolder, threads: threads, device: device, trust: options.trust),
      jobs: options.jobCount(threads: threads))
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
        if isResumed { bar.note = "resumed \(Self.label(comparison, entry))" }
      case .progress(let entry, let updates, let total):
        shares[entry] = Double(updates) / Double(max(total, 1))
      case .ended(let entry, let status, let message):
        if status == .finished { shares[entry] = 1 }
        bar.note = "\(Self.label(comparison, entry)) \(status.state)"
        if status == .finished || (status == .interrupted && wasInterrupted) { break }
        progress.clear()
        Console.error("\(Self.label(comparison, entry)): \(status)")
        // The output of a process before its run was recorded is already its status.
        let isFault = status == .interrupted || status.state == "failed"
        if isFault, status.reason != message { Console.error(message) }
      }
      bar.show(shares.reduce(0, +), in: &progress)
    }
    progress.clear()
    if wasInterrupted {
      let command = CommandLine.arguments.map(ShellText.quoted).joined(separator: " ")
      throw Failure.Interrupted(advice: "Continue with the same command: \(command)")
    }
    let done = try store.comparison(comparison.id)
    let begun = comparison.entries.indices.filter { comparison.entries[$0].run == nil }
    if !begun.isEmpty, begun.allSatisfy({ done.entries[$0].run == nil }) {
      throw Failure.Impossible(
        description:
          "no run could be started, for the reasons above; fix them and repeat the command")
    }
    return done
  }

  /// Fails if a fault stopped a run or kept it from being resumed. A run that diverged is a result.
  ///
  /// - Throws: ``Failure/Impossible``, after the results have been shown.
  static func requireSound(_ comparison: Comparison) throws {
    let failed = comparison.entries.count { $0.state != .settled }
    guard failed > 0 else { return }
    throw Failure.Impossible(
      description:
        "\(failed) of \(comparison.entries.count) runs stopped at a fault or did not begin, for the reasons "
        + "above; fix them and repeat the command, which continues these runs from their checkpoints"
    )
  }

  /// Arm, seed and settings of an entry, for people.
  static func label(_ comparison: Comparison, _ entry: Int) -> String {
    let entry = comparison.entries[entry]
    let settings = entry.overrides.sorted { $0.key < $1.key }
      .map { " \($0.key)=\($0.value)" }.joined()
    return "\(entry.arm) seed \(entry.seed)\(settings)"
  }

  /// What `nap train` of an entry is told beside the entry.
  static func arguments(
    runs: URL, threads: Int, device: DeviceChoice, trust: TrustOption
  ) -> [String] {
    ["--runs", runs.path, "--threads", "\(threads)"] + device.arguments + trust.arguments
  }

  /// The path of this program.
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
