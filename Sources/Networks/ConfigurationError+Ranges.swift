/// The ranges that settings have unless they say otherwise.
extension ConfigurationError {
  /// The largest number that a setting takes, our choice: products of three such numbers are still float32.
  public static let largestNumber = 1e12
  /// The largest count that a setting takes, our choice: no run comes so far, and sums of some of them are integers.
  public static let largestCount = 1_000_000_000_000

  /// Throws unless a count lies in a range.
  ///
  /// - Parameters:
  ///   - least: the smallest that is allowed.
  ///   - most: the largest.
  ///   - expected: what is expected, in words; the range unless given.
  public static func requireCount(
    _ value: Int, _ option: String, from least: Int, to most: Int = largestCount,
    _ expected: String? = nil
  ) throws(ConfigurationError) {
    try require(
      least <= value && value <= most, option,
      expected ?? (value < least ? "at least \(least)" : "at most \(most)"), "\(value)")
  }

  /// Throws unless a number lies in a range.
  ///
  /// - Parameters:
  ///   - least: the smallest that is allowed.
  ///   - most: the largest.
  ///   - isOpen: whether `least` itself is left out.
  public static func requireNumber(
    _ value: Double, _ option: String, from least: Double = 0, to most: Double = largestNumber,
    isOpen: Bool = false
  ) throws(ConfigurationError) {
    try require(
      (isOpen ? value > least : value >= least) && value <= most, option,
      isOpen
        ? "a finite number above \(word(least)) and at most \(word(most))"
        : "a finite number from \(word(least)) to \(word(most))", "\(value)")
  }

  /// Numbers without a needless `.0`.
  private static func word(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
