public import Torch

/// A rule that turns gradients into new parameter values, with explicit state.
///
/// Values step in place, over all parameters at once. If a parameter has a target norm, its Frobenius norm is restored
/// after the update, in the same pass where the optimizer can. A parameter that is not trainable keeps its value and
/// its state.
public protocol Optimizer {
  /// Steps taken and the tensors kept for each parameter.
  var state: OptimizerState { get set }

  /// Applies one update.
  ///
  /// - Returns: what the update did, when the request asks for it.
  /// - Throws: ``OptimizerError`` if a norm cannot be restored, after the update was applied: that parameter has its
  ///   new direction but not its target norm. This is an outcome of training, not a mistake. On devices other than the
  ///   CPU it is found at the next measured update, since unmeasured ones wait for nothing.
  @discardableResult
  mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport?

  /// How the size of the latest update of one parameter depends on its gradient.
  ///
  /// - Parameter index: the parameter's place in the order of the optimizer's state.
  /// - Returns: of an adaptive optimizer, the share as of the latest update.
  /// - Cost: one pass over the parameter's state and a read from its device, for adaptive optimizers.
  func updateScaling(at index: Int) -> UpdateScaling
}

/// One update: parameters with their gradients, and how to take the step.
public struct UpdateRequest {
  /// The parameters in the order of the optimizer's state.
  public var parameters: [Parameter]
  /// One gradient per parameter, of its shape.
  public var gradients: [Tensor]
  /// The step size.
  public var learningRate: Double
  /// Gradients are multiplied by this first.
  public var gradientScale: Double
  /// The largest joint norm of the gradients, which are scaled down to it together; `nil` leaves them. Optax's rule,
  /// `min(1, limit / norm)` (PyTorch adds 1e-6 to the norm). The norm stays where the gradients are.
  public var gradientClip: Double?
  /// The target norm of each parameter: the Frobenius norm to restore after the update. `nil` leaves it; empty restores
  /// nothing.
  public var targetNorms: [Double?]
  /// Parameters whose joint norm is restored by one common factor. None of them has its own target norm.
  public var jointTargetNorms: [JointTargetNorm]
  /// For each parameter what the learning rate is multiplied by, a finite number from 0; empty when every one takes
  /// the rate itself. A decoupled decay, which is a share of the rate, is multiplied with it.
  public var rateFactors: [Double]
  /// Whether a report is wanted, for which devices other than the CPU are waited for.
  public var isMeasured: Bool
  /// The learning rate and the count of this update where the parameters are, in the place of the numbers: for a step
  /// that is recorded, and then replayed with others. The CPU takes the numbers.
  public var deviceNumbers: FusedOperators.DeviceNumbers?

  /// A request; see the properties.
  public init(
    parameters: [Parameter], gradients: [Tensor], learningRate: Double, gradientScale: Double = 1,
    gradientClip: Double? = nil, targetNorms: [Double?] = [],
    jointTargetNorms: [JointTargetNorm] = [],
    rateFactors: [Double] = [],
    isMeasured: Bool = false
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.learningRate = learningRate
    self.gradientScale = gradientScale
    self.gradientClip = gradientClip
    self.targetNorms = targetNorms
    self.jointTargetNorms = jointTargetNorms
    self.rateFactors = rateFactors
    self.isMeasured = isMeasured
  }
}

/// The norm that several parameters of a request have together.
public struct JointTargetNorm: Sendable, Hashable {
  /// Their places in the request.
  public var members: [Int]
  /// `√Σ ‖W‖²`.
  public var radius: Double

  /// A norm of several parameters; see the properties.
  public init(members: [Int], radius: Double) {
    self.members = members
    self.radius = radius
  }
}

/// What one update did to each parameter, in the request's order.
public struct UpdateReport: Sendable {
  /// ‖W‖ before the update.
  public var normsBefore: [Double]
  /// ‖W + u‖ after the optimizer's update and before a target norm was restored.
  public var normsAfter: [Double]
  /// ‖u‖ of the optimizer's update.
  public var updateNorms: [Double]
  /// ⟨W, W + u⟩, which gives the rotation angle.
  public var innerProducts: [Double]

  /// A report; see the properties.
  public init(
    normsBefore: [Double], normsAfter: [Double], updateNorms: [Double], innerProducts: [Double]
  ) {
    self.normsBefore = normsBefore
    self.normsAfter = normsAfter
    self.updateNorms = updateNorms
    self.innerProducts = innerProducts
  }
}
