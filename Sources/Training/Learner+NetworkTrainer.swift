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
    try observe(loss, at: position, isMeasured: isMeasured)
    accumulate(loss, inputs: inputs)
    return NetworkUpdate(try apply(isMeasured: isMeasured))
  }

  /// Takes in the loss of the update that comes next, after which ``apply(isMeasured:)`` may follow.
  private mutating func observe(
    _ loss: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws {
    try watch.observe(loss, update: position.update)
    if isMeasured { try watch.check() }
    self.position = position
  }

  /// One update from a batch, whose forward and backward pass ``capture`` may replay.
  ///
  /// - Throws: as ``update(loss:inputs:at:isMeasured:)``.
  public mutating func update(
    on batch: [Tensor], drawing generators: [Generator], at position: TrainingPosition,
    isMeasured: Bool, afterLoss: () -> Void,
    _ body: (_ network: Sequential, _ batch: [Tensor]) throws -> [Tensor]
  ) throws -> (results: [Tensor], update: NetworkUpdate) {
    func accumulated(_ learner: inout Learner, _ batch: [Tensor]) throws -> [Tensor] {
      let results = try body(learner.network, batch)
      learner.accumulate(results[0], inputs: batch[0])
      return results.map { $0.detached() }
    }
    // A measured update may compute more than one that was recorded.
    let results =
      isMeasured
      ? try accumulated(&self, batch)
      : try accumulate(on: batch, drawing: generators, accumulated)
    try observe(results[0], at: position, isMeasured: isMeasured)
    afterLoss()
    return (results, NetworkUpdate(try apply(isMeasured: isMeasured)))
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

extension NetworkUpdate {
  fileprivate init(_ update: Learner.Update) {
    self.init(learningRate: update.learningRate, record: update.record)
  }
}
