import Torch

/// What every optimizer's step shares around its kernels: which parameters take part, which norms are
/// restored, the report, and the error.
///
/// An optimizer of one rule runs one kernel over all parameters, one that treats hidden matrices apart a kernel
/// for each part; then ``finish()`` gives the report or throws.
struct UpdatePass {
  /// What one kernel works on: some of the request's trainable parameters, in order.
  struct Operands {
    /// Their places in the request.
    let places: [Int]
    /// Their tensors.
    let weights: [Tensor]
    /// Their gradients.
    let gradients: [Tensor]
    /// For each slot of the state their tensors; none for a slot that is not kept for them.
    let slots: [[Tensor]]
    /// The norms to restore.
    let constraint: FusedOperators.Constraint
    /// What the rate is multiplied by, empty for 1.
    let rateFactors: [Double]
  }

  private let request: UpdateRequest
  private let state: OptimizerState
  /// Places in the request that are updated.
  private let active: [Int]
  private let isDivided: Bool
  /// What clipping multiplies gradients by.
  private let clipScale: Tensor?
  private var report: UpdateReport?
  private var failure: OptimizerError?

  /// The pass of one update, after checking that the request fits.
  ///
  /// - Parameters:
  ///   - parameterCount: how many parameters the optimizer was made for.
  ///   - isDivided: whether more than one kernel is run. Joint norms, whose members may be of several parts, are
  ///     then restored at the end.
  init(
    _ request: UpdateRequest, state: OptimizerState, parameterCount: Int, isDivided: Bool = false
  ) throws(OptimizerError) {
    let count = request.parameters.count
    guard count == parameterCount, request.gradients.count == count,
      request.targetNorms.isEmpty || request.targetNorms.count == count
    else {
      throw .mismatch(
        state: parameterCount, parameters: count, gradients: request.gradients.count,
        targetNorms: request.targetNorms.count)
    }
    guard request.rateFactors.isEmpty || request.rateFactors.count == count else {
      throw .rateFactorMismatch(parameters: count, rateFactors: request.rateFactors.count)
    }
    self.request = request
    self.state = state
    self.isDivided = isDivided
    clipScale = request.gradientClip.map { limit in
      withoutGradients { FusedOperators.clipScale(of: request.gradients, limit: limit) }
    }
    active = request.parameters.indices.filter { request.parameters[$0].isTrainable }
    report = request.isMeasured ? restingReport() : nil
  }

  /// Those trainable parameters that `isChosen`.
  ///
  /// - Parameter norms: by place, the norms that these return to where the request asks for none.
  func operands(
    norms: [Double?] = [], where isChosen: (Parameter) -> Bool = { _ in true }
  ) -> Operands {
    let places = active.filter { isChosen(request.parameters[$0]) }
    return Operands(
      places: places, weights: places.map { request.parameters[$0].value },
      gradients: places.map { request.gradients[$0] },
      slots: state.slots.map { slot in places.compactMap { slot.tensors[$0] } },
      constraint: constraint(places, norms),
      rateFactors: request.rateFactors.isEmpty ? [] : places.map { request.rateFactors[$0] })
  }

  /// Norms of single parameters first, then the joint ones of those that take part.
  private func constraint(_ places: [Int], _ norms: [Double?]) -> FusedOperators.Constraint {
    var constraint =
      request.targetNorms.isEmpty && norms.isEmpty
      ? FusedOperators.Constraint.none
      : FusedOperators.Constraint(
        targetNorms: places.map { place in
          (request.targetNorms.isEmpty ? nil : request.targetNorms[place])
            ?? (norms.isEmpty ? nil : norms[place])
        })
    guard !request.jointTargetNorms.isEmpty, !isDivided else { return constraint }
    if constraint.groups.isEmpty { constraint.groups = places.map { _ in -1 } }
    let order = Dictionary(uniqueKeysWithValues: places.enumerated().map { ($1, $0) })
    for joint in request.jointTargetNorms {
      let members = joint.members.compactMap { order[$0] }
      guard !members.isEmpty else { continue }
      for member in members { constraint.groups[member] = constraint.targetNorms.count }
      constraint.targetNorms.append(joint.radius)
    }
    return constraint
  }

  /// Runs an optimizer's kernel over all trainable parameters that are chosen, at the request's learning rate times a
  /// factor: one run, or a second one for those without decay.
  mutating func run(
    rateFactor: Double = 1, weightDecay: Double, of decayed: DecayedParameters,
    where isChosen: (Parameter) -> Bool = { _ in true },
    _ kernel: (Operands, FusedOperators.Step) -> FusedOperators.Report
  ) {
    guard Self.takesTwo(weightDecay, decayed) else {
      return run(
        operands(where: isChosen), rateFactor: rateFactor, weightDecay: weightDecay, kernel)
    }
    for (isDecayed, decay) in [(true, weightDecay), (false, 0)] {
      run(
        operands { isChosen($0) && decayed.includes($0.role) == isDecayed },
        rateFactor: rateFactor, weightDecay: decay, kernel)
    }
  }

  /// Whether a decay takes two runs.
  static func takesTwo(_ weightDecay: Double, _ decayed: DecayedParameters) -> Bool {
    weightDecay != 0 && decayed != .all
  }

  /// Runs a kernel over a part of the parameters, at the request's learning rate times a factor.
  mutating func run(
    _ operands: Operands, rateFactor: Double = 1, weightDecay: Double = 0,
    _ kernel: (Operands, FusedOperators.Step) -> FusedOperators.Report
  ) {
    guard !operands.places.isEmpty else { return }
    var numbers = request.deviceNumbers
    if let rate = numbers?.learningRate, rateFactor != 1 {
      numbers?.learningRate = rate * rateFactor
    }
    let step = FusedOperators.Step(
      learningRate: request.learningRate * rateFactor, gradientScale: request.gradientScale,
      clipScale: clipScale, weightDecay: weightDecay, isMeasured: request.isMeasured,
      rateFactors: operands.rateFactors, deviceNumbers: numbers)
    let result = withoutGradients { kernel(operands, step) }
    note(result, operands.constraint, operands.places)
    record(result, operands)
  }

  /// The report, when the request asks for one.
  ///
  /// - Throws: the first norm that could not be restored.
  mutating func finish() throws(OptimizerError) -> UpdateReport? {
    if isDivided { restoreJointNorms() }
    if let failure { throw failure }
    return report
  }

  private mutating func restoreJointNorms() {
    var places: [Int] = []
    var groups: [Int] = []
    var targetNorms: [Double] = []
    for joint in request.jointTargetNorms {
      let members = joint.members.filter { request.parameters[$0].isTrainable }
      guard !members.isEmpty else { continue }
      places += members
      groups += members.map { _ in targetNorms.count }
      targetNorms.append(joint.radius)
    }
    guard !places.isEmpty else { return }
    let constraint = FusedOperators.Constraint(groups: groups, targetNorms: targetNorms)
    let values = places.map { request.parameters[$0].value.detached() }
    note(
      withoutGradients {
        FusedOperators.project(values, constraint: constraint, readsBack: request.isMeasured)
      }, constraint, places)
  }

  /// Keeps the first norm that could not be restored.
  private mutating func note(
    _ result: FusedOperators.Report, _ constraint: FusedOperators.Constraint, _ places: [Int]
  ) {
    guard failure == nil, let group = result.failedGroup,
      let member = constraint.groups.firstIndex(of: group)
    else { return }
    let index = places[member]
    failure =
      result.normsBefore[group] == 0 ? .zeroNorm(index: index) : .notFiniteNorm(index: index)
  }

  /// A report in which nothing moved; the norms are those of frozen parameters alone.
  private func restingReport() -> UpdateReport {
    let frozen = request.parameters.indices.filter { !request.parameters[$0].isTrainable }
    var squares = request.parameters.map { _ in 0.0 }
    if !frozen.isEmpty {
      let sums = FusedOperators.squareSums(frozen.map { request.parameters[$0].value })
      for (index, square) in zip(frozen, sums) { squares[index] = square }
    }
    return UpdateReport(
      normsBefore: squares.map { $0.squareRoot() }, normsAfter: squares.map { $0.squareRoot() },
      updateNorms: squares.map { _ in 0 }, innerProducts: squares)
  }

  /// The kernel's sums as norms, in their parameters' places.
  private mutating func record(_ result: FusedOperators.Report, _ operands: Operands) {
    guard report != nil else { return }
    let groups = operands.constraint.groups
    for (place, index) in operands.places.enumerated() {
      let old = result.oldSquares[place]
      let update = result.updateSquares[place]
      let dot = result.oldDotUpdates[place]
      report?.normsBefore[index] = old.squareRoot()
      report?.updateNorms[index] = update.squareRoot()
      report?.innerProducts[index] = old + dot
      let group = groups.isEmpty ? -1 : groups[place]
      let isAlone = group >= 0 && groups.count(where: { $0 == group }) == 1
      report?.normsAfter[index] =
        isAlone ? result.normsBefore[group] : max(0, old + 2 * dot + update).squareRoot()
    }
  }
}
