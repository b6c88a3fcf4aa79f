/// A module that PyTorch lacks, as the Python class that an export carries along.
enum PyTorchDefinition: String, CaseIterable {
  case residual = "Residual"
  case dueling = "Dueling"
  case perAction = "PerAction"
  case actorCritic = "ActorCritic"
  case noisyLinear = "NoisyLinear"
  case cosineFeatures = "CosineFeatures"
  case quantileEmbedding = "QuantileEmbedding"
  case injectedHead = "InjectedHead"
  case selfAttention = "SelfAttention"
  case tokenEmbedding = "TokenEmbedding"
  case lastPosition = "LastPosition"
  case inputScaling = "InputScaling"
  case appendedOne = "AppendedOne"
  case crelu = "CReLU"
  case fourierFeatures = "FourierFeatures"
  case channelNormalization = "ChannelNormalization"
  case shiftedRMSNorm = "ShiftedRMSNorm"
  case groupedAttention = "GroupedAttention"
  case gatedLinearUnit = "GatedLinearUnit"
  case squaredReLU = "SquaredReLU"
  case positionsInARow = "PositionsInARow"
  case positionEmbedding = "PositionEmbedding"
  case firstPosition = "FirstPosition"
  case positionMean = "PositionMean"

  /// The class, which needs `torch` and `nn`.
  var source: String { Self.sources[rawValue] ?? "" }

  /// The classes of `pytorch_modules.py` by name: two empty lines stand before each.
  private static let sources = Dictionary(
    uniqueKeysWithValues: String(decoding: PackageResources.pytorch_modules_py, as: UTF8.self)
      .split(separator: "\n\n\n").dropFirst().map { text in
        (
          String(text.dropFirst("class ".count).prefix { $0.isLetter }),
          text.hasSuffix("\n") ? String(text.dropLast()) : String(text)
        )
      })
}
