import ArgumentParser
import Experiments
import Foundation
import Torch

/// `nap launch`.
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch",
    abstract: "Trains one run in several processes on this machine.",
    discussion: """
      nap launch --processes 2 -- train language --preset small --arm nap
      nap launch --processes 4 --restarts 3 -- train cifar --arm nap --shard-optimizer

      Each process takes its part of every batch, so that the losses are those of one process with the same batch. \
      Processors are shared out; --threads N of nap train gives each process N threads. Ctrl-C saves and stops \
      the run. \
      When a process dies or hangs, the others stop, and with --restarts all of them begin again at the last \
      checkpoint. Over several machines use torchrun or srun (docs/scale.md).
      """)

  @Option(help: "How many processes.")
  var processes: Int

  @Option(help: "How often the processes are started again after a failure.")
  var restarts = 0

  @Argument(parsing: .postTerminator, help: "train, and its options.")
  var command: [String] = []

  /// Seconds that processes have to stop by themselves once one of them failed.
  private static let grace = 10.0

  func validate() throws {
    guard (1...1_024).contains(processes) else {
      throw ValidationError("--processes \(processes): expected 1 to 1024")
    }
    guard (0...1_000).contains(restarts) else {
      throw ValidationError("--restarts \(restarts): expected 0 to 1000")
    }
    guard command.first == "train" else {
      throw ValidationError(
        "expected -- train and its options after the options of launch, found "
          + (command.isEmpty ? "nothing" : command.joined(separator: " ")))
    }
  }

  func run() throws {
    Interruption.listen()
    let store = try RendezvousStore.served(port: 0, seconds: 60)
    for attempt in 0...restarts {
      let code = try runOnce(attempt, store)
      guard code == 3, attempt < restarts, !Interruption.isRequested else {
        throw Failure.Followed(code: code)
      }
      Console.error("starting the processes again, time \(attempt + 1) of \(restarts)")
    }
  }

  private func runOnce(_ attempt: Int, _ store: RendezvousStore) throws -> Int32 {
    let children = try (0..<processes).map { try start($0, attempt, store) }
    var (isForwarded, killsAt): (Bool, ContinuousClock.Instant?) = (false, nil)
    var ended: [Int: Int32] = [:]
    while ended.count < children.count {
      Thread.sleep(forTimeInterval: 0.02)
      for (rank, child) in children.enumerated() where ended[rank] == nil && !child.isRunning {
        let isSignal = child.terminationReason == .uncaughtSignal
        let code = isSignal ? 3 : child.terminationStatus
        ended[rank] = code
        guard isSignal || code == 3, killsAt == nil else { continue }
        killsAt = .now + .seconds(Self.grace)
        if isSignal {
          let reason = "its process was ended by signal \(child.terminationStatus)"
          Console.error("rank \(rank): \(reason)")
          try announce(reason, of: rank, attempt, store)
        }
      }
      if Interruption.isRequested, !isForwarded {
        isForwarded = true
        for child in children where child.isRunning { kill(child.processIdentifier, SIGTERM) }
      }
      if let time = killsAt, ContinuousClock.now > time {
        killsAt = .now + .seconds(Self.grace)
        for child in children where child.isRunning { kill(child.processIdentifier, SIGKILL) }
      }
    }
    let codes = Set(ended.values)
    return codes == [0] ? 0 : codes.contains(3) ? 3 : codes.subtracting([0]).min() ?? 0
  }

  private func start(_ rank: Int, _ attempt: Int, _ store: RendezvousStore) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging([
      "RANK": "\(rank)", "LOCAL_RANK": "\(rank)", "WORLD_SIZE": "\(processes)",
      "LOCAL_WORLD_SIZE": "\(processes)", "MASTER_ADDR": "localhost",
      "MASTER_PORT": "\(store.port)", "TORCHELASTIC_USE_AGENT_STORE": "True",
      "TORCHELASTIC_RESTART_COUNT": "\(attempt)",
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Tells the others of a process that could not say so itself.
  private func announce(
    _ reason: String, of rank: Int, _ attempt: Int, _ store: RendezvousStore
  ) throws {
    let keys = try store.prefixed("nap/attempt-\(attempt)")
    if try keys.add(1, to: "stopping") == 1 { try keys.set("stopped", "\(rank)\t\(reason)") }
  }
}
