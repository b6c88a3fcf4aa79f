public import Networks
public import Torch

/// Examines whether a network is what Normalize-and-Project needs: for each scale group, whether
/// scaling it changes anything.
///
/// Every parameter is copied to float64 and moved off its value by a tenth of its size, so that
/// branches that start at zero do not look invariant. With the normalizations' ε at 0 each group is
/// then scaled by 2 and by ½, and outputs and gradients are compared with f(cW) = f(W) and
/// ∇f(cW) = ∇f(W)/c. A group that is invariant is scaled once more with the real ε, whose effect is
/// told apart. The network itself is not changed.
///
/// - Parameters:
///   - module: any module. Its normalizations take their ε from `NormalizationEpsilon`, as those of
///     `Networks` do.
///   - input: a batch of inputs of any kind; floating point is converted to float64. Constant inputs
///     have no variance.
///   - projecting: what is projected.
///   - forward: the module's outputs before any final softmax, the same at every call: noise frozen,
///     dropout off.
/// - Throws: ``AuditError``.
/// - Cost: three to ten forward and backward passes a scale group, in float64.
public func audit(
  _ module: any Module, input: Tensor,
  projecting: AuditedProjection = .roles(.hiddenWeights), forward: @escaping (Tensor) -> Tensor
) throws(AuditError) -> AuditReport {
  let input64 = input.dtype.isFloatingPoint ? input.converted(to: .float64) : input
  let result: Result<AuditReport, AuditError> = module.withCopies(in: .float64) {
    do throws(AuditError) {
      var examination = try AuditExamination(
        module, input: input64, projecting: projecting, forward: forward)
      return .success(try examination.report())
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}

/// Examines a layer; see ``audit(_:input:projecting:forward:)``.
///
/// - Throws: ``AuditError``.
public func audit(
  _ network: any Layer, input: Tensor, projecting: AuditedProjection = .roles(.hiddenWeights)
) throws(AuditError) -> AuditReport {
  try audit(network, input: input, projecting: projecting) { network($0) }
}
