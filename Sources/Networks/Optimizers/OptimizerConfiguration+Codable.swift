extension OptimizerConfiguration {
  private enum CodingKeys: String, CodingKey { case learningRate, gradientClip }

  /// Reads a configuration; what is not there has the rule's default, and settings of other rules are left out.
  ///
  /// - Throws: `DecodingError` for a missing learning rate and for an unknown kind.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try Rule(from: decoder), learningRate: try values.decode(Double.self, forKey: .learningRate),
      gradientClip: try values.decodeIfPresent(Double.self, forKey: .gradientClip))
  }

  /// Writes the settings that the rule has.
  public func encode(to encoder: any Encoder) throws {
    try rule.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(learningRate, forKey: .learningRate)
    try values.encodeIfPresent(gradientClip, forKey: .gradientClip)
  }
}
