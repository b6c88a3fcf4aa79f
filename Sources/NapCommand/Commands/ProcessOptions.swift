import ArgumentParser
import Datasets
import Experiments
import Foundation
import RunStore
import Torch
import Training

/// How several processes train one run.
struct ProcessOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Seconds after which a process that does not come, or gives no sign of life, is missing (several processes).",
      valueName: "seconds"))
  var timeout = 60.0

  @Flag(
    name: .customLong("synchronize-statistics"),
    help: """
      Batch normalizations take the statistics of the whole batch, as one process would. Without it each process \
      normalizes its own part, as in PyTorch.
      """)
  var synchronizesStatistics = false

  @Flag(
    name: .customLong("shard-optimizer"),
    help:
      "Each process keeps the optimizer's state of its own share of the parameters alone (ZeRO stage 1)."
  )
  var shardsOptimizer = false

  @Flag(help: "Trains a run of its own in each process, whatever torchrun or srun says of others.")
  var alone = false

  func validate() throws {
    guard timeout >= 1, timeout <= 86_400 else {
      throw ValidationError("--timeout \(timeout): expected 1 to 86400 seconds")
    }
  }

  /// This process's place among others; `nil` for one of its own.
  func place() throws -> ProcessPlace? {
    alone ? nil : try ProcessPlace.of(ProcessInfo.processInfo.environment)
  }

  /// Meets the other processes, and makes sure that they are of the same program and command.
  ///
  /// - Returns: the group, and the store of all attempts.
  /// - Throws: `ProcessError`.
  func meet(at place: ProcessPlace) throws -> (group: ProcessGroup, store: RendezvousStore) {
    // Takes longest, so that nobody waits for it.
    let program = try? SHA256.hexadecimal(ofFileAt: "/proc/self/exe")
    // Kept for as long as the group lives: the store of rank 0 is in it.
    let common =
      place.isStoreOfRank0 && place.rank == 0
      ? try RendezvousStore.served(port: place.port, seconds: timeout)
      : try RendezvousStore.at(place.address, port: place.port, seconds: timeout)
    let (address, port) =
      place.rank == 0 && place.isStoreOfRank0
      ? ("localhost", common.port) : (place.address, place.port)
    let (prefix, timeout) = (Self.prefix(of: place), timeout)
    let group = try ProcessGroup(
      rank: place.rank, size: place.size, timeout: timeout, keeper: place.isStoreOfRank0 ? 0 : nil
    ) { () throws(ProcessError) in
      try RendezvousStore.at(address, port: port, seconds: timeout).prefixed(prefix)
    }
    try compare(group, program, in: common.prefixed(prefix + "/facts"))
    return (group, common)
  }

  /// Keys of one attempt of a launcher.
  static func prefix(of place: ProcessPlace) -> String { "nap/attempt-\(place.attempt)" }

  /// What has to be the same in all processes.
  private func compare(
    _ group: ProcessGroup, _ program: String?, in store: RendezvousStore
  ) throws {
    let facts = [
      ("version of nap", NapVersion.current), ("libtorch", Machine.libtorchVersion),
      ("program", program.map { "SHA-256 \($0.prefix(16))…" } ?? "unknown"),
      ("command", CommandLine.arguments.dropFirst().joined(separator: " ")),
      ("number of threads (--threads)", "\(Machine.threadCount)"),
    ]
    if group.rank == 0 {
      for (name, value) in facts { try store.set(name, value) }
    }
    do {
      for (name, value) in facts {
        let expected = try store.value(name)
        if expected != value {
          throw ProcessError.different(
            rank: group.rank, what: name, expected: expected, found: value)
        }
      }
    } catch {
      group.announceStop("\(error)")
      throw error
    }
    try group.barrier()
  }
}

extension TrainCommand {
  /// Trains a run together with other processes.
  func trainTogether(_ place: ProcessPlace) throws {
    guard parent == nil, config == nil, extend == nil, !printsConfiguration else {
      throw UsageError(
        "--from, --config, --extend and --print-config: expected one process, found \(place.size); begin or extend the "
          + "run in one process, stop it, and go on with nap launch --processes \(place.size) -- train --resume RUN"
      )
    }
    if let recipe { try requireShareable(Recipes.named(recipe)) }
    let device = try device(of: place)
    // This may start the program anew, so nobody may wait for it yet.
    machine.set(
      threads: machine.askedThreads?.threads
        ?? max(1, Machine.usableProcessorCount / max(1, place.localSize)))
    Interruption.listen()
    let (group, store) = try processes.meet(at: place)
    let parallel = DataParallel(
      group, synchronizesStatistics: processes.synchronizesStatistics,
      shardsOptimizer: processes.shardsOptimizer)
    do {
      if place.rank == 0 {
        try lead(parallel, device, store, isAgain: place.attempt > 0)
      } else {
        let start = try SharedRun(from: group)
        try follow(Recipes.named(start.recipe), start, parallel, device)
      }
    } catch {
      switch error {
      case is Failure.Interrupted, is Failure.Outcome, is Failure.Followed: try? group.leave()
      default: if Self.isNews(error) { group.announceStop(Failure.message(error)) }
      }
      throw error
    }
    try? group.leave()
    withExtendedLifetime(store) {}
  }

  /// The CPU, or the GPU that this process has for itself.
  private func device(of place: ProcessPlace) throws -> Device {
    guard case .cuda(let index) = try machine.checkedDevice() else {
      guard machine.deviceName == "cpu" else {
        throw UsageError(
          "--device \(machine.deviceName): several processes train on CPUs (cpu) or on NVIDIA's GPUs (cuda)"
        )
      }
      return .cpu
    }
    guard index == 0 else {
      throw UsageError(
        "--device cuda:\(index): of several processes each takes the GPU of its place on the machine; give --device "
          + "cuda"
      )
    }
    let own = Device.cuda(place.localRank)
    guard own.isAvailable else {
      throw UsageError(
        "--device cuda: process \(place.localRank) of this machine has no GPU: expected \(place.localSize) GPUs, one "
          + "for each process; start fewer")
    }
    if let problem = ProcessGroup.gpuProblem {
      throw UsageError("--device cuda: NCCL cannot be used: \(problem)")
    }
    return own
  }

  /// Whether the other processes do not know of it by themselves.
  private static func isNews(_ error: any Error) -> Bool {
    switch error {
    case let stopped as Failure.Stopped: isNews(stopped.fault)
    case is Failure.Interrupted, is Failure.Outcome, is Failure.Followed: false
    case let error as ProcessError:
      if case .different = error { true } else { false }
    default: true
    }
  }

  private func requireShareable<R: Recipe>(_ recipe: R.Type) throws {
    guard R.isShareable else {
      throw UsageError(
        "\(R.name) trains in one process: supervised recipes alone can be shared out; start one process, or give "
          + "--alone for runs of their own")
    }
    _ = try request(R.self, device: .cpu)
  }

  /// Rank 0: starts or continues the run, records it and trains.
  private func lead(
    _ parallel: DataParallel, _ device: Device, _ common: RendezvousStore, isAgain: Bool
  ) throws {
    let earlier =
      try isAgain && common.has(Self.runKey) ? try common.value(Self.runKey) : nil
    if let name = earlier ?? resume {
      let store = try runs.open()
      try store.markAbandonedRunsInterrupted()
      let run = try store.findRun(name)
      if earlier != nil {
        Console.error("the processes were started again; run \(run.id) goes on")
      }
      try lead(Recipes.named(run.recipe), parallel, common, device, (run, store))
    } else if let recipe {
      try lead(Recipes.named(recipe), parallel, common, device, nil)
    }
  }

  private static var runKey: String { "nap/run" }

  private func lead<R: Recipe>(
    _ recipe: R.Type, _ parallel: DataParallel, _ common: RendezvousStore, _ device: Device,
    _ earlier: (run: Run, store: Store)?
  ) throws {
    try parallel.during {
      var session = try parallel.group.whileBusy {
        if let (run, store) = earlier {
          return try continued(R.self, run, device, store)
        }
        let request = try request(R.self, device: device)
        for warning in try R.validate(request.configuration) {
          Console.error("warning: \(warning)")
        }
        return try TrainingSession<R>(request, store: runs.open())
      }
      try common.set(Self.runKey, session.run.text)
      try session.share()
      if !json { Console.error("\(parallel.group.size) processes") }
      try printer().run(session)
    }
  }

  private func continued<R: Recipe>(
    _ recipe: R.Type, _ run: Run, _ device: Device, _ store: Store
  ) throws -> TrainingSession<R> {
    guard R.isShareable else {
      throw UsageError("run \(run.id) of \(R.name) trains in one process; resume it in one")
    }
    let (before, now) = (run.latestProvenance.processCount ?? 1, DataParallel.current?.group.size)
    if let now, before != now {
      Console.error(
        "warning: run \(run.id) was trained in \(before) and continues in \(now) processes: numbers are added in "
          + "another order")
    }
    return try TrainingSession<R>(
      resuming: run, device: device, store: store, trustsState: trust.isGiven,
      acceptsGap: acceptsGap)
  }

  /// Another rank: takes part.
  private func follow<R: Recipe>(
    _ recipe: R.Type, _ start: SharedRun, _ parallel: DataParallel, _ device: Device
  ) throws {
    try StopRequest.answering({ Interruption.isRequested }) {
      var session = try FollowingSession<R>(start, device: device, parallel)
      switch try session.run() {
      case .finished: return
      case .interrupted: throw Failure.Followed(code: 130)
      case .outcome: throw Failure.Followed(code: 4)
      }
    }
  }
}
