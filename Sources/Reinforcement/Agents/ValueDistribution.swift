public import Networks

/// What a network says of an action's return.
///
/// Flat, so that each field can be set by its name; fields that a kind does not use are kept and ignored.
public struct ValueDistribution: Codable, Hashable, Sendable {
  /// The form.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// Its mean (DQN).
    case scalar
    /// Logits of fixed values (C51).
    case categorical
    /// Values at fixed quantile fractions (QR-DQN).
    case quantile
    /// Values at any quantile fractions (IQN).
    case implicitQuantile
  }

  /// The form.
  public var kind = Kind.scalar
  /// `categorical`: the number of values, `quantile`: of fractions. 51 and 200 in the papers.
  public var atomCount = 51
  /// `categorical`: the smallest value.
  public var minimum = -10.0
  /// `categorical`: the largest value.
  public var maximum = 10.0
  /// `implicitQuantile`: fractions drawn for what is learned and for its target (N = N′; 64 in DQN Zoo).
  public var sampleCount = 64
  /// `implicitQuantile`: fractions drawn to act by (K; 64 in DQN Zoo, 32 in the paper).
  public var actingSampleCount = 64
  /// `implicitQuantile`: cosines of the embedding.
  public var cosineCount = 64

  /// A scalar value.
  public init() {}

  /// The mean return.
  public static let scalar = ValueDistribution()

  /// 51 values from −10 to 10 (Bellemare et al. 2017).
  public static let categorical51 = categorical()

  /// Logits of values at equal distances.
  public static func categorical(
    atomCount: Int = 51, minimum: Double = -10, maximum: Double = 10
  ) -> ValueDistribution {
    var value = ValueDistribution()
    value.kind = .categorical
    value.atomCount = atomCount
    value.minimum = minimum
    value.maximum = maximum
    return value
  }

  /// Values at the midpoints of equal parts (Dabney et al. 2018, arXiv 1710.10044).
  public static func quantile(atomCount: Int = 200) -> ValueDistribution {
    var value = ValueDistribution()
    value.kind = .quantile
    value.atomCount = atomCount
    return value
  }

  /// Values at any fractions (Dabney et al. 2018, arXiv 1806.06923).
  public static func implicitQuantile(sampleCount: Int = 64) -> ValueDistribution {
    var value = ValueDistribution()
    value.kind = .implicitQuantile
    value.sampleCount = sampleCount
    value.actingSampleCount = sampleCount
    return value
  }

  /// Outputs of the network for one action: N of (B, A, N), or 1 where fractions are asked for.
  var outputsPerAction: Int {
    switch kind {
    case .scalar, .implicitQuantile: 1
    case .categorical, .quantile: atomCount
    }
  }

  /// Checks every field, and the smallest and the largest value against one another.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    let counts = [
      ("atomCount", atomCount, kind == .categorical ? 2 : 1), ("sampleCount", sampleCount, 1),
      ("actingSampleCount", actingSampleCount, 1), ("cosineCount", cosineCount, 1),
    ]
    for (name, count, least) in counts {
      // Our choice: an update's memory grows with the square.
      try ConfigurationError.requireCount(
        count, "network.distribution.\(name)", from: least, to: 10_000)
    }
    let largest = ConfigurationError.largestNumber
    for (name, value) in [("minimum", minimum), ("maximum", maximum)] {
      try ConfigurationError.requireNumber(
        value, "network.distribution.\(name)", from: -largest, to: largest)
    }
    // Further apart than float32 rounds, so that atoms are different values.
    try ConfigurationError.require(
      Float(minimum) < Float(maximum) || kind != .categorical, "network.distribution.maximum",
      "a finite number above the minimum, \(minimum)", "\(maximum)")
  }
}
