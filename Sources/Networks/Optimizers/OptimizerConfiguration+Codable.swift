extension OptimizerConfiguration {
  private enum CodingKeys: String, CodingKey {
    case kind, learningRate, momentum, nesterov, beta1, beta2, smoothing, epsilon, weightDecay
    case gradientClip, otherLearningRate, muon
  }

  private var usesMuon: Bool { kind == .muon || kind == .muonh }

  /// Reads a configuration; what was not there before hidden matrices could be treated apart has its default.
  ///
  /// - Throws: `DecodingError` for a missing field or an unknown kind.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      kind: try values.decode(Kind.self, forKey: .kind),
      learningRate: try values.decode(Double.self, forKey: .learningRate),
      momentum: try values.decode(Double.self, forKey: .momentum),
      nesterov: try values.decode(Bool.self, forKey: .nesterov),
      beta1: try values.decode(Double.self, forKey: .beta1),
      beta2: try values.decode(Double.self, forKey: .beta2),
      smoothing: try values.decode(Double.self, forKey: .smoothing),
      epsilon: try values.decode(Double.self, forKey: .epsilon),
      weightDecay: try values.decode(Double.self, forKey: .weightDecay),
      gradientClip: try values.decodeIfPresent(Double.self, forKey: .gradientClip))
    if kind.treatsMatricesApart {
      otherLearningRate =
        try values.decodeIfPresent(Double.self, forKey: .otherLearningRate) ?? otherLearningRate
    }
    if usesMuon { muon = try values.decodeIfPresent(MuonSettings.self, forKey: .muon) ?? muon }
  }

  /// Writes the fields, those of hidden matrices for the kinds that use them: the text of other kinds is what it was
  /// before there were any.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(kind, forKey: .kind)
    try values.encode(learningRate, forKey: .learningRate)
    try values.encode(momentum, forKey: .momentum)
    try values.encode(nesterov, forKey: .nesterov)
    try values.encode(beta1, forKey: .beta1)
    try values.encode(beta2, forKey: .beta2)
    try values.encode(smoothing, forKey: .smoothing)
    try values.encode(epsilon, forKey: .epsilon)
    try values.encode(weightDecay, forKey: .weightDecay)
    try values.encodeIfPresent(gradientClip, forKey: .gradientClip)
    if kind.treatsMatricesApart { try values.encode(otherLearningRate, forKey: .otherLearningRate) }
    if usesMuon { try values.encode(muon, forKey: .muon) }
  }
}
