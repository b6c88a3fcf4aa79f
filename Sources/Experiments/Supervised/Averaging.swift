import Networks

/// An average of weights beside the weights of a supervised run (`WeightAverage`), which is evaluated and
/// saved with them and does not change them.
public struct Averaging: Codable, Hashable, Sendable {
  /// λ of the exponential moving average, below 1; 0 for none.
  public var decay = 0.0

  /// None.
  public init() {}

  /// Throws for a λ that is none.
  func validate() throws(ConfigurationError) {
    try ConfigurationError.require(
      decay >= 0 && decay < 1, "average.decay", "at least 0 (none) and below 1", "\(decay)")
  }

  /// The scope of what is measured of averaged weights.
  static let scope = "average"
}

extension KeyedDecodingContainer {
  /// Reads an averaging; none where a text of an earlier build does not have it. Synthesized decoding takes this one.
  func decode(_ type: Averaging.Type, forKey key: Key) throws -> Averaging {
    try decodeIfPresent(type, forKey: key) ?? Averaging()
  }
}
