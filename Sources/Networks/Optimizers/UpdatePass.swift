import Torch

/// What every optimizer's step shares: which parameters take part, scaling of gradients, the report,
/// and restoring norms. The optimizer's own rule is passed in.
struct UpdatePass {
  /// The trainable parameters' tensors, their gradients times the request's scale, and their state.
  struct Operands {
    var weights: [Tensor]
    var gradients: [Tensor]
    var slots: [[Tensor]]
  }

  private let request: UpdateRequest
  /// Places in the request that are updated.
  private let active: [Int]
  private let operands: Operands

  /// - Parameter parameterCount: how many parameters the optimizer was made for.
  init(
    _ request: UpdateRequest, state: OptimizerState, parameterCount: Int
  ) throws(OptimizerError) {
    let count = request.parameters.count
    guard count == parameterCount, request.gradients.count == count,
      request.radii.isEmpty || request.radii.count == count
    else {
      throw .mismatch(
        state: parameterCount, parameters: count, gradients: request.gradients.count,
        radii: request.radii.count)
    }
    self.request = request
    let active = request.parameters.indices.filter { request.parameters[$0].isTrainable }
    self.active = active
    operands = withoutGradients {
      Operands(
        weights: active.map { request.parameters[$0].value.detached() },
        gradients: active.map {
          request.gradientScale == 1
            ? request.gradients[$0] : request.gradients[$0] * request.gradientScale
        },
        slots: state.slots.map { slot in active.map { slot.tensors[$0] } })
    }
  }

  /// Runs the rule, measures and restores norms.
  func run(_ rule: (Operands) -> Void) throws(OptimizerError) -> UpdateReport? {
    let before = request.isMeasured ? withoutGradients { request.parameters.map(Self.copy) } : []
    withoutGradients { rule(operands) }
    let report = request.isMeasured ? withoutGradients { measured(since: before) } : nil
    try restoreNorms()
    return report
  }

  private func measured(since before: [Tensor]) -> UpdateReport {
    var report = UpdateReport(normsBefore: [], normsAfter: [], updateNorms: [], innerProducts: [])
    for (old, parameter) in zip(before, request.parameters) {
      let old64 = old.converted(to: .float64)
      let new64 = parameter.value.detached().converted(to: .float64)
      report.normsBefore.append(old64.vectorNorm().item)
      report.normsAfter.append(new64.vectorNorm().item)
      report.updateNorms.append((new64 - old64).vectorNorm().item)
      report.innerProducts.append((old64 * new64).sum().item)
    }
    return report
  }

  /// Restores what can be restored, then names the first parameter that could not be.
  private func restoreNorms() throws(OptimizerError) {
    guard !request.radii.isEmpty else { return }
    var failure: OptimizerError?
    withoutGradients {
      for (place, index) in active.enumerated() {
        guard let radius = request.radii[index] else { continue }
        let norm = operands.weights[place].vectorNorm(dtype: .float64).item
        if norm == 0 {
          failure = failure ?? .zeroNorm(index: index)
        } else if !norm.isFinite {
          failure = failure ?? .notFiniteNorm(index: index)
        } else {
          _ = operands.weights[place].multiplyInPlace(by: .real(radius / norm))
        }
      }
    }
    if let failure { throw failure }
  }

  private static func copy(_ parameter: Parameter) -> Tensor { parameter.value.detached().cloned() }
}
