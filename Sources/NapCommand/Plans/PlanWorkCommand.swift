import ArgumentParser
import Experiments
import Foundation
import PlanService
import RunStore

extension PlanCommand {
  struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "run", abstract: "Trains what waits, one run after another.",
      discussion: """
        nap plan run
        nap plan run --plan PLAN --no-wait
        nap plan run --server http://HOST:8090 --token-file plans.token --runs FOLDER

        Ends when nothing waits and nobody trains. While others train it waits, since a worker may die and leave its \
        run; --no-wait ends then. With --server the queue is that of nap plan serve, the folder of runs is the \
        worker's own, and results are sent back: while a run trains what it has saved, every --send-every seconds. \
        Another worker goes on from there when this one's machine is lost. While the server is away training goes \
        on. Exit codes are those of nap compare; 130 means that a run was saved and given back.
        """)

    @Option(help: "Only this plan.") var plan: String?
    @Option(
      help: ArgumentHelp(
        "Only this entry of the plan, as nap plan status numbers it.", valueName: "number"))
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
    @Option(
      help: ArgumentHelp(
        "With --server, seconds between two sendings of what a run has saved; 0 sends it at the end alone.",
        valueName: "seconds"))
    var sendEvery = 600.0
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
      guard (0...1e7).contains(sendEvery) else {
        throw ValidationError("--send-every \(sendEvery): expected 0 to 10000000 seconds")
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
        address, token: token, store: store, patience: patience, sendEvery: sendEvery,
        tell: Console.error, isStopped: { Interruption.isRequested })
      try worker(queue, store).work()
    }
  }
}
