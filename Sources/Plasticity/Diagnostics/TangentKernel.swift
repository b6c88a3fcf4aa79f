import Networks
public import Torch

/// The empirical neural tangent kernel on the probes, averaged over the outputs, and its spectrum.
///
///     Θ_ij = (1/K) Σ_k ⟨∂f_k(x_i)/∂θ, ∂f_k(x_j)/∂θ⟩
///
/// (N, N), positive semidefinite. The series are its largest eigenvalue and its effective rank
/// (exponential of the entropy of the eigenvalues' shares): a kernel of rank 1 can only move all
/// outputs together.
///
/// Source: Jacot et al. 2018 (arXiv 1806.07572), section 4, which has a K x K block a pair; its mean
/// diagonal is our choice. Spectrum as a measure of plasticity: Lyle et al. 2023, section 3.
public struct TangentKernel: Diagnostic {
  public static let name = "tangent-kernel"
  public static let summary = "largest eigenvalue and effective rank of the tangent kernel"
  public static let source = "Jacot et al. 2018, section 4; Lyle et al. 2023, section 3"
  public static let metrics = ["tangent_kernel_eigenvalue", "tangent_kernel_rank"]

  public init() {}

  /// Cost: as ``ParameterJacobianNorm``, shared with it, and the eigenvalues of (N, N).
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let values = try spectrum(subject)
    let largest = DiagnosticOutcome(finite: values.first ?? .nan, "the eigenvalue")
    let rank = try Ranks.effective(values.map { max($0, 0) })
    return [
      DiagnosticReading("tangent_kernel_eigenvalue", largest),
      DiagnosticReading("tangent_kernel_rank", DiagnosticOutcome(finite: rank, "the rank")),
    ]
  }

  /// Θ, (N, N) in float64.
  ///
  /// - Throws: the reason why there is none.
  public func kernel(_ subject: DiagnosticSubject) throws(UndefinedReason) -> Tensor {
    try subject.require(examples: 2)
    let kernel = try subject.outputKernel.get()
    return withoutGradients { kernel.gram_NN / Double(kernel.outputCount) }
  }

  /// The eigenvalues of Θ, largest first. Rounding may leave small ones below zero.
  ///
  /// - Throws: the reason why there are none.
  public func spectrum(_ subject: DiagnosticSubject) throws(UndefinedReason) -> [Double] {
    let kernel_NN = try kernel(subject)
    guard withoutGradients({ kernel_NN.sum().item }).isFinite else {
      throw .notFinite("an entry of the kernel")
    }
    return withoutGradients { kernel_NN.symmetricEigenvalues().doubles.sorted(by: >) }
  }
}
