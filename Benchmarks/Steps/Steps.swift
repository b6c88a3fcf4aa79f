import Arcade
import ArgumentParser
import Environments
import Foundation
#if Arcade
  import Reinforcement
#endif
import Torch

/// Times one whole training step of the reference workloads: forward, backward, Adam, projection.
///
/// The workloads are those of `Benchmarks/peers/peer_steps.py`, and so is the form of a line:
/// `NAME MODE median_ms min_ms max_ms steps`. `Benchmarks/run` interleaves both.
@main
struct Steps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nap-bench", abstract: "Times training steps; Benchmarks/run puts PyTorch beside.")

  @Option(
    help:
      "Works: mlp, cnn, gpt, resnet18, vit, rainbow, replay, arcade, agent, tokens, jpeg, crop; of processes: sum."
  )
  var work = "mlp,cnn"

  @Option(
    help: "nap (projects after every update) or norm (never), or both interleaved step by step.")
  var mode = "nap"

  @Option(help: "Timed steps, after five that are not.")
  var steps = 30

  @Option(help: "Threads; 0 takes one a core.")
  var threads = 0

  @Option(help: "cpu, cuda or mps.")
  var device = "cpu"

  @Option(help: "Transitions of the replay; a million plain ones take 6.6 GiB.")
  var replayCapacity = 100_000

  @Option(help: "A folder in which snapshots of the replay are timed too; they stay there.")
  var replayFolder: String?

  @Option(help: "The folder of the workload tokens, which Benchmarks/tokens makes.")
  var tokenFolder: String?

  @Flag(help: "Also measures the matrix-product rate and the memory bandwidth of the machine.")
  var machine = false

  @Flag(
    help: """
      Times every diagnostic instead, alone and all together, beside a step: what one measurement every \
      100 steps adds to a run.
      """)
  var diagnostics = false

  @Option(help: "Class folders of JPEGs, for the workload jpeg.")
  var images = "imagenet-sample"

  @Option(help: "The game that the workloads arcade and agent play.")
  var game = "pong"

  func run() throws {
    Machine.configureAllocator()
    if threads > 0 { Machine.threadCount = threads }
    guard let device = Device(device), device.isAvailable else {
      throw ValidationError("--device \(device): not on this machine")
    }
    if let rates = try ProcessRates() {
      for name in work.split(separator: ",") { try rates.time(String(name), steps: steps) }
      return
    }
    if machine { MachineRates.measure(device).printed() }
    for name in work.split(separator: ",") {
      if name == "replay" {
        try ReplayCosts(
          capacity: replayCapacity, tries: steps, folder: replayFolder.map { URL(filePath: $0) }
        ).printed()
        continue
      }
      if name == "tokens" {
        guard let tokenFolder else {
          throw ValidationError("--work tokens: expected --token-folder; run Benchmarks/tokens")
        }
        try TokenRates(folder: tokenFolder, rounds: steps).printed()
        continue
      }
      if name == "jpeg" {
        try ImageRates(
          folder: images, threads: threads > 0 ? threads : Machine.usableProcessorCount,
          turns: max(5, steps / 4)
        ).printed()
        continue
      }
      if name == "crop" {
        try ImageRates.printCrop(turns: steps)
        continue
      }
      if ["arcade", "agent"].contains(name) {
        try timeArcade(String(name), device)
        continue
      }
      if name == "rainbow", !diagnostics {
        var ways: [(name: String, step: () throws -> Double)] = []
        for way in mode == "both" ? ["nap", "norm"] : [mode] {
          guard ["nap", "norm"].contains(way) else {
            throw ValidationError("--mode \(mode): expected nap, norm or both")
          }
          var workload = try RainbowWorkload(projects: way == "nap", device: device)
          ways.append((way, { try workload.step() }))
        }
        time(ways, "rainbow", RainbowWorkload.operationsPerStep, device)
        continue
      }
      guard let kind = Workload.Kind(rawValue: String(name)) else {
        throw ValidationError(
          "--work \(name): expected mlp, cnn, gpt, resnet18, vit, rainbow, replay, arcade, agent, tokens, jpeg or crop"
        )
      }
      if diagnostics {
        guard [.mlp, .cnn].contains(kind) else {
          throw ValidationError("--diagnostics: expected --work mlp or cnn, found \(name)")
        }
        try DiagnosticCosts(kind: kind, tries: steps, device: device).printed()
        continue
      }
      switch mode {
      case "nap", "norm":
        var workload = try Workload(kind, projects: mode == "nap", device: device)
        time(
          [(mode, { try workload.step() })], kind.rawValue, kind.operationsPerStep, device)
      case "both":
        var projected = try Workload(kind, projects: true, device: device)
        var normOnly = try Workload(kind, projects: false, device: device)
        time(
          [("nap", { try projected.step() }), ("norm", { try normOnly.step() })], kind.rawValue,
          kind.operationsPerStep, device)
      default: throw ValidationError("--mode \(mode): expected nap, norm or both")
      }
    }
  }

  private func timeArcade(_ work: String, _ device: Device) throws {
    #if Arcade
      let game = try AtariGame(named: game)
      if work == "arcade" {
        try ArcadeRates(game: game, pairs: max(5, steps / 4)).printed()
      } else {
        try AgentRates(game: game, turns: max(5, steps / 4), device: device).printed()
      }
    #else
      throw ValidationError(
        "--work \(work): this program was built without the Arcade Learning Environment; build it "
          + "with --traits Arcade")
    #endif
  }

  /// Times each way's steps in turn, so that a noisy moment meets them all.
  private func time(
    _ ways: [(name: String, step: () throws -> Double)], _ work: String, _ operations: Double,
    _ device: Device
  ) {
    var times = ways.map { _ in [Double]() }
    for round in 0..<(steps + 5) {
      for (index, way) in ways.enumerated() {
        let start = ContinuousClock.now
        guard let loss = try? way.step(), loss.isFinite else {
          print("\(work) \(way.name) failed: the loss is not finite")
          return
        }
        device.synchronize()
        let elapsed = ContinuousClock.now - start
        if round >= 5 { times[index].append(elapsed / .milliseconds(1)) }
      }
    }
    for (index, way) in ways.enumerated() {
      let sorted = times[index].sorted()
      let middle = sorted.count / 2
      let median =
        sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
      let rate = operations / (median * 1e-3) / 1e9
      print(
        "\(work) \(way.name) "
          + String(
            format: "%.3f %.3f %.3f %d %.1f GFLOP/s", median, sorted[0], sorted[sorted.count - 1],
            sorted.count, rate))
    }
  }
}
