import Networks
import NormalizeAndProject
import Plasticity
import TensorTestSupport
import Torch

@testable import Training

/// A small training, by one process or shared out.
struct SharedSetting: Sendable, CustomStringConvertible {
  /// What a process came to.
  struct Trace: Sendable {
    var losses: [Double] = []
    /// Of all tensors after each update.
    var hashes: [UInt64] = []
    var values: [Double] = []
    /// Parameters of which the optimizer keeps a tensor.
    var slotCount = 0
  }

  var description: String
  var rule = OptimizerConfiguration.Rule.adam(.init())
  var parts = 1
  var shards = false
  var clip: Double?
  var hasBatchNorm = false
  var synchronizes = true
  var hasMethods = false
  var dtype = DType.float64
  var updates = 6

  init(_ description: String, shards: Bool = false) {
    (self.description, self.shards) = (description, shards)
  }

  static var all: [SharedSetting] {
    func setting(_ name: String, _ change: (inout SharedSetting) -> Void) -> SharedSetting {
      var setting = SharedSetting(name)
      change(&setting)
      return setting
    }
    return [
      SharedSetting("Adam"),
      setting("three parts of a batch") { $0.parts = 3 },
      setting("gradients clipped") { $0.clip = 0.1 },
      setting("state shared out, gradients clipped") { ($0.shards, $0.clip) = (true, 0.1) },
      setting("Muon, state shared out") { ($0.shards, $0.rule) = (true, .muon(.init())) },
      setting("batch normalizations") { $0.hasBatchNorm = true },
      setting("methods that draw and look at units") { $0.hasMethods = true },
    ]
  }

  private var inputShape: [Int] { hasBatchNorm ? [2, 4, 4] : [5] }

  func learner() throws -> Learner {
    var redo = ReDo()
    redo.everyUpdates = 2
    redo.threshold = 0.5
    var shrink = ShrinkAndPerturb()
    shrink.everyUpdates = 2
    return try Learner(
      inputShape: inputShape, seed: 1, nap: hasBatchNorm ? .projectOnly : .both,
      methods: InterventionSet(hasMethods ? [redo, shrink] : []),
      optimizer: OptimizerConfiguration(rule, learningRate: 0.05, gradientClip: clip)
    ) { generator in
      guard hasBatchNorm else {
        return Sequential.mlp(
          inputFeatures: 5, hidden: [8, 8], classes: 3,
          source: ParameterSource(generator: generator, dtype: dtype))
      }
      return Sequential([
        .init(
          "conv",
          Convolution2D(
            inputChannels: 2, outputChannels: 4, kernel: 3, hasBias: false,
            generator: generator.split("conv"), dtype: dtype)),
        .init("norm", BatchNorm2D(channels: 4, dtype: dtype)), .init("relu", ReLU()),
        .init("flatten", Flatten()),
        .init(
          "output",
          Linear(
            inputFeatures: 16, outputFeatures: 3, isOutput: true,
            generator: generator.split("output"), dtype: dtype)),
      ])
    }
  }

  /// Trains a learner of its own.
  func train() throws -> Trace {
    var learner = try learner()
    return try train(&learner)
  }

  /// What each of so many processes comes to.
  func traces(_ size: Int) throws -> [Trace] {
    try withRanks(size) { group in
      try DataParallel(group, synchronizesStatistics: synchronizes, shardsOptimizer: shards)
        .during { try train() }
    }.map { try $0.get() }
  }

  /// Trains with the processes of the scope on the same batches.
  func train(_ learner: inout Learner) throws -> Trace {
    let parallel = DataParallel.current
    let inputs = Tensor.normal([12] + inputShape, generator: Generator(seed: 3), dtype: .float64)
      .converted(to: dtype)
    let labels = Tensor.integers(from: 0, to: 3, [12], generator: Generator(seed: 4))
    var trace = Trace()
    for _ in 0..<updates {
      var losses: [Tensor] = []
      for part in 0..<parts {
        let all = (12 * part / parts)..<(12 * (part + 1) / parts)
        let rows = parallel?.rows(of: all.count) ?? 0..<all.count
        let own = (all.lowerBound + rows.lowerBound)..<(all.lowerBound + rows.upperBound)
        let outputs = learner.trainingOutputs(inputs[own])
        let loss = Loss.crossEntropy(outputs, labels[own]) * (Double(own.count) / 12)
        learner.accumulate(loss, inputs: inputs[all], isLast: part == parts - 1)
        losses.append(loss.detached())
      }
      let sum = Tensor.stacked(losses).sum()
      trace.losses.append(try parallel?.exchange([sum])[0].item ?? sum.item)
      _ = try learner.apply(isMeasured: true)
      trace.hashes.append(
        learner.network.namedTensors.reduce(0) { ($0 ^ $1.tensor.bitHash) &* 31 })
    }
    trace.values = learner.parameters.flatMap { $0.parameter.value.detached().doubles }
    trace.slotCount = learner.optimizer.state.slots.first?.tensors.compactMap { $0 }.count ?? 0
    return trace
  }
}
