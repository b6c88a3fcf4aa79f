public import Torch

/// A method that acts beside the optimizer: a rival method, a measurement, the projection.
///
/// Declared here so that modules above need not know one another. Order in one update: gradients,
/// `afterGradients` of each hook, optimizer, `afterUpdate` of each hook, projection last. Every
/// requirement has a default that does nothing.
public protocol Hook {
  /// A short name for state, logs and errors, such as `shrink-and-perturb`.
  var name: String { get }

  /// Whether `afterUpdate` may change parameters (then the projection cannot be part of the
  /// optimizer's pass).
  var changesParameters: Bool { get }

  /// May change the gradients before the optimizer sees them.
  mutating func afterGradients(_ training: inout TrainingMoment)

  /// May change parameters or optimizer state after the update.
  mutating func afterUpdate(_ training: inout TrainingMoment)

  /// Called once when the task changes, before its first batch, if the run tells its methods.
  mutating func atBoundary(_ training: inout TrainingMoment)

  /// Multiplies the scheduled learning rate of the next update.
  func learningRateFactor(at update: Int) -> Double

  /// Tensors to save, by name, in order.
  var savedTensors: [(name: String, tensor: Tensor)] { get }

  /// Goes on from saved tensors.
  mutating func restore(_ tensors: [String: Tensor]) throws
}

extension Hook {
  /// False.
  public var changesParameters: Bool { false }
  /// Does nothing.
  public mutating func afterGradients(_ training: inout TrainingMoment) {}
  /// Does nothing.
  public mutating func afterUpdate(_ training: inout TrainingMoment) {}
  /// Does nothing.
  public mutating func atBoundary(_ training: inout TrainingMoment) {}
  /// One.
  public func learningRateFactor(at update: Int) -> Double { 1 }
  /// Nothing.
  public var savedTensors: [(name: String, tensor: Tensor)] { [] }
  /// Nothing.
  public mutating func restore(_ tensors: [String: Tensor]) throws {}
}

/// What a hook sees of a training run at one update.
public struct TrainingMoment {
  /// Updates completed before this one.
  public var update: Int
  /// The task's index.
  public var task: Int
  /// Updates completed in this task.
  public var updateInTask: Int
  /// The loss of the batch.
  public var loss: Tensor
  /// The trainable parameters, in the optimizer's order.
  public var parameters: [NamedParameter]
  /// One gradient a parameter.
  public var gradients: [Tensor]
  /// The learning rate of this update.
  public var learningRate: Double
  /// The optimizer, whose state a hook may change.
  public var optimizer: any Optimizer

  /// A moment; see the properties.
  public init(
    update: Int, task: Int, updateInTask: Int, loss: Tensor, parameters: [NamedParameter],
    gradients: [Tensor], learningRate: Double, optimizer: any Optimizer
  ) {
    self.update = update
    self.task = task
    self.updateInTask = updateInTask
    self.loss = loss
    self.parameters = parameters
    self.gradients = gradients
    self.learningRate = learningRate
    self.optimizer = optimizer
  }
}
