import Foundation
public import Testing
public import Torch

/// Records an issue unless `|actual − expected| ≤ absolute + relative·|expected|` everywhere.
///
/// Shapes must be the same, element types need not. Not-a-number equals only itself, and infinity
/// only infinity of the same sign. The issue names the worst element and its position.
/// - Returns: whether all elements are close.
@discardableResult
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, relative: Double = 1e-5, absolute: Double = 1e-6,
  _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  guard actual.shape == expected.shape else {
    Issue.record(
      "\(comment) shape \(actual.shape) instead of \(expected.shape)",
      sourceLocation: sourceLocation)
    return false
  }
  guard let worst = worstElement(actual.doubles, expected.doubles, relative, absolute) else {
    return true
  }
  var position: [Int] = []
  var rest = worst.index
  for size in actual.shape.reversed() {
    position.insert(rest % size, at: 0)
    rest /= size
  }
  Issue.record(
    """
    \(comment) \(worst.count) of \(actual.elementCount) elements are off; the worst at \(position): \
    \(worst.actual) instead of \(worst.expected), off by \(worst.error), \
    allowed \(absolute) + \(relative) of it
    """, sourceLocation: sourceLocation)
  return false
}

/// Records an issue unless two numbers are close, as ``expectClose(_:_:relative:absolute:_:sourceLocation:)``.
@discardableResult
public func expectClose(
  _ actual: Double, _ expected: Double, relative: Double = 1e-5, absolute: Double = 1e-6,
  _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
  expectClose(
    Tensor(actual, dtype: .float64), Tensor(expected, dtype: .float64), relative: relative,
    absolute: absolute, comment, sourceLocation: sourceLocation)
}

struct WorstElement {
  var index: Int
  var actual: Double
  var expected: Double
  var error: Double
  var count: Int
}

/// The element that exceeds its tolerance most, and how many do; `nil` when none does.
func worstElement(
  _ actual: [Double], _ expected: [Double], _ relative: Double, _ absolute: Double
) -> WorstElement? {
  var worst: WorstElement?
  var largestExcess = -Double.infinity
  var count = 0
  for (index, (a, e)) in zip(actual, expected).enumerated() {
    if a == e || (a.isNaN && e.isNaN) { continue }
    let error = abs(a - e)
    let excess = error - (absolute + relative * abs(e))
    if excess <= 0 && e.isFinite { continue }
    count += 1
    let rank = excess.isNaN ? Double.infinity : excess
    if rank > largestExcess || worst == nil {
      largestExcess = rank
      worst = WorstElement(index: index, actual: a, expected: e, error: error, count: 0)
    }
  }
  worst?.count = count
  return worst
}
