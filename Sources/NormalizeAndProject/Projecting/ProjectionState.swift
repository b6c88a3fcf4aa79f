public import Networks
import Torch

/// The projection of one network at work: initial norms, recorded once, and the rescaling to them.
///
/// Runs last in an update, after the optimizer and every other method that changes parameters:
///
///     var projection = try ProjectionState(nap, parameters: network.namedParameters)
///     projection.join(&request, update: update)       // what the optimizer can restore in its own pass
///     try optimizer.step(request)
///     try projection.apply(after: request, update: update)
///
/// The initial norms belong in the checkpoint (``savedTensors``), and they stay when the task changes.
/// The optimizer's moments are not touched. `update` is the number of updates completed before this one.
public struct ProjectionState {
  /// What is done.
  public let nap: NaP
  /// What shares one norm, in the network's order.
  var groups: [Group]
  /// The learned parameters of each normalization.
  var normalizations: [LearnedNormalization]
  /// Batch normalizations whose running statistics follow the scale of the weight before them.
  private let followers: [ObjectIdentifier: BatchNorm2D]

  /// Parameters that return to one norm.
  struct Group {
    let members: [NamedParameter]
    var initialNorms: [Double]
    var radius: Double { initialNorms.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var name: String { members.map(\.name).joined(separator: " + ") }
    /// √Σ ‖W‖² as it is, a float64 scalar.
    var norm: Tensor {
      withoutGradients {
        let squares = members.map {
          $0.parameter.value.detached().vectorNorm(dtype: .float64).squared()
        }
        return squares.dropFirst().reduce(squares[0], +).squareRoot()
      }
    }
    /// Whether training changes any member; frozen ones keep every bit.
    var isTrained: Bool { members.contains { $0.parameter.isTrainable } }
  }

  /// A normalization's scale and offset, which share a scale group.
  struct LearnedNormalization {
    let members: [NamedParameter]
    var initialValues: [Tensor]
    /// √d, the joint norm of σ = 1 and μ = 0 over d features.
    let radius: Double
    var name: String { members.map(\.name).joined(separator: " + ") }
  }

  /// Records the initial norms of what `nap` projects, in float64.
  ///
  /// - Parameter parameters: all parameters of the network, with unique names.
  /// - Throws: ``ProjectionError/unusableNorm(parameter:norm:moment:)`` for a zero or non-finite norm.
  public init(_ nap: NaP, parameters: [NamedParameter]) throws(ProjectionError) {
    try self.init(nap, parameters: parameters, followers: [:])
  }

  /// Records the initial norms of what `nap` projects in a sequence, and which batch normalizations stand
  /// right after a projected weight: their running statistics are rescaled with it, since evaluation
  /// would change otherwise (METHOD section 6).
  ///
  /// - Parameter parameters: those to treat; the network's trainable ones when absent.
  /// - Throws: ``ProjectionError/unusableNorm(parameter:norm:moment:)`` for a zero or non-finite norm.
  public init(
    _ nap: NaP, network: Sequential, parameters: [NamedParameter]? = nil
  ) throws(ProjectionError) {
    try self.init(
      nap, parameters: parameters ?? network.trainableParameters,
      followers: network.batchNormalizationsByWeight)
  }

  private init(
    _ nap: NaP, parameters: [NamedParameter], followers: [ObjectIdentifier: BatchNorm2D]
  ) throws(ProjectionError) {
    self.nap = nap
    self.followers = followers
    groups = try Self.projectedGroups(nap.projection, in: parameters)
    normalizations = Self.learnedNormalizations(nap.scaleAndOffset, in: parameters)
  }

  /// The names of the projected parameters, with their initial norms.
  public var initialNorms: [(name: String, norm: Double)] {
    groups.flatMap { group in
      zip(group.members, group.initialNorms).map { (name: $0.name, norm: $1) }
    }
  }

  /// Asks an optimizer to restore norms in its own pass over memory: fills in the request's target norms. Leaves
  /// weights before a batch normalization, and groups with a frozen member, to ``apply(after:update:)``.
  public func join(_ request: inout UpdateRequest, update: Int) {
    request.targetNorms = targetNorms(for: request.parameters, update: update)
    request.jointTargetNorms = jointTargetNorms(for: request.parameters, update: update)
  }

  /// The norm to restore for each of `parameters`, `nil` to leave it; empty when nothing is restored at this update.
  func targetNorms(for parameters: [Parameter], update: Int) -> [Double?] {
    guard nap.projection.isDue(at: update), !groups.isEmpty else { return [] }
    var targetNorms: [ObjectIdentifier: Double] = [:]
    for group in groups where isForOptimizer(group) {
      targetNorms[ObjectIdentifier(group.members[0].parameter)] = group.radius
    }
    return parameters.map { targetNorms[ObjectIdentifier($0)] }
  }

  /// The joint norms to restore among `parameters`: those of noisy layers' means and deviations.
  func jointTargetNorms(for parameters: [Parameter], update: Int) -> [JointTargetNorm] {
    guard nap.projection.isDue(at: update) else { return [] }
    let joint = groups.filter(isJointlyForOptimizer)
    guard !joint.isEmpty else { return [] }
    let places = Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map {
        (ObjectIdentifier($0.element), $0.offset)
      })
    return joint.map { group in
      JointTargetNorm(
        members: group.members.compactMap { places[ObjectIdentifier($0.parameter)] },
        radius: group.radius)
    }
  }

  /// Rescales what is due and treats learned scales and offsets, after an optimizer that was not asked to.
  ///
  /// Nothing is changed when a norm is unusable.
  /// - Parameters:
  ///   - update: updates completed before this one.
  ///   - learningRate: this update's; the decay of scales and offsets is proportional to it.
  /// - Throws: ``ProjectionError/unusableNorm(parameter:norm:moment:)`` naming the parameter.
  /// - Cost: one read and one write of the projected parameters, over all of them at once.
  public func apply(update: Int, learningRate: Double) throws(ProjectionError) {
    try apply(
      after: UpdateRequest(
        parameters: [], gradients: [], learningRate: learningRate, isMeasured: true),
      update: update)
  }

  /// Rescales what the optimizer did not restore by itself, as its request tells, and treats learned scales and
  /// offsets.
  ///
  /// Nothing is changed when a norm is unusable.
  /// - Parameters:
  ///   - request: the update's, perhaps after ``join(_:update:)``.
  ///   - update: updates completed before this one.
  /// - Throws: ``ProjectionError/unusableNorm(parameter:norm:moment:)`` naming the parameter; on devices other than the
  ///   CPU only when the request is measured, since other updates wait for nothing.
  /// - Cost: one read and one write of the projected parameters that are left, over all of them at once.
  public func apply(after request: UpdateRequest, update: Int) throws(ProjectionError) {
    if nap.projection.isDue(at: update) {
      try rescale(
        groups.filter {
          $0.isTrained && !(!request.targetNorms.isEmpty && isForOptimizer($0))
            && !(!request.jointTargetNorms.isEmpty && isJointlyForOptimizer($0))
        }, readsBack: request.isMeasured)
    }
    if case .decay(let rate) = nap.scaleAndOffset { decay(at: rate, request) }
  }

  private func isForOptimizer(_ group: Group) -> Bool {
    group.members.count == 1 && followers[ObjectIdentifier(group.members[0].parameter)] == nil
  }

  private func isJointlyForOptimizer(_ group: Group) -> Bool {
    group.members.count > 1
      && group.members.allSatisfy {
        $0.parameter.isTrainable && followers[ObjectIdentifier($0.parameter)] == nil
      }
  }

  private func rescale(_ due: [Group], readsBack: Bool) throws(ProjectionError) {
    var rescaling = Rescaling()
    var names: [String] = []
    for group in due {
      rescaling.add(group.members.map(\.parameter.value), radius: group.radius)
      names.append(group.name)
    }
    if nap.scaleAndOffset == .jointProjection {
      for normalization in normalizations {
        rescaling.add(normalization.members.map(\.parameter.value), radius: normalization.radius)
        names.append(normalization.name)
      }
    }
    // Behind a weight that is scaled; by the norm that it has now, which stays on its device.
    let followed = due.flatMap { group in
      group.members.compactMap { followers[ObjectIdentifier($0.parameter)] }.map {
        ($0, group.radius / group.norm)
      }
    }
    do throws(Rescaling.Failure) {
      try rescaling.apply(readsBack: readsBack)
    } catch {
      throw .unusableNorm(parameter: names[error.group], norm: error.norm, moment: .afterUpdate)
    }
    for (follower, factor) in followed { follower.scaleRunningStatistics(by: factor) }
  }

  /// p ← p − share·(p − p(0)), all normalizations at once, with share = min(learning rate · rate, 1).
  private func decay(at rate: Double, _ request: UpdateRequest) {
    let values = normalizations.flatMap { $0.members.map { $0.parameter.value.detached() } }
    let initialValues = normalizations.flatMap(\.initialValues)
    guard let first = values.first else { return }
    withoutGradients {
      if case .cuda = first.device {
        // A tensor also where the rate is a number: recorded or not, the results have the same bits.
        let learningRate =
          request.deviceNumbers?.learningRate
          ?? Tensor.full(
            [], value: .real(request.learningRate), dtype: .float64, device: first.device)
        let share = (learningRate * rate).clamped(to: .real(1))
        guard first.dtype.byteCount >= 4 else {
          // In a half's own dtype the share would be coarse.
          for (value, initial) in zip(values, initialValues) {
            let wide = value.converted(to: .float64)
            value.copyInPlace(from: wide + (initial.converted(to: .float64) - wide) * share)
          }
          return
        }
        Tensor.multiplyAllInPlace(values, by: (1 - share).converted(to: first.dtype))
        let own = share.converted(to: first.dtype)
        Tensor.addEachInPlace(values, initialValues.map { $0 * own })
        return
      }
      let share = min(request.learningRate * rate, 1)
      guard share > 0 else { return }
      Tensor.multiplyAllInPlace(values, by: .real(1 - share))
      Tensor.addEachInPlace(values, initialValues, scaledBy: .real(share))
    }
  }
}
