import Torch

/// Tensors to bring back to given norms, those of one group jointly, in one multi-tensor pass.
struct Rescaling {
  private var tensors: [Tensor] = []
  private var groups: [Int] = []
  private var targetNorms: [Double] = []

  /// A group whose norm is zero or not finite, with that norm.
  struct Failure: Error {
    let group: Int
    let norm: Double
  }

  /// Adds a group with target norm `radius`.
  mutating func add(_ members: [Tensor], radius: Double) {
    tensors += members.map { $0.detached() }
    groups += members.map { _ in targetNorms.count }
    targetNorms.append(radius)
  }

  /// Rescales every group to its target norm, or none if a norm is unusable. Sums are float64.
  ///
  /// - Parameter readsBack: whether devices other than the CPU are waited for, without which their unusable norms are
  ///   not told.
  func apply(readsBack: Bool) throws(Failure) {
    guard !tensors.isEmpty else { return }
    let report = withoutGradients {
      FusedOperators.project(
        tensors, constraint: .init(groups: groups, targetNorms: targetNorms), readsBack: readsBack)
    }
    if let group = report.failedGroup {
      throw Failure(group: group, norm: report.normsBefore[group])
    }
  }

  /// The Frobenius norm of each tensor, summed in float64.
  static func norms(of tensors: [Tensor]) -> [Double] {
    guard !tensors.isEmpty else { return [] }
    return withoutGradients {
      FusedOperators.squareSums(tensors.map { $0.detached() }).map { $0.squareRoot() }
    }
  }
}
