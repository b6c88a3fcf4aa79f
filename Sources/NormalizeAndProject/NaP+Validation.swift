public import Networks

extension NaP {
  /// Checks every field.
  ///
  /// - Throws: `ConfigurationError` naming the first that cannot be used, such as `nap.normalization.epsilon`.
  public func validate() throws(ConfigurationError) {
    try ConfigurationError.requireNumber(normalization.epsilon, "nap.normalization.epsilon")
    if case .group(let count) = normalization.kind {
      try ConfigurationError.requireCount(count, "nap.normalization.kind's groups", from: 1)
    }
    try ConfigurationError.requireCount(projection.every, "nap.projection.every", from: 1)
    if case .decay(let rate) = scaleAndOffset {
      try ConfigurationError.requireNumber(rate, "nap.scaleAndOffset's decay")
    }
  }
}
