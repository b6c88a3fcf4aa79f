public import Networks
public import Torch

/// A network with whatever changes it at an update: an optimizer, and what a method adds.
///
/// Agents compute losses; how a loss becomes an update is the trainer's part. So an agent knows nothing of
/// projections or baseline methods, and those know nothing of agents: `Experiments` joins them.
public protocol NetworkTrainer: Stateful {
  /// The network. Its tensors are the same for life; updates write into them.
  var network: Sequential { get }

  /// Takes one update down the gradient of `loss`.
  ///
  /// - Parameters:
  ///   - loss: a scalar computed from ``network``.
  ///   - inputs: what the network was given, for methods that look at activations.
  ///   - position: where the run stands.
  ///   - isMeasured: whether the update's record is wanted.
  /// - Returns: what was done.
  /// - Throws: outcomes of training, such as a loss or a gradient that is not finite; those of earlier updates where
  ///   they were not known at once, at the latest when an update is measured.
  mutating func update(
    loss: Tensor, inputs: Tensor, at position: TrainingPosition, isMeasured: Bool
  ) throws -> NetworkUpdate

  /// Takes one update down the gradient of a loss that is computed from a batch.
  ///
  /// - Parameters:
  ///   - batch: all that changes from one update to the next, what the network is given first.
  ///   - generators: those that `body` draws from.
  ///   - position: where the run stands.
  ///   - isMeasured: whether the update's record is wanted.
  ///   - afterLoss: called when the results are there, before the network is changed.
  ///   - body: computes the loss, a scalar, and what else is wanted. It changes nothing and reads nothing back, and it
  ///     is the same at every update that is not measured, so that a trainer may record it once and replay it.
  /// - Returns: what `body` computes, apart from its graph, and what was done.
  /// - Throws: as ``update(loss:inputs:at:isMeasured:)``.
  mutating func update(
    on batch: [Tensor], drawing generators: [Generator], at position: TrainingPosition,
    isMeasured: Bool, afterLoss: () -> Void,
    _ body: (_ network: Sequential, _ batch: [Tensor]) throws -> [Tensor]
  ) throws -> (results: [Tensor], update: NetworkUpdate)

  /// Tells the trainer that a later task begins, where the arm may know.
  mutating func beginTask(_ position: TrainingPosition) throws
}

extension NetworkTrainer {
  /// Computes the loss as it is.
  public mutating func update(
    on batch: [Tensor], drawing generators: [Generator], at position: TrainingPosition,
    isMeasured: Bool, afterLoss: () -> Void,
    _ body: (_ network: Sequential, _ batch: [Tensor]) throws -> [Tensor]
  ) throws -> (results: [Tensor], update: NetworkUpdate) {
    let results = try body(network, batch)
    try TrainingDivergence.refuse(results[0], update: position.update)
    afterLoss()
    let update = try update(
      loss: results[0], inputs: batch[0], at: position, isMeasured: isMeasured)
    return (results.map { $0.detached() }, update)
  }
}

/// What one update did.
public struct NetworkUpdate: Sendable {
  /// The learning rate, every method's factor included.
  public var learningRate: Double
  /// What the update did to each parameter; `nil` when it was not asked for.
  public var record: StepRecord?

  /// An update; see the properties.
  public init(learningRate: Double, record: StepRecord? = nil) {
    self.learningRate = learningRate
    self.record = record
  }
}
