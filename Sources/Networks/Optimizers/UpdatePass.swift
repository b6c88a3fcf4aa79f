import Torch

/// What every optimizer's step shares around the kernel: which parameters take part, which norms are
/// restored, the report, and the error.
struct UpdatePass {
  /// The tensors of the trainable parameters, in order.
  let weights: [Tensor]
  /// Their gradients.
  let gradients: [Tensor]
  /// For each slot of the state, their tensors.
  let slots: [[Tensor]]
  /// The norms to restore.
  let constraint: FusedOperators.Constraint

  private let request: UpdateRequest
  /// Places in the request that are updated.
  private let active: [Int]

  /// The operands of one update, after checking that they fit.
  ///
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
    weights = active.map { request.parameters[$0].value }
    gradients = active.map { request.gradients[$0] }
    slots = state.slots.map { slot in active.map { slot.tensors[$0] } }
    constraint = Self.constraint(request, active: active)
  }

  /// Norms of single parameters first, then the joint ones of those that take part.
  private static func constraint(
    _ request: UpdateRequest, active: [Int]
  ) -> FusedOperators.Constraint {
    var constraint =
      request.radii.isEmpty
      ? FusedOperators.Constraint.none
      : FusedOperators.Constraint(radii: active.map { request.radii[$0] })
    guard !request.jointRadii.isEmpty else { return constraint }
    if constraint.groups.isEmpty { constraint.groups = active.map { _ in -1 } }
    let places = Dictionary(uniqueKeysWithValues: active.enumerated().map { ($1, $0) })
    for joint in request.jointRadii {
      let members = joint.members.compactMap { places[$0] }
      guard !members.isEmpty else { continue }
      for member in members { constraint.groups[member] = constraint.radii.count }
      constraint.radii.append(joint.radius)
    }
    return constraint
  }

  /// Runs the optimizer's kernel on the operands, then reports or throws.
  func run(
    weightDecay: Double, _ kernel: (FusedOperators.Step) -> FusedOperators.Report
  ) throws(OptimizerError) -> UpdateReport? {
    let step = FusedOperators.Step(
      learningRate: request.learningRate, gradientScale: request.gradientScale,
      weightDecay: weightDecay, isMeasured: request.isMeasured)
    let result = withoutGradients { kernel(step) }
    if let group = result.failedGroup, let place = constraint.groups.firstIndex(of: group) {
      let index = active[place]
      throw result.normsBefore[group] == 0 ? .zeroNorm(index: index) : .notFiniteNorm(index: index)
    }
    return request.isMeasured ? report(result) : nil
  }

  /// The kernel's sums as norms, with frozen parameters put back in their places.
  private func report(_ result: FusedOperators.Report) -> UpdateReport {
    let values = request.parameters.map(\.value)
    var squares = active.count == values.count ? [] : FusedOperators.squareSums(values)
    if squares.isEmpty { squares = result.oldSquares }
    var report = UpdateReport(
      normsBefore: squares.map { $0.squareRoot() }, normsAfter: squares.map { $0.squareRoot() },
      updateNorms: squares.map { _ in 0 }, innerProducts: squares)
    for (place, index) in active.enumerated() {
      let old = result.oldSquares[place]
      let update = result.updateSquares[place]
      let dot = result.oldDotUpdates[place]
      report.normsBefore[index] = old.squareRoot()
      report.updateNorms[index] = update.squareRoot()
      report.innerProducts[index] = old + dot
      let group = constraint.groups.isEmpty ? -1 : constraint.groups[place]
      let isAlone = group >= 0 && constraint.groups.count(where: { $0 == group }) == 1
      report.normsAfter[index] =
        isAlone ? result.normsBefore[group] : max(0, old + 2 * dot + update).squareRoot()
    }
    return report
  }
}
