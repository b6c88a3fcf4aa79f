import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// `nap plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Keeps comparisons and sweeps as a queue that workers train, on one machine or many.",
    discussion: """
      nap plan add -- compare random-labels --preset short --seeds 5     forecasts and adds; trains nothing
      nap plan add --within 12 --workers 2 -- sweep random-labels --over optimizer.learningRate=1e-4,1e-3
      nap plan run                                    trains what waits; start as many as runs are to train at once
      nap plan status                                 done, running, waiting, failed, hours left
      nap plan status PLAN
      nap plan cancel PLAN
      nap plan serve --token-file FILE                for workers on other machines
      nap plan slurm PLAN -o plan.sh                  an array of SLURM

      A worker takes one run after another under a lease, which it renews while it trains. The run of a worker that \
      died is resumed from its checkpoint by another once the lease has run out. Ctrl-C, SIGTERM and a cluster's \
      warnings save the run and give the lease back. When the last run of a plan is over, the worker shows the results \
      as the command without a plan does (docs/clusters.md).
      """,
    subcommands: [Add.self, Work.self, Status.self, Cancel.self, Serve.self, Slurm.self])

  /// The versions of nap and libtorch, as plans record them.
  static var program: String {
    "nap \(NapVersion.current) with libtorch \(Machine.libtorchVersion)"
  }

  /// The plan of a queue that a person means.
  static func plan(
    _ text: String, in queue: PlanQueue, _ store: Store
  ) throws -> PlanQueue.Plan {
    let found = try store.findComparison(text)
    guard let plan = try queue.plans().first(where: { $0.id == found.id }) else {
      throw inNoQueue(found.id)
    }
    return plan
  }

  /// What is said of a comparison that nobody planned.
  static func inNoQueue(_ id: StoreIdentifier) -> UsageError {
    UsageError("plan \(id) is in no queue; nap plan add -- with its command adds it")
  }
}

extension PlanCommand {
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds the runs of a comparison or sweep, with a forecast.",
      discussion: """
        nap plan add -- compare random-labels --preset short --seeds 5
        nap plan add --within 8 --workers 4 -- compare random-labels --preset short --seeds 10
        nap plan add -- compare random-labels --preset short --dry-run

        The beginning of a run of every arm is trained and thrown away, for the forecast. --within plans the first \
        seeds whose runs fit, each with all of its arms, and says what is left out: arms never have different seeds. \
        Runs that other plans have trained are used again. Adding a plan that is here lets what failed or was canceled \
        wait again.
        """)

    @Option(
      help: ArgumentHelp(
        "Plans the first seeds that take no longer than this.", valueName: "hours"))
    var within: Double?
    @Option(help: "Runs at once, for the forecast.") var workers = 1
    @Option(help: "How often a run is begun again after a fault, or after its worker died.")
    var retries = 2
    @OptionGroup var runs: RunsOption
    @Argument(parsing: .postTerminator, help: "compare or sweep, and its options.")
    var command: [String] = []

    func validate() throws {
      if let within, !(within > 0 && within <= 1e6) {
        throw ValidationError("--within \(within): expected hours above 0, at most a million")
      }
      guard (1...10_000).contains(workers) else {
        throw ValidationError("--workers \(workers): expected 1 to 10000")
      }
      guard (0...1_000).contains(retries) else {
        throw ValidationError("--retries \(retries): expected 0 to 1000")
      }
    }

    func run() throws {
      Interruption.listen()
      var planned = try PlannedCommands.parsed(command)
      if let folder = runs.folder {
        guard planned.runs.folder.map({ $0 == folder }) ?? true else {
          throw UsageError("--runs is given before and after the --, as two folders; give it once")
        }
        planned.runs.folder = folder
      }
      guard planned.plan.jobs == nil else {
        throw UsageError("--jobs: start as many nap plan run as runs are to train at once")
      }
      guard !planned.plan.isDry else {
        try planned.run()
        return
      }
      try add(Recipes.named(planned.recipe), planned)
    }

    private func add<R: Recipe>(_ recipe: R.Type, _ planned: any PlannedCommand) throws {
      let draft = try planned.draft(R.self)
      let queue = try PlanQueue.open(in: draft.store.folder, busyTimeout: RunsOption.timeout())
      let (adopted, hours, leftOut) = try planned.runner(draft.store)
        .enqueue(draft, within: within, workers: workers)
      let plan = adopted.plan
      if case .finished = adopted { return }
      let kept = try draft.store.comparison(plan.id)
      try queue.add(
        PlanQueue.Plan(
          id: plan.id, command: command, seeds: kept.seeds,
          report: planned.report.map { URL(fileURLWithPath: $0).path },
          program: PlanCommand.program,
          attempts: retries + 1, leftOut: leftOut), entries: kept.entries, hours: hours)
      if let leftOut { Console.error(leftOut) }
      let elapsed = PlanForecast.elapsed(hours, workers: workers)
      Console.error(
        "\(adopted.left.count) of \(kept.entries.count) runs wait: about "
          + "\(LongWorkOption.words(hours: elapsed)) with \(workers) at once; train them with: "
          + draft.store.command("plan run"))
      Console.line("\(plan.id)")
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stops a plan: what waits is not begun, what trains is saved.",
      discussion: """
        nap plan cancel PLAN

        Workers stop at their next sign of life, within a quarter of their lease. Runs and checkpoints stay; nap plan \
        add with the same command goes on.
        """)
    @Argument(help: "The plan, as nap plan status lists it.") var plan: String
    @OptionGroup var runs: RunsOption

    func run() throws {
      let store = try runs.open()
      let queue = try PlanQueue.open(in: store.folder, busyTimeout: RunsOption.timeout())
      let found = try PlanCommand.plan(plan, in: queue, store)
      try queue.cancel(found.id)
      let running = try queue.entries(of: found.id).count { $0.state == .running }
      Console.line(
        "canceled \(found.id)"
          + (running > 0
            ? "; \(running) runs that train are saved within a quarter of a lease" : ""))
    }
  }
}
