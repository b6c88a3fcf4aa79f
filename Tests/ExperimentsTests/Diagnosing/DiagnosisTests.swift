import Foundation
import Networks
import Plasticity
import Reinforcement
import RunStore
import TestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

/// Norms, rates and verdicts over series of checkpoints.
@Suite struct DiagnosisTests {
  private static let goldens = packageRoot.appending(path: "Tests/ExperimentsTests/Goldens")

  /// A weight of norm 1, 2, … 4 at the steps 0, 10,000, … with a normalization after it, and an output layer.
  private func write(_ norms: [Float], in folder: URL) throws {
    for (index, norm) in norms.enumerated() {
      try SafetensorsFile.write(
        [
          ("0.weight", Tensor([norm, 0, 0, 0], shape: [2, 2])), ("1.bias", .zeros([2])),
          ("1.weight", .ones([2])),
          ("2.weight", Tensor([1, 1] as [Float], shape: [1, 2])),
        ], metadata: [:], to: folder.appending(path: "step-\(index * 10_000).safetensors"))
    }
  }

  private func diagnosed(
    _ folder: URL, network: NetworkDescription? = nil, inputs: URL? = nil,
    learningRate: Double? = nil,
    momentum: Double? = nil
  ) throws -> Diagnosis {
    var diagnosing = try Diagnosing(
      CheckpointFolder([folder]), network: network, inputs: inputs, prefix: "",
      assumption: .init(learningRate: learningRate, momentum: momentum))
    while try diagnosing.next() != nil {}
    return try diagnosing.result()
  }

  @Test func `under Adam the rate falls as the norm grows, under gradient descent as its square`()
    throws
  {
    try withTemporaryFolder { folder in
      try write([1, 0.5, 2, 6], in: folder)
      let adam = try diagnosed(folder, learningRate: 0.1)
      #expect(adam.weights.map(\.name) == ["0.weight", "2.weight"])
      #expect(adam.weights[0].invariance == .likely(normalization: "1") && adam.weights[0].isHidden)
      #expect(adam.weights[1].invariance == .unknown && !adam.weights[1].isHidden)
      #expect(adam.weights[0].points.map { $0?.declared } == [0.1, 0.2, 0.05, 0.1 / 6])
      let course = try #require(adam.course)
      #expect(course.peak == 1 && course.peakStep == 10_000 && course.count == 1)
      #expect(abs(course.fall - 12) < 1e-9 && abs(course.growth - 12) < 1e-9 && course.decay == 1)
      #expect(
        adam.verdict
          == "The hidden layers' effective rate fell 12-fold since step 10,000: norms grew 12-fold. Project them "
          + "(scale each weight back to its initial norm after every update), or follow the schedule "
          + "below, which makes up for the growth.",
        "\(adam.verdict)")
      let descent = try #require(try diagnosed(folder, momentum: 0.9).course)
      #expect(abs(descent.fall - 144) < 1e-6)
      let expected: [Double] = [4, 1, 16, 144]
      #expect(
        zip(descent.factors, expected).allSatisfy { abs($0 / $1 - 1) < 1e-9 }, "\(descent.factors)")
    }
  }

  @Test func `norms that stay are nothing to change, and one file is no course`() throws {
    try withTemporaryFolder { folder in
      try write([1, 1.1, 1.2], in: folder)
      let calm = try diagnosed(folder)
      #expect(calm.verdict.contains("nothing to change") && !calm.asksForSchedule)
      let one = folder.appending(path: "one")
      try FileManager.default.createDirectory(at: one, withIntermediateDirectories: true)
      try write([1], in: one)
      #expect(try diagnosed(one).verdict.hasPrefix("One checkpoint"))
    }
  }

  @Test func `a network without normalizations is told to get some, and dead units are counted`()
    throws
  {
    try withTemporaryFolder { folder in
      let url = folder.deletingLastPathComponent().appending(
        path: "\(UUID().uuidString).safetensors")
      defer { try? FileManager.default.removeItem(at: url) }
      try SafetensorsFile.write(
        [("x", Tensor.uniform([16, 3], generator: Generator(seed: 1)))], metadata: [:], to: url)
      for (index, scale) in [1.0, 4].enumerated() {
        // Half of the units cannot fire on inputs in [0, 1].
        let weight = Tensor.uniform([4, 3], generator: Generator(seed: 2))
        let signs = Tensor([1, 1, -1, -1] as [Float], shape: [4, 1])
        try SafetensorsFile.write(
          [
            ("0.weight", weight * signs * scale),
            ("2.weight", .normal([1, 4], generator: Generator(seed: 3))),
          ], metadata: [:],
          to: folder.appending(path: "\(index + 1).safetensors"))
      }
      let network = try NetworkDescription(parsing: "mlp:3,4,1")
      let diagnosis = try diagnosed(folder, network: network, inputs: url)
      #expect(diagnosis.weights[0].invariance == .dependent("no normalization follows"))
      #expect(
        diagnosis.verdict.contains("put a normalization before each nonlinearity, then project."))
      #expect(
        diagnosis.verdict.contains(
          "50 % of the units never fire on these inputs, 50 % at the first checkpoint"))
      let normalized = try NetworkDescription(parsing: "mlp:3,4,1", normalization: .layer)
      #expect(try diagnosed(folder, network: normalized).weights[0].invariance == .invariant)
    }
  }

  @Test func `of nap's own checkpoints the audit, the saved state and the schedule are read`()
    throws
  {
    try withTemporaryFolder { folder in
      var training = try Small.training(Arm(.norm))
      var before: [String: Tensor] = [:]
      for count in [16, 32] {
        _ = try training.advance(15)
        before = Dictionary(
          uniqueKeysWithValues: training.learner.network.namedTensors.map {
            ($0.name, $0.tensor.cloned())
          })
        _ = try training.advance(1)
        let identity = Checkpoint.Identity(
          recipe: "random-labels", preset: "small", arm: "norm", seed: 0,
          configuration: try JSONText.encode(training.source.configuration), updates: count,
          run: "r",
          napVersion: NapVersion.current)
        try Checkpoint(identity: identity, snapshot: training.snapshot())
          .write(to: folder.appending(path: "kept-\(count).safetensors"))
      }
      let diagnosis = try diagnosed(folder)
      #expect(diagnosis.steps == [16, 32] && diagnosis.notes.isEmpty)
      let hidden = diagnosis.weights.filter(\.isHidden)
      #expect(hidden.map(\.name) == ["network.hidden0.weight", "network.hidden1.weight"])
      #expect(hidden.allSatisfy { $0.invariance == .invariant })
      #expect(diagnosis.optimizer.contains("measured"))
      #expect(
        diagnosis.measurements.count == 2
          && diagnosis.measurements[1].outcome("dead_units")?.number != nil)
      for weight in hidden {
        let name = String(weight.name.dropFirst("network.".count))
        let old = try #require(before[name])
        let now = try #require(
          training.learner.network.namedTensors.first { $0.name == name }?.tensor)
        let moved = (now - old).vectorNorm(dtype: .float64).item
        let point = try #require(weight.points[1])
        let rate =
          moved / (Double(now.elementCount).squareRoot() * now.vectorNorm(dtype: .float64).item)
        #expect(abs(try #require(point.realised) / rate - 1) < 1e-3, "\(name)")
        #expect(point.learningRate == 3e-3 && point.declared == 3e-3 / point.norm)
      }
    }
  }

  @Test func `of an agent's checkpoint the rates of its own updates are read`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var session = try TrainingSession<Control>(
        .init(
          preset: "gridworld", arm: "norm+linear",
          configuration: AgentTrainingTests.tiny("norm+linear"), seed: 3, device: .cpu),
        store: store)
      for _ in 0..<100 { _ = try session.next() }
      try session.interrupt()
      let diagnosis = try diagnosed(session.checkpointURL)
      let configuration = session.training.configuration
      let count = session.training.agent.position.update
      let rate = configuration.schedule.rate(
        update: count, updateInTask: count, base: configuration.agent.optimizer.learningRate)
      #expect(count < 100 && rate < configuration.agent.optimizer.learningRate)
      let hidden = diagnosis.weights.filter(\.isHidden).compactMap { $0.points[0] }
      #expect(!hidden.isEmpty && hidden.allSatisfy { $0.learningRate == rate })
      #expect(hidden.allSatisfy { ($0.realised ?? 0) > 0 })
      #expect(diagnosis.optimizer.contains("measured"))
    }
  }

  @Test func `a checkpoint whose learning rate is 0 is left out of the course`() throws {
    try withTemporaryFolder { folder in
      try write([1, 2, 4, 8], in: folder)
      var diagnosis = try diagnosed(folder, learningRate: 0.1)
      #expect(abs(try #require(diagnosis.course).fall - 8) < 1e-9)
      for index in diagnosis.weights.indices {
        diagnosis.weights[index].points[3]?.learningRate = 0
      }
      let course = try #require(diagnosis.course)
      #expect(course.places == [0, 1, 2] && course.steps == [0, 10_000, 20_000])
      #expect(abs(course.fall - 4) < 1e-9)
    }
  }

  @Test func `checkpoints are found in folders of every kind, in the order of their steps`() throws
  {
    try withTemporaryFolder { folder in
      try write([1, 2], in: folder)
      try Data().write(to: folder.appending(path: "optimizer.pt"))
      try Data().write(to: folder.appending(path: "notes.txt"))
      let flat = try CheckpointFolder([folder])
      #expect(
        flat.files.map(\.lastPathComponent) == ["step-0.safetensors", "step-10000.safetensors"])
      #expect(flat.steps == [0, 10_000] && !flat.isOwn)
      let nested = folder.appending(path: "nested")
      for step in [500, 1_000, 9_000] {
        let place = nested.appending(path: "checkpoint-\(step)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try SafetensorsShards.write(
          [("w", .ones([2, 2])), ("v", .ones([2, 2]))], largestShard: 16, to: place)
      }
      let shards = try CheckpointFolder([nested])
      #expect(shards.steps == [500, 1_000, 9_000])
      #expect(try diagnosed(nested).weights.map(\.name) == ["v", "w"])
      let empty = folder.appending(path: "empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
      let error = #expect(throws: UsageError.self) { try CheckpointFolder([empty]) }
      #expect(error?.description.contains("found none") == true)
    }
  }

  @Test func `the schedule is what Tools goldens schedules ran in PyTorch and optax`() throws {
    try withTemporaryFolder { folder in
      try write([1, 0.5, 2, 6], in: folder)
      let course = try #require(try diagnosed(folder, learningRate: 0.1).course)
      let written = try String(
        contentsOf: Self.goldens.appending(path: "schedule.py"), encoding: .utf8)
      #expect(course.python == written)
      let run = try JSONText.decode(
        JSON.self,
        from: String(contentsOf: Self.goldens.appending(path: "schedule.json"), encoding: .utf8))
      let (steps, factors) = (course.steps ?? [], course.factors)
      for row in run.elements {
        guard case .integer(let step)? = row["step"], let torch = row["torch"]?.double,
          let optax = row["optax"]?.double
        else { throw UsageError("schedule.json: a step, torch and optax") }
        // Linear between the checkpoints from the peak on.
        let expected: Double =
          step <= steps[1]
          ? 1
          : step >= steps[3]
            ? factors[3]
            : step <= steps[2]
              ? 1 + (factors[2] - 1) * Double(step - steps[1]) / 10_000
              : factors[2] + (factors[3] - factors[2]) * Double(step - steps[2]) / 10_000
        #expect(abs(torch / expected - 1) < 1e-9 && abs(optax / expected - 1) < 1e-5, "\(step)")
      }
      #expect(run.elements.count > 20)
    }
  }
}

extension JSON {
  fileprivate var double: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}
