import Torch

/// Tensors to bring back to given norms, those of one group jointly, in one multi-tensor pass.
struct Rescaling {
  /// What is rescaled, in place.
  var tensors: [Tensor] = []
  /// For each tensor the index of its group.
  var groups: [Int] = []
  /// For each group the norm to return to.
  var radii: [Double] = []

  /// A group whose norm is zero or not finite, with that norm.
  struct Failure: Error {
    let group: Int
    let norm: Double
  }

  /// Adds a group.
  mutating func add(_ tensors: [Tensor], radius: Double) {
    self.tensors += tensors.map { $0.detached() }
    groups += tensors.map { _ in radii.count }
    radii.append(radius)
  }

  /// The joint Frobenius norm of each group, summed in float64.
  func norms() -> [Double] {
    let squares = Self.norms(of: tensors).map { $0 * $0 }
    var sums = [Double](repeating: 0, count: radii.count)
    for (group, square) in zip(groups, squares) { sums[group] += square }
    return sums.map { $0.squareRoot() }
  }

  /// The Frobenius norm of each tensor, summed in float64; waits once for the device.
  static func norms(of tensors: [Tensor]) -> [Double] {
    guard !tensors.isEmpty else { return [] }
    return withoutGradients {
      Tensor.stacked(Tensor.norms(tensors.map { $0.detached() }, dtype: .float64)).doubles
    }
  }

  /// Rescales every group to its radius, or none when a norm is unusable.
  func apply() throws(Failure) {
    guard !tensors.isEmpty else { return }
    let norms = norms()
    for (group, norm) in norms.enumerated() where !(norm.isFinite && norm > 0) {
      throw Failure(group: group, norm: norm)
    }
    let device = tensors[0].device
    let factors = Tensor(zip(radii, norms).map { $0 / $1 }, device: device).split(by: 1)
    withoutGradients {
      Tensor.multiplyEachInPlace(tensors, by: groups.map { factors[$0].reshaped(to: []) })
    }
  }
}
