import Foundation
import Networks
import Plasticity
import RunStore
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite struct CheckpointMeasuringTests {
  private let budget = FreshTaskProbe.Budget(steps: 40, draws: 2)

  /// Trains a small run that keeps a checkpoint a task, and gives its checkpoints.
  private func trained(
    _ folder: URL, _ change: (inout ContinualConfiguration) -> Void = { _ in }
  ) throws -> [URL] {
    var configuration = Small.configuration(Arm(.plain))
    configuration.recording.keepCheckpointEveryTasks = 1
    configuration.tasks = 3
    change(&configuration)
    let store = try Store.open(at: folder)
    var session = try TrainingSession<RandomLabels>(
      .init(preset: "small", arm: "plain", configuration: configuration, seed: 0, device: .cpu),
      store: store)
    while try session.next() != nil {}
    return Checkpoint.all(in: store.folder(of: session.run))
  }

  private func measured(
    _ checkpoints: [URL], probe: FreshTaskProbe.Budget?
  ) throws -> [CheckpointMeasurement] {
    var measuring = try CheckpointMeasuring(checkpoints, probe: probe)
    while try measuring.next() != nil {}
    #expect(measuring.done == measuring.total)
    return measuring.results
  }

  @Test func `a run keeps the checkpoints that it is told to, and its last one once`() throws {
    try withTemporaryFolder { folder in
      let all = try trained(folder)
      let names = all.map(\.lastPathComponent)
      #expect(names == [12, 24, 36].map { "update-00000000\($0).safetensors" })
      #expect(try all.map { try Checkpoint(reading: $0).identity.updates } == [12, 24, 36])
    }
    try withTemporaryFolder { folder in
      let all = try trained(folder) { $0.recording.keepCheckpointEveryTasks = 2 }
      let names = all.map(\.lastPathComponent)
      #expect(names == ["update-0000000024.safetensors", Checkpoint.fileName])
    }
  }

  @Test func `checkpoints are measured along a run, and the files stay as they are`() throws {
    try withTemporaryFolder { folder in
      let all = try trained(folder)
      let before = try all.map { url in
        (
          try Data(contentsOf: url),
          try FileManager.default.attributesOfItem(atPath: url.path)[.modificationDate] as? Date
        )
      }
      let results = try measured(all, probe: budget)
      for (url, old) in zip(all, before) {
        #expect(try Data(contentsOf: url) == old.0)
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        #expect(attributes[.modificationDate] as? Date == old.1)
      }
      #expect(results.map(\.updates) == [12, 24, 36])
      let metrics = Set(Diagnostics.all.flatMap { $0.metrics })
      for result in results {
        #expect(Set(result.readings.map(\.metric)) == metrics)
        let missing = result.readings.filter { $0.scope.isEmpty && $0.outcome.number == nil }
        #expect(
          missing.map(\.metric) == ["scale_offset_norm", "attention_entropy"], "\(missing)")
        #expect(result.fits.count == 4 && result.freshFits.count == 4)
        #expect(result.probes.map(\.battery) == FreshTaskProbe.Battery.allCases)
        #expect(result.probes.allSatisfy { $0.pairs == 2 && $0.difference.number != nil })
      }
      // Fresh networks do not depend on the checkpoint; the fitted network does.
      #expect(results[0].freshFits == results[2].freshFits)
      #expect(results[0].fits != results[2].fits)
      // Drift grows from the run's own start, and changes are from checkpoint to checkpoint.
      let drift = results.compactMap { $0.outcome("weight_drift")?.number }
      #expect(drift.count == 3 && drift[0] > 0 && drift[2] > drift[0])
      #expect(
        try measured([all[2]], probe: nil)[0].outcome("feature_change")
          != results[2].outcome("feature_change"))
      // Measuring again gives the same.
      let again = try measured(all, probe: budget)
      #expect(again.map(\.fits) == results.map(\.fits))
      #expect(again.map(\.readings) == results.map(\.readings))
    }
  }

  @Test func `a network of dead units has lost its plasticity, and fresh ones have not`() throws {
    try withTemporaryFolder { folder in
      let last = try #require(try trained(folder).last)
      var checkpoint = try Checkpoint(reading: last)
      checkpoint.snapshot.tensors = checkpoint.snapshot.tensors.map { name, tensor in
        (name, name == "network.hidden0.bias" ? Tensor.full(tensor.shape, value: -1e4) : tensor)
      }
      let dead = folder.appendingPathComponent("dead.safetensors")
      try checkpoint.write(to: dead)
      let results = try measured([dead], probe: .init(steps: 150, draws: 2))
      #expect(results[0].outcome("dead_units")?.number ?? 0 >= 0.5)
      for probe in results[0].probes {
        let own = try #require(probe.checkpoint.number)
        let fresh = try #require(probe.fresh.number)
        // Only the output's bias is left: random labels stay at the loss of guessing.
        #expect(abs(own) < 0.1, "\(probe)")
        #expect(fresh > own + (probe.battery == .labels ? 0.5 : 0.02), "\(probe)")
      }
      #expect(results[0].fits.allSatisfy { $0.battery == .targets || $0.baseline == log(10.0) })
    }
  }

  @Test func `targets are the formula's: their variance is that of the sine`() throws {
    try withTemporaryFolder { folder in
      let result = try measured([trained(folder)[0]], probe: .init(steps: 1, draws: 3))[0]
      for fit in result.fits + result.freshFits where fit.battery == .targets {
        // sin of a phase spread over many turns: variance ½.
        #expect(abs(fit.baseline - 0.5) < 0.08, "\(fit)")
        let (loss, plasticity) = (fit.loss.number ?? 0, fit.plasticity.number ?? 0)
        #expect(abs(fit.baseline - loss - plasticity) < 1e-12)
      }
      // The same target network for both, so the same variance.
      let own = result.fits.filter { $0.battery == .targets }.map(\.baseline)
      #expect(own == result.freshFits.filter { $0.battery == .targets }.map(\.baseline))
    }
  }

  @Test func `targets are a plus the sine of a fresh network's outputs, and the optimizer is new`()
    throws
  {
    try withTemporaryFolder { folder in
      let last = try #require(try trained(folder).last)
      let opened = try OpenedCheckpoint(last, device: .cpu)
      let probe = FreshTaskProbe(run: opened.run, budget: budget)
      let fork = try opened.forkedLearner()
      #expect(opened.run.learner.optimizer.state.stepCount == 36)
      #expect(fork.optimizer.state.stepCount == 0)
      for (own, other) in zip(fork.parameters, opened.run.learner.parameters) {
        #expect(own.parameter.value.isIdentical(to: other.parameter.value))
        #expect(own.parameter !== other.parameter)
      }
      let generator = probe.generator(.targets, draw: 1)
      let task = try probe.task(.targets, fork, generator)
      let inputs = opened.run.taskInputs
      let (own, waves) = try withoutGradients {
        let other = try opened.run.startedLearner(generator.split("targets"))
        return (
          fork.network(inputs).doubles,
          (other.network(inputs).converted(to: .float64) * 1e5).doubles.map { sin($0) }
        )
      }
      let (count, outputs) = (inputs.shape[0], opened.run.classCount)
      let targets = task.targets.doubles
      var variance = 0.0
      for output in 0..<outputs {
        let places = (0..<count).map { $0 * outputs + output }
        let mean = places.reduce(0.0) { $0 + own[$1] } / Double(count)
        for place in places { #expect(abs(targets[place] - mean - waves[place]) < 1e-5) }
        let centre = places.reduce(0.0) { $0 + waves[$1] } / Double(count)
        variance += places.reduce(0.0) { $0 + (waves[$1] - centre) * (waves[$1] - centre) }
      }
      #expect(abs(task.baseline - variance / Double(count * outputs)) < 1e-12)
    }
  }

  @Test func `a checkpoint with NaN is measured by name`() throws {
    try withTemporaryFolder { folder in
      let last = try #require(try trained(folder).last)
      var checkpoint = try Checkpoint(reading: last)
      checkpoint.snapshot.tensors = checkpoint.snapshot.tensors.map { name, tensor in
        let isBroken = name == "network.hidden1.weight"
        return (name, isBroken ? Tensor.full(tensor.shape, value: .real(.nan)) : tensor)
      }
      let broken = folder.appendingPathComponent("nan.safetensors")
      try checkpoint.write(to: broken)
      let result = try measured([broken], probe: .init(steps: 3, draws: 1))[0]
      guard case .undefined(.notFinite(let what))? = result.outcome("effective_rank") else {
        Issue.record("\(String(describing: result.outcome("effective_rank")))")
        return
      }
      #expect(what.contains("hidden1.weight"))
      #expect(result.fits.allSatisfy { $0.plasticity.number == nil })
      #expect(result.freshFits.allSatisfy { $0.plasticity.number != nil })
      #expect(result.probes.allSatisfy { $0.pairs == 0 && $0.difference.number == nil })
      // It survives JSON, reasons and all.
      let data = try JSONEncoder().encode(result)
      #expect(
        try JSONDecoder().decode(CheckpointMeasurement.self, from: data).readings
          == result.readings)
    }
  }

  @Test func `what is no checkpoint, and what fits no network, is refused by its path`() throws {
    try withTemporaryFolder { folder in
      let other = folder.appendingPathComponent("other.safetensors")
      try SafetensorsFile.write([("a", Tensor.zeros([2]))], metadata: [:], to: other)
      #expect(throws: CheckpointError.self) { try measured([other], probe: nil) }
      let last = try #require(try trained(folder).last)
      var checkpoint = try Checkpoint(reading: last)
      checkpoint.snapshot.tensors = checkpoint.snapshot.tensors.map { name, tensor in
        (name, name == "network.hidden0.weight" ? tensor.converted(to: .float64) : tensor)
      }
      let wide = folder.appendingPathComponent("wide.safetensors")
      try checkpoint.write(to: wide)
      #expect {
        _ = try measured([wide], probe: nil)
      } throws: {
        "\($0)".contains(wide.path) && "\($0)".contains("hidden0.weight")
      }
      #expect(throws: UsageError.self) {
        try CheckpointMeasuring([last], diagnostics: ["everything"])
      }
      #expect(throws: UsageError.self) {
        try CheckpointMeasuring([last], probe: .init(steps: 0))
      }
    }
  }

  /// Fewer examples than the sharpness is taken over, and more.
  @Test(arguments: [8, 60])
  func `a recording and nap measure find the same of one checkpoint, wherever both have a number`(
    probes: Int
  ) throws {
    try withTemporaryFolder { folder in
      let url = try #require(
        try trained(folder) {
          $0.recording.diagnostics = ["all"]
          $0.recording.probeCount = probes
        }.last)
      let measured = try measured([url], probe: nil)[0].readings
      let store = try Store.open(at: folder, for: .readOnly)
      let run = try #require(try store.runs().first)
      let recorded = try store.values(of: run.id).filter { $0.updates == 36 }
      // Measures of an update are of the last one there and of one more here; changes are since another moment.
      let others: Set<Metric> = [
        .updateRatio, .weightChangeRatio, .rotation, .realisedEffectiveLearningRate, .gradientNorm,
        .gradientWeightCosine,
        .activationPatternChange, .featureChange,
      ]
      var compared: Set<Metric> = []
      for value in recorded where value.value.isFinite && !others.contains(value.metric) {
        let reading = measured.first {
          Metric($0.metric) == value.metric && $0.scope == value.scope
        }
        guard let number = reading?.outcome.number else { continue }
        compared.insert(value.metric)
        #expect(
          abs(number - value.value) <= 1e-4 * max(abs(number), abs(value.value)),
          "\(value.metric) \(value.scope): recorded \(value.value), measured \(number)")
      }
      #expect(
        compared.contains(.sharpness) && compared.count > 10, "\(compared.map(\.name).sorted())")
    }
  }
}
