/// An update that could not be completed. The index is the parameter's place in the request.
public enum OptimizerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A parameter whose norm should be restored became zero, so it has no direction.
  case zeroNorm(index: Int)
  /// A parameter whose norm should be restored became infinite or not a number: training diverged.
  case notFiniteNorm(index: Int)
  /// The request does not fit the optimizer; counts of parameters in the order named.
  case mismatch(state: Int, parameters: Int, gradients: Int, targetNorms: Int)
  /// The request has rate factors, but not one for each parameter.
  case rateFactorMismatch(parameters: Int, rateFactors: Int)

  /// One sentence, with the index.
  public var description: String { description(names: []) }

  /// One sentence, with the parameter's name.
  ///
  /// - Parameter names: the parameters' names in the order of the request.
  public func description(names: [String]) -> String {
    switch self {
    case .zeroNorm(let index):
      "the norm of \(Self.label(index, names)) became zero, so it cannot be restored; "
        + "lower the learning rate or the weight decay"
    case .notFiniteNorm(let index):
      "the norm of \(Self.label(index, names)) is no longer finite: training diverged; "
        + "lower the learning rate or clip gradients"
    case .mismatch(let state, let parameters, let gradients, let targetNorms):
      "an optimizer of \(state) parameters was given \(parameters) parameters, "
        + "\(gradients) gradients and \(targetNorms) targetNorms"
    case .rateFactorMismatch(let parameters, let rateFactors):
      "an update of \(parameters) parameters was given \(rateFactors) rate factors; "
        + "expected one for each, or none"
    }
  }

  private static func label(_ index: Int, _ names: [String]) -> String {
    names.indices.contains(index) ? names[index] : "parameter \(index)"
  }
}
