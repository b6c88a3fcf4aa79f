import Torch

/// ``JacobianNorm`` as a measure that can be chosen: exact, for every network that is a sequence.
public struct ParameterJacobianNorm: Diagnostic {
  public static let name = "jacobian-norm"
  public static let summary = "root mean square of the norm of d logits / d parameters"
  public static let source = "Lyle et al. 2024, figure 1"
  public static let metrics = ["jacobian_norm"]

  public init() {}

  /// Cost: one backward pass over K probes in place of each, for K outputs, shared with
  /// ``InputJacobianNorm`` and ``TangentKernel``.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let trace = try subject.outputKernel.get().gram_NN.diagonal().doubles.reduce(0, +)
    let norm = (trace / Double(subject.probes.shape[0])).squareRoot()
    return [DiagnosticReading("jacobian_norm", DiagnosticOutcome(finite: norm, "the norm"))]
  }
}

/// The size of the network's Jacobian with respect to its input.
///
///     √( mean_i ‖∂f(x_i)/∂x‖²_F )
///
/// over the probes, f the logits. Source: METHOD section 4; Novak et al. 2018 (arXiv 1802.08760),
/// section 3 (there without the root and the logits after a softmax).
public struct InputJacobianNorm: Diagnostic {
  public static let name = "input-jacobian-norm"
  public static let summary = "root mean square of the norm of d logits / d input"
  public static let source = "Novak et al. 2018 (arXiv 1802.08760), section 3"
  public static let metrics = ["input_jacobian_norm"]
  /// Yes.
  public static let readsInputGradients = true

  public init() {}

  /// Cost: as ``ParameterJacobianNorm``, and the first layer's part of the backward pass.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    guard let square = try subject.outputKernel.get().squaredInputJacobian else {
      throw .notGiven("inputs of floating point, which can be differentiated, were")
    }
    let norm = (square / Double(subject.probes.shape[0])).squareRoot()
    return [
      DiagnosticReading("input_jacobian_norm", DiagnosticOutcome(finite: norm, "the norm"))
    ]
  }
}
