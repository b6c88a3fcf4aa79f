import Foundation

extension UpdateReport {
  /// The angle between two sides of a triangle, from its three lengths, in radians: the rotation of a
  /// parameter from the norms before and after its update and the update's own.
  ///
  /// By Kahan's formula, which stays accurate for the needle-like triangles of small updates, where the
  /// arc cosine of ⟨W, W + u⟩ / ‖W‖‖W + u‖ loses all digits below 1e-8 radians. Zero when a side is zero.
  public static func angle(
    between first: Double, and second: Double, opposite third: Double
  ) -> Double {
    let (a, b, c) = (max(first, second), min(first, second), third)
    guard b > 0 else { return 0 }
    let excess = b >= c ? c - (a - b) : b - (a - c)
    let numerator = ((a - b) + c) * max(excess, 0)
    let denominator = (a + (b + c)) * ((a - c) + b)
    guard denominator > 0 else { return Double.pi }
    return 2 * atan((numerator / denominator).squareRoot())
  }
}
