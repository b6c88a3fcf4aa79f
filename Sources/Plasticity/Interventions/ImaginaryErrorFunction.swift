import Foundation

/// erfi(x) = 2/√π ∫₀ˣ exp(t²) dt.
///
/// Accurate to about 1e-14 relative: up to |x| = 6 by the series Σ x^(2k+1) / (k! (2k+1)), all of
/// whose terms have one sign; beyond by the asymptotic expansion exp(x²)/(√π x) Σ (2k−1)!! / (2x²)^k, cut
/// at its smallest term.
/// Infinite from about |x| = 26.6 on.
func imaginaryErrorFunction(_ x: Double) -> Double {
  guard x.isFinite else { return x }
  let magnitude = abs(x)
  let square = x * x
  if magnitude <= 6 {
    var power = magnitude
    var sum = magnitude
    var index = 0.0
    while power > 1e-18 * sum * (2 * index + 1), index < 500 {
      index += 1
      power *= square / index
      sum += power / (2 * index + 1)
    }
    return (x < 0 ? -2 : 2) / Double.pi.squareRoot() * sum
  }
  var term = 1.0
  var sum = 1.0
  var index = 0.0
  while true {
    index += 1
    let next = term * (2 * index - 1) / (2 * square)
    guard next < term, next > 1e-17 * sum else { break }
    term = next
    sum += term
  }
  let value = exp(square) / (Double.pi.squareRoot() * magnitude) * sum
  return x < 0 ? -value : value
}
