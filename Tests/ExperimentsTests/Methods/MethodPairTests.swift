import Networks
import NormalizeAndProject
import Plasticity
import Testing
import Torch
import Training

@testable import Experiments

/// Every pair of methods, with NaP and without, through the learner that recipes share.
@Suite struct MethodPairTests {
  static let names = Interventions.all.map { $0.name }

  /// Settings under which a method acts within a few updates.
  static func lively(_ name: String) throws -> any Intervention {
    let settings: [String: [String]] = [
      ReDo.name: ["threshold=0.6", "everyUpdates=2"],
      ContinualBackpropagation.name: ["replacementRate=0.1", "maturityThreshold=1"],
      PlasticityInjection.name: ["atUpdate=4"], SpectralNormalizationMethod.name: ["layers=all"],
      LearningRateRewarming.name: ["decayUpdates=4", "warmUpUpdates=1"],
      HareTortoise.name: ["everyUpdates=3"],
      SelfNormalizedResets.name: ["firstThreshold=1", "largestThreshold=3", "everyUpdates=2"],
    ]
    let overrides = (settings[name] ?? []).map { text in
      let parts = text.split(separator: "=").map(String.init)
      return ConfigurationOverride(key: "\(name).\(parts[0])", value: parts[1])
    }
    let set = try overrides.applied(to: InterventionSet([#require(Interventions.named(name))]))
    return try #require(set.members.first)
  }

  static func learner(_ methods: [String], _ nap: NaP) throws -> Learner {
    try Learner(
      Learner.Design(
        network: NetworkConfiguration.mlp([8, 6]), nap: nap,
        methods: InterventionSet(methods.map(lively)),
        optimizer: OptimizerConfiguration(learningRate: 1e-2)),
      inputShape: [5], outputs: 3, weights: Generator(seed: 1), methods: Generator(seed: 2),
      device: .cpu)
  }

  /// Units behind a pair of features are never silent, so that a reset of silent ones has nothing to watch.
  static func excludes(_ methods: [String]) -> Bool {
    methods.contains(SelfNormalizedResets.name)
      && (methods.contains(CReLUMethod.name) || methods.contains(FourierFeaturesMethod.name))
  }

  /// Trains from one update to another, a boundary before update 4.
  static func train(_ learner: inout Learner, _ updates: Range<Int>) throws -> [Double] {
    var losses: [Double] = []
    for update in updates {
      let position = TrainingPosition(update: update, task: update / 4, updateInTask: update % 4)
      if update == 4 { try learner.beginTask(position) }
      let generator = Generator(seed: 7).split("\(update)")
      let inputs = Tensor.normal([6, 5], generator: generator)
      let labels = Tensor.integers(from: 0, to: 3, [6], generator: generator)
      let loss = learner.network(inputs).crossEntropy(labels)
      losses.append(loss.item)
      learner.position = position
      try learner.step(loss, inputs: inputs, isMeasured: update % 2 == 0)
    }
    return losses
  }

  static let projected = NaP(scaleAndOffset: .free)

  @Test(
    "every pair runs with NaP, keeps projected norms, stays finite and resumes to the bit",
    arguments: names)
  func pairs(first: String) throws {
    let start = Self.names.firstIndex(of: first) ?? 0
    for second in Self.names[start...] {
      let methods = first == second ? [first] : [first, second]
      guard !Self.excludes(methods) else {
        #expect(throws: InterventionError.self) { try Self.learner(methods, Self.projected) }
        continue
      }
      var whole = try Self.learner(methods, Self.projected)
      _ = try Self.train(&whole, 0..<5)
      var snapshot = State()
      try whole.save(into: &snapshot)
      snapshot.tensors = snapshot.tensors.map { ($0.name, $0.tensor.cloned()) }
      var resumed = try Self.learner(methods, Self.projected)
      try resumed.restore(snapshot)
      let losses = try Self.train(&whole, 5..<8)
      #expect(losses.allSatisfy { $0.isFinite }, "\(methods): \(losses)")
      #expect(try Self.train(&resumed, 5..<8) == losses, "\(methods)")
      var left = State()
      var right = State()
      try whole.save(into: &left)
      try resumed.save(into: &right)
      #expect(left.values == right.values, "\(methods)")
      #expect(left.tensors.map(\.name) == right.tensors.map(\.name), "\(methods)")
      for (one, other) in zip(left.tensors, right.tensors) {
        #expect(one.tensor.isIdentical(to: other.tensor), "\(methods): \(one.name)")
      }
      let norms = Dictionary(
        uniqueKeysWithValues: whole.projection.initialNorms.map { ($0.name, $0.norm) })
      for parameter in whole.parameters {
        guard let norm = norms[parameter.name], parameter.parameter.isTrainable else { continue }
        #expect(
          abs(parameter.parameter.norm / norm - 1) < 1e-5, "\(methods): \(parameter.name)")
      }
    }
  }

  @Test("every pair runs on the plain network", arguments: names)
  func plainPairs(first: String) throws {
    let start = Self.names.firstIndex(of: first) ?? 0
    for second in Self.names[start...] where !Self.excludes([first, second]) {
      var learner = try Self.learner(first == second ? [first] : [first, second], .plain)
      let losses = try Self.train(&learner, 0..<8)
      #expect(losses.allSatisfy { $0.isFinite }, "\(first) \(second): \(losses)")
    }
  }

  @Test("a network that lacks what a method needs is refused in a sentence that names the setting")
  func lacking() {
    for (methods, hint) in [
      (["reset-layers"], "methods.reset-layers.layers"), (["redo"], "redo needs hidden units"),
      (["spectral-norm"], "methods.spectral-norm.layers"),
      (["plasticity-injection"], "methods.plasticity-injection.headLayers"),
      (["self-normalized-resets"], "self-normalized-resets needs hidden units that can be silent"),
    ] {
      #expect {
        try Learner(
          Learner.Design(
            network: NetworkConfiguration.mlp([]), nap: .plain,
            methods: InterventionSet(methods.compactMap(Interventions.named)),
            optimizer: OptimizerConfiguration()),
          inputShape: [5], outputs: 3, weights: Generator(seed: 1), methods: Generator(seed: 2),
          device: .cpu)
      } throws: { ($0 as? InterventionError)?.description.contains(hint) == true }
    }
  }

  @Test("projection stays in the optimizer's pass unless a method changes parameters after it")
  func fused() throws {
    func reports(_ methods: [String]) throws -> Bool {
      try Self.learner(methods, .both).hooks.changesParameters
    }
    #expect(try !reports([]))
    #expect(try !reports(["l2", "l2-initial", "weight-decay", "clip-norm", "parseval", "crelu"]))
    #expect(try !reports(["spectral-regularization", "rewarm"]))
    #expect(try reports(["redo"]))
    // Both ways give the same norms: fused and after it.
    var fused = try Self.learner(["l2"], .both)
    var apart = try Self.learner(["l2", "noisy-updates"], .both)
    _ = try Self.train(&fused, 0..<3)
    _ = try Self.train(&apart, 0..<3)
    for learner in [fused, apart] {
      for (name, norm) in learner.projection.initialNorms {
        let parameter = try #require(learner.parameters.first { $0.name == name })
        #expect(abs(parameter.parameter.norm / norm - 1) < 1e-6)
      }
    }
  }
}
