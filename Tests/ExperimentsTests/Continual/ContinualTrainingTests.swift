import Datasets
import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import TensorTestSupport
import Testing
import Torch
import Training

@testable import Experiments

/// Runs of the real loop on built-in images, small enough for seconds.
enum Small {
  static func configuration(_ arm: Arm = Arm(.nap), cnn: Bool = false) -> ContinualConfiguration {
    var configuration = ContinualConfiguration(
      data: TaskDataConfiguration(source: .procedural, imageCount: 60, size: cnn ? 16 : 8),
      network: cnn ? NetworkConfiguration(.cnn) : .mlp([24, 24]),
      optimizer: OptimizerConfiguration(learningRate: 3e-3), tasks: 4, updatesPerTask: 12,
      batchSize: 16)
    configuration.recording.probeCount = 8
    return configuration.applying(arm)
  }

  static func training(
    _ arm: Arm = Arm(.nap), seed: Int = 0, cnn: Bool = false
  ) throws -> ContinualTraining {
    let configuration = configuration(arm, cnn: cnn)
    return try RandomLabels.start(configuration, seed: seed, device: .cpu)
  }
}

extension ContinualTraining {
  /// Trains `count` updates and gives every measurement, for comparing bit by bit.
  mutating func advance(_ count: Int) throws -> [MetricValue] {
    var values: [MetricValue] = []
    for _ in 0..<count { values += try next()?.measurements ?? [] }
    return values
  }
}

@Suite struct ContinualTrainingTests {
  @Test(arguments: [
    "plain", "norm", "nap", "project", "fresh", "nap+restart", "norm+cyclic",
    "nap/redo+shrink-perturb+noisy-updates+l2", "fresh/continual-backprop+spectral-norm+trac",
  ])
  func `run N+M equals run N, save to disk, load, run M, byte for byte`(arm: String) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-resume-\(UUID())", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // 17 stops in the middle of the second task and of an epoch.
    for stop in [12, 17] {
      var whole = try Small.training(Arm(arm))
      _ = try whole.advance(stop)
      let url = folder.appendingPathComponent("\(stop).safetensors")
      let identity = Checkpoint.Identity(
        recipe: "random-labels", preset: "small", arm: arm, seed: 0, configuration: "{}",
        updates: whole.updates, run: "r", napVersion: NapVersion.current)
      try Checkpoint(identity: identity, snapshot: whole.snapshot()).write(to: url)
      var resumed = try Small.training(Arm(arm))
      try resumed.restore(Checkpoint(reading: url).snapshot)
      let first = try whole.advance(31)
      let second = try resumed.advance(31)
      #expect(!first.isEmpty)
      #expect(first == second)
      let (a, b) = (try whole.snapshot(), try resumed.snapshot())
      #expect(a.values == b.values)
      #expect(a.tensors.map(\.name) == b.tensors.map(\.name))
      for (left, right) in zip(a.tensors, b.tensors) {
        #expect(left.tensor.isIdentical(to: right.tensor), "\(left.name)")
      }
    }
  }

  @Test(arguments: ["plain", "project", "nap"])
  func `a residual network goes on with its running statistics, which evaluation leaves alone`(
    arm: String
  ) throws {
    var configuration = Small.configuration(try Arm(arm))
    configuration.network = NetworkConfiguration(.resnet18)
    configuration.network.channels = [4, 6]
    configuration.network.convolutions = [1, 1]
    configuration.recording.everyUpdates = 5
    func run() throws -> ContinualTraining {
      try RandomLabels.start(configuration, seed: 0, device: .cpu)
    }
    var whole = try run()
    _ = try whole.advance(17)
    let buffers = whole.network.buffers.map { $0.value.floats }
    #expect(buffers.isEmpty == (arm == "nap"))
    _ = try whole.evaluation(
      after: LoopMoment(update: 16, task: 1, updateInTask: 4, endsTask: true))
    #expect(whole.network.buffers.map { $0.value.floats } == buffers)
    var resumed = try run()
    try resumed.restore(whole.snapshot())
    let (first, second) = (try whole.advance(20), try resumed.advance(20))
    #expect(!first.isEmpty && first == second)
    let (a, b) = (try whole.snapshot(), try resumed.snapshot())
    for (left, right) in zip(a.tensors, b.tensors) {
      #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
    #expect(whole.network.buffers.map { $0.value.floats } != buffers || arm == "nap")
  }

  @Test func `arms of one seed share labels, batches and initial weights`() throws {
    var plain = try Small.training(Arm(.plain))
    var nap = try Small.training(Arm(.nap))
    let plainWeights = Dictionary(
      uniqueKeysWithValues: plain.parameters.map { ($0.name, $0.parameter.value) })
    var shared = 0
    for parameter in nap.parameters where parameter.name.hasSuffix("weight") {
      let own = try #require(plainWeights[parameter.name])
      #expect(own.isIdentical(to: parameter.parameter.value), "\(parameter.name)")
      shared += 1
    }
    #expect(shared == 3)
    _ = try plain.advance(20)
    _ = try nap.advance(20)
    #expect(plain.source.data.training.labels.isIdentical(to: nap.source.data.training.labels))
    #expect(plain.source.sampler.position == nap.source.sampler.position)
    let other = try Small.training(Arm(.nap), seed: 1)
    #expect(!other.parameters[0].parameter.value.isIdentical(to: nap.parameters[0].parameter.value))
  }

  @Test func `projection keeps the norm of every hidden weight and of no other`() throws {
    var nap = try Small.training(Arm(.nap))
    let before = nap.parameters.map(\.parameter.norm)
    _ = try nap.advance(30)
    for (parameter, norm) in zip(nap.parameters, before) {
      let change = abs(parameter.parameter.norm / norm - 1)
      if case .weight = parameter.parameter.role {
        #expect(change < 1e-6, "\(parameter.name)")
      } else {
        #expect(change > 1e-4, "\(parameter.name)")
      }
    }
    var norm = try Small.training(Arm(.norm))
    let free = norm.parameters[0].parameter.norm
    _ = try norm.advance(30)
    #expect(norm.parameters[0].parameter.norm > 1.001 * free)
  }

  @Test func `the fresh arm starts every task anew and the others do not`() throws {
    var fresh = try Small.training(Arm(.fresh))
    _ = try fresh.advance(12)
    let trained = fresh.parameters[0].parameter.norm
    _ = try fresh.advance(1)
    #expect(fresh.learner.optimizer.state.stepCount == 1)
    #expect(fresh.parameters[0].parameter.norm < trained)
    var norm = try Small.training(Arm(.norm))
    _ = try norm.advance(13)
    #expect(norm.learner.optimizer.state.stepCount == 13)
  }

  @Test func `a share of the labels changes at a boundary`() throws {
    var configuration = Small.configuration()
    configuration.stream.change = .randomLabels(.init { $0.relabeledShare = 0.25 })
    var training = try RandomLabels.start(configuration, seed: 3, device: .cpu)
    _ = try training.advance(1)
    let first = training.source.data.training.labels.integers
    _ = try training.advance(12)
    let second = training.source.data.training.labels.integers
    let changed = zip(first, second).count { $0 != $1 }
    #expect(changed > 0)
    #expect(changed <= 15)
  }

  @Test func `a task's end reports every metric of the recipe once, and a finite one`() throws {
    for cnn in [false, true] {
      var training = try Small.training(Arm(.nap), cnn: cnn)
      let values = try training.advance(12)
      let network = values.filter { $0.scope.isEmpty }
      let expected: Set<Metric> = [
        .taskEndLoss, .taskEndAccuracy, .onlineAccuracy, .onlineLoss, .jacobianNorm, .gradientNorm,
        .parameterNorm, .deadUnits, .updateNorm, .effectiveLearningRate, .learningRate,
        .weightChangeNorm, .updateRatio, .weightChangeRatio, .rotation, .scaleFreeShare,
        .realisedEffectiveLearningRate,
      ]
      #expect(Set(network.map(\.metric)) == expected)
      #expect(network.count == expected.count)
      #expect(values.allSatisfy { $0.value.isFinite && $0.task == 0 && $0.updates == 12 })
      let accuracy = try #require(network.first { $0.metric == .taskEndAccuracy }).value
      #expect((0...1).contains(accuracy))
    }
  }

  @Test func `an arm without normalization has norms and steps, and no declared effective rate`()
    throws
  {
    for (method, isDeclared) in [(Arm.Method.plain, false), (.project, false), (.norm, true)] {
      var training = try Small.training(Arm(method))
      let values = try training.advance(12)
      let metrics = Set(values.map(\.metric))
      #expect(metrics.isSuperset(of: [.updateRatio, .realisedEffectiveLearningRate]))
      #expect(metrics.contains(.effectiveLearningRate) == isDeclared, "\(method)")
      let scopes = values.filter { $0.metric == .effectiveLearningRate }.map(\.scope)
      if isDeclared { #expect(scopes == ["hidden0.weight", "hidden1.weight", ""]) }
    }
  }

  @Test
  func `an epsilon between the regimes leaves the declared rate without a number, with the reason`()
    throws
  {
    var configuration = Small.configuration()
    var seen: Set<String> = []
    for epsilon in [1e-12, 1e-4, 1e-3, 1e-2, 1e-1, 1e3] {
      configuration.optimizer.rule[OptimizerConfiguration.AdamSettings.self]?.epsilon = epsilon
      var training = try RandomLabels.start(configuration, seed: 1, device: .cpu)
      let norm = try #require(
        training.learner.parameters.first { $0.name == "hidden1.weight" }?.parameter.norm)
      let values = try training.advance(12).filter { $0.scope == "hidden1.weight" }
      let rate = try #require(values.first { $0.metric == .effectiveLearningRate })
      let share = try #require(values.first { $0.metric == .scaleFreeShare }).value
      let eta = configuration.optimizer.learningRate
      if share >= 0.9 {
        seen.insert("free")
        #expect(abs(rate.value / (eta / norm) - 1) < 1e-5)
      } else if share <= 0.1 {
        seen.insert("dominated")
        #expect(abs(rate.value / (eta / epsilon / (norm * norm)) - 1) < 1e-5)
      } else {
        seen.insert("between")
        #expect(rate.value.isNaN && rate.reason?.contains("epsilon") == true)
      }
    }
    #expect(seen == ["free", "between", "dominated"])
  }

  @Test func `probes are the task's own inputs, in the Jacobian as in diagnostics`() throws {
    var configuration = Small.configuration()
    configuration.stream.kind = .permutedPixels
    var training = try PermutedPixels.start(configuration, seed: 2, device: .cpu)
    _ = try training.advance(12)
    let values = try training.advance(12)
    let recorded = try #require(values.last { $0.metric == .jacobianNorm && $0.task == 1 })
    let subject = training.diagnosticSubject()
    #expect(subject.probes.isIdentical(to: training.source.probes.inputs))
    let own = JacobianNorm.measure(
      training.network, probes: subject.probes,
      generator: Generator(seed: 2).split("jacobian").split("task-1")
    ).value
    let others = JacobianNorm.measure(
      training.network,
      probes: training.source.task.inputs[
        Tensor(Array(training.source.probeOrder.prefix(subject.probes.shape[0])))],
      generator: Generator(seed: 2).split("jacobian").split("task-1")
    ).value
    #expect(recorded.value == own)
    #expect(abs(others / own - 1) > 1e-4, "the first task's images give another norm")
  }

  @Test func `a task is learned: accuracy at its end is far above chance`() throws {
    var configuration = Small.configuration()
    configuration.updatesPerTask = 150
    configuration.tasks = 1
    var training = try RandomLabels.start(configuration, seed: 0, device: .cpu)
    let values = try training.advance(150)
    let accuracy = try #require(
      values.first { $0.metric == .taskEndAccuracy && $0.scope.isEmpty }
    ).value
    #expect(accuracy > 0.9)
    #expect(try training.next() == nil)
  }

  @Test func `a loss that is not finite ends the run with an outcome`() throws {
    var configuration = Small.configuration(Arm(.plain))
    configuration.optimizer = OptimizerConfiguration(kind: .sgd, learningRate: 1e12)
    var training = try RandomLabels.start(configuration, seed: 0, device: .cpu)
    var outcome: RunStatus?
    for _ in 0..<48 {
      guard let event = try training.next() else { break }
      outcome = event.outcome ?? outcome
    }
    guard case .notFinite(let reason)? = outcome else {
      Issue.record("expected a not-finite outcome, found \(String(describing: outcome))")
      return
    }
    #expect(reason.contains("loss") || reason.contains("norm"))
    #expect(try training.next() == nil)
  }

  @Test func `a snapshot of another network says which tensors do not fit`() throws {
    var small = try Small.training(Arm(.nap))
    _ = try small.advance(3)
    var configuration = Small.configuration()
    configuration.network.hidden = [24, 32]
    var other = try RandomLabels.start(configuration, seed: 0, device: .cpu)
    #expect {
      try other.restore(small.snapshot())
    } throws: { "\($0)".contains("hidden1.weight") }
  }
}
