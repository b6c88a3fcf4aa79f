/// The straight line that fits points best: y = intercept + slope · x.
public struct LeastSquares: Hashable, Sendable {
  /// Change of y for a step of 1 in x; NaN below two distinct x.
  public let slope: Double
  /// y at x = 0; NaN below two distinct x.
  public let intercept: Double

  /// Fits by least squares, from centred sums.
  public init(_ points: [(x: Double, y: Double)]) {
    let meanX = Sample(points.map(\.x)).mean
    let meanY = Sample(points.map(\.y)).mean
    var squares = 0.0
    var products = 0.0
    for point in points {
      squares += (point.x - meanX) * (point.x - meanX)
      products += (point.x - meanX) * (point.y - meanY)
    }
    slope = squares > 0 ? products / squares : .nan
    intercept = meanY - slope * meanX
  }
}

/// Smooths a series by the mean over a centred window.
///
/// Element i is the mean of the elements within `window / 2` of it, fewer at both ends; `window` is
/// odd, 1 changes nothing. Values that are not finite are passed over; a window of them alone gives
/// NaN. Cost: the product of length and window.
public func rollingMean(_ values: [Double], window: Int) -> [Double] {
  precondition(window > 0 && window % 2 == 1, "a centred window is odd, got \(window)")
  return values.indices.map { index in
    let low = max(0, index - window / 2)
    let high = min(values.count - 1, index + window / 2)
    return Sample(values[low...high].filter(\.isFinite)).mean
  }
}
