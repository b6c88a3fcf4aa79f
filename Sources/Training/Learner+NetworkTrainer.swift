public import Networks
import Plasticity
public import Reinforcement
public import Torch

/// What agents are trained with: optimizer, methods and projection of a learner.
extension Learner: NetworkTrainer {
  /// One update at a position; see ``step(_:inputs:isMeasured:)``.
  ///
  /// - Throws: `TrainingDivergence` for a loss that is not finite (``LossWatch`` says when), and what the learner
  ///   throws.
  public mutating func update(
    loss: Tensor, inputs: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws -> NetworkUpdate {
    try watch.observe(loss, update: position.update)
    if isMeasured { try watch.check() }
    self.position = position
    let update = try step(loss, inputs: inputs, isMeasured: isMeasured)
    return NetworkUpdate(learningRate: update.learningRate, record: update.record)
  }

  /// Tells the methods that a later task begins at a position.
  public mutating func beginTask(_ position: TrainingPosition) throws {
    self.position = position
    try beginTask()
  }

  /// Starts the optimizer again: its moments are zero and it has taken no step. Norms that it holds stay those of the
  /// first update.
  public mutating func clearOptimizer() throws {
    let initialNorms = optimizer.state.initialNorms
    optimizer = try Self.optimizer(optimizerConfiguration, for: parameters, reduction?.parallel)
    optimizer.state.initialNorms = initialNorms
  }

  /// Another network of the same design, with weights of its own: an agent's target.
  package static func network(
    _ design: Design, inputShape: [Int], outputs: Int, weights: Generator, device: Device
  ) throws -> Sequential {
    try network(
      design, design.methods.hookChain(), inputShape: inputShape, outputs: outputs,
      generator: weights, device: device)
  }
}
