import Foundation
import Networks
import Torch

/// Examples that are mixed of two of one batch: mixup (Zhang et al. 2018) and CutMix (Yun et al. 2019).
///
/// With λ drawn from Beta(α, α) for a batch and π a permutation of it, mixup trains on `λ x + (1 − λ) x_π`. CutMix puts
/// a box of `x_π` into `x`, of sides `√(1 − λ)` of the image's around a place drawn at random; what of it lies beyond
/// the image is left out, and λ becomes the fraction that is left of `x`. The loss is `λ L(y) + (1 − λ) L(y_π)`. With
/// both, each batch is one of them with equal chances, as in timm.
public struct ImageMixing: Codable, Hashable, Sendable {
  /// α of mixup; 0 for none.
  public var mixup = 0.0
  /// α of CutMix; 0 for none.
  public var cutmix = 0.0

  /// Neither.
  public init() {}

  /// Checks ranges.
  ///
  /// - Throws: `ConfigurationError` naming the key.
  func validate() throws(ConfigurationError) {
    for (key, value) in [("mixing.mixup", mixup), ("mixing.cutmix", cutmix)] {
      try ConfigurationError.require(
        value == 0 || (0.01...100).contains(value), key, "0 for none, or 0.01 to 100", "\(value)")
    }
  }

  /// Whether anything is mixed.
  var isActive: Bool { mixup > 0 || cutmix > 0 }

  /// The batch mixed with itself; as it is where nothing is to be mixed.
  func mixed(_ batch: TaskBatch, _ draws: SeededGenerator) -> TaskBatch {
    guard isActive, batch.count > 1 else { return batch }
    var draws = draws
    let isCut = cutmix > 0 && (mixup == 0 || draws.index(below: 2) == 1)
    let fraction = draws.beta(isCut ? cutmix : mixup)
    let other_B = Tensor(Array(draws.permutation(of: batch.count)), device: batch.inputs.device)
    let others = batch.inputs.selected(axis: 0, indices: other_B)
    var result = batch
    var left = fraction
    if isCut {
      let (height, width) = (batch.inputs.shape[2], batch.inputs.shape[3])
      let box = Self.box(height: height, width: width, fraction: fraction, &draws)
      let mask = (0..<height).flatMap { row in
        (0..<width).map { box.rows.contains(row) && box.columns.contains($0) ? 1.0 : 0 }
      }
      let isOther_HW = Tensor(mask, shape: [height, width], device: batch.inputs.device)
        .converted(to: .bool)
      result.inputs = others.choosing(where: isOther_HW, otherwise: batch.inputs)
      left = 1 - Double(box.rows.count * box.columns.count) / Double(height * width)
    } else {
      result.inputs = batch.inputs * fraction + others * (1 - fraction)
    }
    result.mixture = TaskBatch.Mixture(
      targets: batch.targets.selected(axis: 0, indices: other_B), fraction: left)
    return result
  }

  /// CutMix's box.
  static func box(
    height: Int, width: Int, fraction: Double, _ draws: inout SeededGenerator
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    let side = (1 - fraction).squareRoot()
    func range(_ length: Int) -> Range<Int> {
      let (middle, size) = (draws.index(below: length), Int(Double(length) * side))
      let start = min(max(middle - size / 2, 0), length)
      return start..<max(start, min(middle + size / 2, length))
    }
    return (range(height), range(width))
  }
}

extension SeededGenerator {
  /// A number of Beta(α, α), as the fraction of two numbers of Gamma(α).
  mutating func beta(_ alpha: Double) -> Double {
    let (one, other) = (gamma(alpha), gamma(alpha))
    // Small α may give two zeros: then either end is as likely.
    return one + other > 0 ? one / (one + other) : Double(index(below: 2))
  }

  /// A number of Gamma(α, 1) (Marsaglia & Tsang 2000).
  private mutating func gamma(_ alpha: Double) -> Double {
    // Below 1: that of α + 1 times a power of a uniform number.
    let factor = alpha < 1 ? pow(1 - uniform(), 1 / alpha) : 1
    let d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let normal = (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
      let cube = pow(1 + c * normal, 3)
      guard cube > 0 else { continue }
      if log(1 - uniform()) < normal * normal / 2 + d * (1 - cube + log(cube)) {
        return d * cube * factor
      }
    }
  }
}
