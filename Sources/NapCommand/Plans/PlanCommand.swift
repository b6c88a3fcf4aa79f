import ArgumentParser
import Experiments
import Foundation
import PlanService
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
  static var program: String { "nap \(NapVersion.current) with libtorch \(Machine.libtorchVersion)" }

  /// The plan of a queue that a person means.
  static func plan(
    _ text: String, in queue: PlanQueue, _ store: Store
  ) throws -> PlanQueue.Plan {
    let found = try store.findComparison(text)
    guard let plan = try queue.plans().first(where: { $0.id == found.id }) else {
      throw UsageError(
        "plan \(found.id) is in no queue; nap plan add -- with its command adds it")
    }
    return plan
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
          report: planned.report.map { URL(fileURLWithPath: $0).path }, program: PlanCommand.program,
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

  struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Trains what waits, one run after another.",
      discussion: """
        nap plan run
        nap plan run --plan PLAN --no-wait
        nap plan run --server http://HOST:8090 --token-file plans.token --runs FOLDER

        Ends when nothing waits and nobody trains. While others train it waits, since a worker may die and leave its \
        run; --no-wait ends then. With --server the queue is that of nap plan serve, the folder of runs is the worker's own, \
        and results are sent back. While the server is away training goes on. Exit codes are those of nap compare; 130 means that a run was saved and given back.
        """)

    @Option(help: "Only this plan.") var plan: String?
    @Option(
      help: ArgumentHelp("Only this entry of the plan, as nap plan status numbers it.", valueName: "number"))
    var entry: Int?
    @Option(
      help: ArgumentHelp(
        "Seconds without a sign of life after which another worker takes the run.",
        valueName: "seconds"))
    var lease = 120.0
    @Flag(name: .customLong("no-wait"), help: "Ends when nothing is free, though others train.")
    var leaves = false
    @Option(help: ArgumentHelp("The address of nap plan serve.", valueName: "address"))
    var server: String?
    @Option(help: ArgumentHelp("The server's secret.", valueName: "file")) var tokenFile: String?
    @Option(
      help: ArgumentHelp(
        "Seconds for which a server that does not answer is asked again.", valueName: "seconds"))
    var patience = 3_600.0
    @OptionGroup var trust: TrustOption
    @OptionGroup var runs: RunsOption

    func validate() throws {
      guard (server == nil) == (tokenFile == nil) else {
        throw ValidationError("--server, --token-file: give both, or none")
      }
      guard server == nil || plan == nil else {
        throw ValidationError("--plan: the server chooses; leave it out with --server")
      }
      guard (0...1e7).contains(patience) else {
        throw ValidationError("--patience \(patience): expected 0 to 10000000 seconds")
      }
      guard ClaimRequest.leases.contains(lease) else {
        throw ValidationError("--lease \(lease): expected 1 to 86400 seconds")
      }
      guard entry == nil || plan != nil else {
        throw ValidationError("--entry: give its plan, too, --plan PLAN")
      }
    }

    func run() throws {
      Interruption.listen()
      if let server, let tokenFile { return try serve(server, TokenFile.read(tokenFile)) }
      let store = try runs.open()
      let queue = try PlanQueue.open(in: store.folder, busyTimeout: RunsOption.timeout())
      let asked = try plan.map { try PlanCommand.plan($0, in: queue, store) }
      if let asked, let entry {
        let count = try queue.entries(of: asked.id).count
        guard (0..<count).contains(entry) else {
          throw UsageError("--entry \(entry): plan \(asked.id) has entries 0 to \(count - 1)")
        }
      }
      let locks = try WorkerLocks(PlanWorker.name, of: queue, in: store.folder)
      var worker = worker(queue, store, plan: asked?.id)
      worker.check = { try locks.check() }
      try worker.work {
        for plan in try queue.plans() where try queue.takesResults(of: plan.id) {
          try PlannedCommands.tell(plan, in: store)
        }
      }
    }

    private func worker(
      _ queue: any WorkQueue, _ store: Store, plan: StoreIdentifier? = nil
    ) -> PlanWorker {
      PlanWorker(
        queue: queue, store: store,
        request: ClaimRequest(
          worker: PlanWorker.name, program: PlanCommand.program, lease: lease, plan: plan,
          position: entry), trust: trust, waits: !leaves)
    }

    /// Works for a server.
    private func serve(_ address: String, _ token: String) throws {
      let store = try runs.open()
      let queue = try RemoteQueue(
        address, token: token, store: store, patience: patience, tell: Console.error,
        isStopped: { Interruption.isRequested })
      try worker(queue, store).work()
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
          + (running > 0 ? "; \(running) runs that train are saved within a quarter of a lease" : ""))
    }
  }
}
