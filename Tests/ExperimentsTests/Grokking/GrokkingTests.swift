import Datasets
import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

/// The real loop on sums modulo 7 with a network for seconds.
enum SmallSums {
  static func configuration(
    _ arm: String = "nap", _ change: (inout ContinualConfiguration) -> Void = { _ in }
  ) throws -> ContinualConfiguration {
    var base = try Grokking.preset("quick").configuration
    base.data.addition?.modulus = 7
    base.network.heads = 2
    base.network.headDimension = 3
    base.network.modelDimension = 8
    base.network.feedForward = 12
    base.updatesPerTask = 40
    base.schedule.warmUpUpdates = 5
    base.schedule.curve[Schedule.Decay.self]?.decayUpdates = 40
    base.batchSize = 16
    base.recording = .init {
      ($0.everyUpdates, $0.probeCount, $0.jacobianEveryTasks) = (10, 6, 0)
    }
    base.recording.evaluateEveryUpdates = 10
    base.recording.checkpointEveryUpdates = 15
    change(&base)
    return try Grokking.configuration(base, arm: arm)
  }

  static func training(_ arm: String = "nap", seed: Int = 0) throws -> ContinualTraining {
    try Grokking.start(configuration(arm), seed: seed, device: .cpu)
  }
}

@Suite struct GrokkingTests {
  @Test func `the paper's preset holds what is known of it`() throws {
    let paper = try Grokking.preset("paper").configuration
    #expect(paper.data.addition == ModularAdditionConfiguration(modulus: 117, trainingShare: 0.2))
    #expect(paper.data.addition?.layout == .blank)
    #expect(paper.tasks == 1 && paper.updatesPerTask == 1_000_000)
    #expect(paper.optimizer.kind == .adam)
    #expect(paper.optimizer.rule == .adam(.init { ($0.beta1, $0.beta2) = (0.9, 0.999) }))
    #expect(paper.schedule.kind == .cosine && paper.schedule.warmUpUpdates == 1_000)
    #expect(
      paper.schedule.curve
        == .cosine(.init { ($0.decayUpdates, $0.finalRate) = (1_000_000, 1e-4) }))
    #expect(paper.network.layers == 2 && paper.network.heads == 4)
    #expect(paper.network.headDimension == 32 && paper.network.feedForward == 512)
    #expect(paper.nap.normalization.kind == .rms && paper.nap.normalization.axes == .channels)
    #expect(paper.nap.normalization.epsilon == 1e-6 && !paper.nap.normalization.learnsOffset)
    for preset in Grokking.presets {
      #expect(preset.arms == ["plain", "norm", "nap", "nap/scale-decay"])
      for arm in preset.arms {
        let own = try Grokking.configuration(preset.configuration, arm: arm)
        #expect(try Grokking.validate(own).isEmpty, "\(preset.name), \(arm)")
      }
    }
  }

  @Test(arguments: ["plain", "norm", "nap", "nap/scale-decay", "project", "nap+restart/redo+l2"])
  func `run N+M equals run N, save, resume, run M, byte for byte`(arm: String) throws {
    try withTemporaryFolder { folder in
      var whole = try SmallSums.training(arm)
      _ = try whole.advance(17)
      let url = folder.appendingPathComponent("17.safetensors")
      let identity = Checkpoint.Identity(
        recipe: "grokking", preset: "quick", arm: arm, seed: 0, configuration: "{}",
        updates: 17, run: "r", napVersion: NapVersion.current)
      try Checkpoint(identity: identity, snapshot: whole.snapshot()).write(to: url)
      var resumed = try SmallSums.training(arm)
      try resumed.restore(Checkpoint(reading: url).snapshot)
      let first = try whole.advance(23)
      #expect(first == (try resumed.advance(23)))
      #expect(try whole.next() == nil)
      for (left, right) in zip(try whole.snapshot().tensors, try resumed.snapshot().tensors) {
        #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor))
      }
    }
  }

  @Test func `measures come along the updates, and checkpoints within the one task`() throws {
    var training = try SmallSums.training()
    var places: [String: [Int]] = [:]
    var saved: [Int] = []
    while let event = try training.next() {
      for value in event.measurements where value.scope.isEmpty {
        places[value.metric.name, default: []].append(value.updates)
        #expect(
          value.value.isFinite || (value.metric == .effectiveLearningRate && value.reason != nil),
          "\(value.metric)")
      }
      if event.isCheckpointDue { saved.append(event.updates) }
    }
    for metric in ["training_accuracy", "test_accuracy", "test_loss", "attention_entropy"] {
      #expect(places[metric] == [10, 20, 30, 40], "\(metric)")
    }
    for metric in ["training_loss", "parameter_norm", "effective_learning_rate"] {
      #expect(places[metric] == [1, 11, 21, 31, 40], "\(metric)")
    }
    #expect(saved == [15, 30])
  }

  @Test func `arms share weights and examples, the split is the data's, and no pair is in both`()
    throws
  {
    let (plain, nap) = (try SmallSums.training("plain"), try SmallSums.training("nap/scale-decay"))
    let other = try SmallSums.training("plain", seed: 1)
    #expect(plain.source.task.inputs.isIdentical(to: nap.source.task.inputs))
    #expect(plain.source.task.inputs.isIdentical(to: other.source.task.inputs))
    let own = Dictionary(
      uniqueKeysWithValues: nap.parameters.map { ($0.name, $0.parameter.value) })
    for named in plain.parameters {
      #expect(own[named.name].map(named.parameter.value.isIdentical(to:)) == true, "\(named.name)")
    }
    #expect(
      !plain.parameters[0].parameter.value.isIdentical(to: other.parameters[0].parameter.value))
    let moved = try Grokking.start(
      SmallSums.configuration { $0.data.subsetSeed = 1 }, seed: 0, device: .cpu)
    #expect(!moved.source.task.inputs.isIdentical(to: plain.source.task.inputs))
    let test = try #require(plain.source.task.data.test)
    #expect(plain.source.task.count + test.count == 49 && plain.source.task.vocabulary == 10)
    #expect(plain.source.task.inputs.dtype == .int64)
  }

  @Test func `scale decay lowers the scales of nap, and projection keeps every matrix's norm`()
    throws
  {
    var (free, decayed) = (try SmallSums.training("nap"), try SmallSums.training("nap/scale-decay"))
    let before = decayed.parameters.map(\.parameter.norm)
    func scales(_ training: ContinualTraining) -> Double {
      training.parameters.filter { $0.parameter.role == .scale }
        .reduce(0) { $0 + $1.parameter.norm }
    }
    _ = try free.advance(40)
    _ = try decayed.advance(40)
    #expect(scales(decayed) < scales(free) - 1e-3)
    var kept = 0
    for (named, norm) in zip(decayed.parameters, before) {
      guard Projection.Role(named.parameter.role) != nil else { continue }
      #expect(abs(named.parameter.norm / norm - 1) < 1e-6, "\(named.name)")
      kept += 1
    }
    #expect(kept == 6)
  }

  @Test func `it learns its training pairs by heart`() throws {
    var training = try Grokking.start(
      SmallSums.configuration("norm") {
        $0.updatesPerTask = 400
        $0.schedule.curve[Schedule.Decay.self]?.decayUpdates = 400
        $0.optimizer.learningRate = 1e-2
      }, seed: 0, device: .cpu)
    let values = try training.advance(400)
    let last = try #require(values.last { $0.metric == .trainingAccuracy })
    #expect(last.value > 0.95)
  }

  @Test func `settings that cannot be are refused by their key`() throws {
    let cases: [(String, (inout ContinualConfiguration) -> Void)] = [
      ("data.addition.modulus", { $0.data.addition?.modulus = 1 }),
      ("data.addition.trainingShare", { $0.data.addition?.trainingShare = 1 }),
      ("data.addition.trainingShare", { $0.data.addition?.trainingShare = 0 }),
      ("network.kind", { $0.network = .mlp([8]) }),
      ("network.kind", { $0.data.source = .procedural }),
      ("network.vocabulary", { $0.network.vocabulary = 9 }),
      ("stream.kind", { $0.stream.kind = .permutedPixels }),
      ("recording.evaluateEveryUpdates", { $0.recording.evaluateEveryUpdates = -1 }),
      ("recording.checkpointEveryUpdates", { $0.recording.checkpointEveryUpdates = -1 }),
    ]
    for (key, change) in cases {
      let configuration = try SmallSums.configuration("nap", change)
      #expect {
        _ = try Grokking.validate(configuration)
      } throws: {
        "\($0)".hasPrefix(key)
      }
    }
    for change: (inout ContinualConfiguration) -> Void in [
      { $0.network.heads = 0 }, { $0.network.kind = .mlp }, { $0.network.vocabulary = 3 },
    ] {
      let configuration = try SmallSums.configuration("nap", change)
      #expect(throws: (any Error).self) {
        try Grokking.start(configuration, seed: 0, device: .cpu)
      }
    }
  }

  @Test func `a stored configuration of images is read as before`() throws {
    let text =
      #"{"source": "mnist", "split": "train", "imageCount": 9, "size": 0, "subsetSeed": 0}"#
    let read = try JSONDecoder().decode(TaskDataConfiguration.self, from: Data(text.utf8))
    #expect(read == TaskDataConfiguration(source: .mnist, imageCount: 9))
    var changed = TaskDataConfiguration(source: .modularAddition)
    changed.addition?.layout = .equation
    let again = try JSONDecoder().decode(
      TaskDataConfiguration.self, from: JSONEncoder().encode(changed))
    #expect(again == changed && again != read)
  }
}
