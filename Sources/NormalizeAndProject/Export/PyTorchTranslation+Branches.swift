import Networks
import Torch

extension PyTorchTranslation {
  /// The expression for a layer that is made of sequences, or of a class of its own in PyTorch; `nil` for another.
  mutating func composed(
    _ layer: any Layer, _ name: String, _ path: [Int]
  ) throws(ExportError) -> String? {
    switch layer {
    case let layer as any BranchedLayer: return try branched(layer, name, path)
    case let layer as InjectedHead: return try injected(layer, name, path)
    case let layer as SelfAttention: return try attention(layer, name)
    case let layer as TokenEmbedding: return tokens(layer, name)
    case let layer as NoisyLinear: return noisy(layer, name)
    case let layer as SpectralNormalized<Linear>: return spectral(layer, layer.base, name)
    case let layer as SpectralNormalized<Convolution2D>: return spectral(layer, layer.base, name)
    case let layer as SpectralNormalized<NoisyLinear>: return spectral(layer, layer.base, name)
    case is PositionsInARow: return uses(.positionsInARow) + "()"
    case let layer as PositionEmbedding: return positions(layer, name)
    case is FirstPosition: return uses(.firstPosition) + "()"
    case is PositionMean: return uses(.positionMean) + "()"
    case is SquaredReLU: return uses(.squaredReLU) + "()"
    case let layer as TiedOutput:
      return linear(Linear(weight: layer.weight, bias: nil), name, after: nil)
    case is LastPosition: return uses(.lastPosition) + "()"
    case is AppendedOne: return uses(.appendedOne) + "()"
    case is CReLU: return uses(.crelu) + "()"
    case is FourierFeatures: return uses(.fourierFeatures) + "()"
    case let layer as InputScaling: return uses(.inputScaling) + "(\(layer.divisor))"
    case let layer as PerAction: return uses(.perAction) + "(\(layer.actions))"
    case let layer as CosineFeatures: return uses(.cosineFeatures) + "(\(layer.count))"
    default: return nil
    }
  }

  private mutating func branched(
    _ layer: any BranchedLayer, _ name: String, _ path: [Int]
  ) throws(ExportError) -> String {
    let head: String
    switch layer {
    case is Residual: head = uses(.residual) + "("
    case let layer as Dueling: head = uses(.dueling) + "(\(layer.actions), "
    case let layer as ActorCritic where layer.logDeviations == nil: head = uses(.actorCritic) + "("
    case is QuantileEmbedding: head = uses(.quantileEmbedding) + "("
    case is GatedLinearUnit: head = uses(.gatedLinearUnit) + "("
    default: throw .noCounterpart(layer: name, reason: "\(type(of: layer))")
    }
    var parts: [String] = []
    for (number, branch) in layer.branches.enumerated() {
      parts.append(
        try sequence(branch.sequence, path: path + [number], prefix: "\(name).\(branch.name)."))
    }
    return head + parts.joined(separator: ", ") + ")"
  }

  /// Its three sequences read what it reads, which tracing the network does not look into.
  private mutating func injected(
    _ layer: InjectedHead, _ name: String, _ path: [Int]
  ) throws(ExportError) -> String {
    let head = uses(.injectedHead)
    let inputShape = Array((shapes[path] ?? []).dropFirst())
    var parts: [String] = []
    for (part, sequence) in [
      ("original", layer.original), ("learning", layer.learning), ("frozen", layer.frozen),
    ] {
      let inner: [[Int]: [Int]]
      do {
        inner = try sequence.leafShapes(inputShape: inputShape, dtype: sequence.floatDType)
      } catch {
        throw .doesNotRun(inputShape: inputShape, reason: "\(error)")
      }
      parts.append(
        try within(inner) { (translation) throws(ExportError) in
          try translation.sequence(sequence, path: [], prefix: "\(name).\(part).")
        })
    }
    return head + "(\(parts.joined(separator: ", ")), \(python(layer.isInjected)))"
  }

  private mutating func attention(
    _ layer: SelfAttention, _ name: String
  ) throws(ExportError) -> String {
    for case .parameter(let part, let parameter) in layer.parts {
      add(name, part, parameter.value)
    }
    let form = layer.form
    let biases = layer.parts.compactMap { part -> String? in
      guard case .parameter(let name, let parameter) = part, parameter.role == .bias else {
        return nil
      }
      return "\"\(name.dropLast("_bias".count))\""
    }
    let sizes = "(\(form.features), \(form.heads), "
    var text =
      biases.isEmpty && form.rotary == nil && form.keyHeads == form.heads
      ? uses(.selfAttention) + sizes + "\(form.headDimension), \(python(form.isCausal))"
      : uses(.groupedAttention) + sizes
        + "\(form.keyHeads), \(form.headDimension), \(python(form.isCausal)), "
        + "[\(biases.joined(separator: ", "))], \(form.rotary.map { "\($0.base)" } ?? "None")"
    for (part, norm) in [
      ("query_normalization", layer.queryNormalization),
      ("key_normalization", layer.keyNormalization),
    ] {
      guard let norm else { continue }
      text += ", " + (try normalization(norm, "\(name).\(part)", shape: [form.headDimension], true))
    }
    return text + ")"
  }

  private mutating func positions(_ layer: PositionEmbedding, _ name: String) -> String {
    add(name, "class", layer.classToken?.value)
    add(name, "positions", layer.positions.value)
    let shape = layer.positions.value.shape
    return uses(.positionEmbedding)
      + "(\(shape[0]), \(shape[1]), \(python(layer.classToken != nil)))"
  }

  private mutating func tokens(_ layer: TokenEmbedding, _ name: String) -> String {
    add(name, "tokens", layer.tokens.value)
    add(name, "positions", layer.positions.value)
    let (tokens, positions) = (layer.tokens.value.shape, layer.positions.value.shape)
    return uses(.tokenEmbedding) + "(\(tokens[0]), \(positions[0]), \(tokens[1]))"
  }

  private mutating func noisy(_ layer: NoisyLinear, _ name: String) -> String {
    add(name, "weight", layer.weight.value)
    add(name, "deviation", layer.deviation.value)
    add(name, "bias", layer.bias?.value)
    add(name, "deviation_bias", layer.deviationBias?.value)
    let shape = layer.weight.value.shape
    return uses(.noisyLinear)
      + "(\(shape[1]), \(shape[0])"
      + (layer.bias == nil ? ", bias=False" : "")
      + (layer.deviationBias == nil ? ", deviation_bias=False" : "") + ")"
  }

  /// The layer with its weight divided by the estimate of its largest singular value, as it is at this moment.
  private mutating func spectral<Base: WeightedLayer>(
    _ layer: SpectralNormalized<Base>, _ base: Base, _ name: String
  ) -> String? {
    let divided = withoutGradients {
      Parameter(
        layer.weight.value.detached() / layer.singularValue, role: layer.weight.role)
    }
    switch base.replacing(weight: divided, bias: layer.bias) {
    case let plain as Linear: return linear(plain, name, after: nil)
    case let plain as Convolution2D: return convolution(plain, name)
    case let plain as NoisyLinear: return noisy(plain, name)
    default: return nil
    }
  }

  func python(_ value: Bool) -> String { value ? "True" : "False" }
}
