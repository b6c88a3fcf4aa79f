/// Counts that stop at the largest integer instead of ending the process.
extension Int {
  /// The product, or the integer nearest to it where it has none.
  public func saturatingProduct(_ other: Int) -> Int {
    let (product, overflows) = multipliedReportingOverflow(by: other)
    guard overflows else { return product }
    return (self < 0) == (other < 0) ? .max : .min
  }

  /// The sum, or the integer nearest to it where it has none.
  public func saturatingSum(_ other: Int) -> Int {
    let (sum, overflows) = addingReportingOverflow(other)
    guard overflows else { return sum }
    return other < 0 ? .min : .max
  }
}
