import Torch

extension NetworkConfiguration {
  /// Checks what no input makes sense of. How large a network may be is the memory's to say.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  public func validateRanges() throws(ConfigurationError) {
    let largest = ConfigurationError.largestCount
    for (name, list, most) in [
      ("kernels", kernels, 10_000), ("strides", strides, 10_000),
      ("convolutions", convolutions, 10_000), ("channels", channels, largest),
    ] {
      for entry in list {
        try ConfigurationError.requireCount(entry, "network.\(name)", from: 1, to: most)
      }
    }
    guard case .transformer(let sizes) = shape else { return }
    for (name, count) in [
      ("layers", sizes.layers), ("heads", sizes.heads), ("headDimension", sizes.headDimension),
      ("modelDimension", sizes.modelDimension), ("feedForward", sizes.feedForward),
    ] { try ConfigurationError.requireCount(count, "network.\(name)", from: 1) }
    try ConfigurationError.requireCount(sizes.vocabulary, "network.vocabulary", from: 0)
    try ConfigurationError.requireNumber(
      sizes.embeddingDeviation, "network.embeddingDeviation", isOpen: true)
  }

  /// Checks every field that the kind uses against the input.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  public func validate(inputShape: [Int], classes: Int) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      !inputShape.isEmpty && inputShape.allSatisfy { $0 > 0 }, "the input's shape",
      "positive sizes", "\(inputShape)")
    try require(classes > 0, "the number of classes", "positive", "\(classes)")
    try require(
      hidden.allSatisfy { $0 > 0 }, "network.hidden", "a list of positive widths", "\(hidden)")
    try require(
      dtype.isFloatingPoint, "network.dtype", "float32, float64, bfloat16 or float16",
      dtype.rawValue)
    switch shape {
    case .mlp: break
    case .cnn: try validateConvolutions(inputShape)
    case .vgg: try validateStages(inputShape)
    case .transformer(let sizes): try validate(sizes, inputShape)
    case .resnet18:
      try validateImage(inputShape)
      try requireOneForEachChannel("convolutions", convolutions)
      try require(
        kernels.first.map { $0 > 0 } ?? false, "network.kernels", "a positive number", "\(kernels)")
      try require(
        strides.first.map { $0 > 0 } ?? false, "network.strides", "a positive number", "\(strides)")
      let factor = activation.make().featureFactor
      try require(
        factor == 1, "network.activation",
        "one that keeps the number of features, since branches are added", activation.rawValue)
    }
  }

  private func validateConvolutions(_ inputShape: [Int]) throws(ConfigurationError) {
    try validateImage(inputShape)
    try requireOneForEachChannel("kernels", kernels)
    try requireOneForEachChannel("strides", strides)
  }

  private func requireOneForEachChannel(
    _ name: String, _ list: [Int]
  ) throws(ConfigurationError) {
    try ConfigurationError.require(
      list.count == channels.count && list.allSatisfy { $0 > 0 }, "network.\(name)",
      "\(channels.count) positive numbers, one for each of network.channels \(channels)",
      "\(list)")
  }

  private func validateStages(_ inputShape: [Int]) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try validateImage(inputShape)
    try requireOneForEachChannel("convolutions", convolutions)
    let smallest = inputShape[1...].min() ?? 0
    try require(
      channels.count < Int.bitWidth - 1 && smallest >> channels.count > 0, "network.channels",
      "few enough stages that halving a side of \(smallest) for each leaves a pixel",
      "\(channels)")
  }

  private func validate(
    _ sizes: Transformer, _ inputShape: [Int]
  ) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      inputShape.count == 1, "network.kind",
      "another one than transformer, which reads rows of tokens, for examples of shape \(inputShape)",
      kind.rawValue)
    for (name, value) in [
      ("layers", sizes.layers), ("heads", sizes.heads), ("headDimension", sizes.headDimension),
      ("modelDimension", sizes.modelDimension), ("feedForward", sizes.feedForward),
      ("vocabulary", sizes.vocabulary),
    ] { try require(value > 0, "network.\(name)", "a positive number", "\(value)") }
    try require(
      sizes.heads.multipliedReportingOverflow(by: sizes.headDimension).overflow == false,
      "network.headDimension", "heads times headDimension below 2^63", "\(sizes.headDimension)")
    try require(
      sizes.embeddingDeviation > 0 && sizes.embeddingDeviation.isFinite,
      "network.embeddingDeviation", "a finite number above 0", "\(sizes.embeddingDeviation)")
    let factor = activation.make().featureFactor
    try require(
      factor == 1, "network.activation", "one that keeps the number of features",
      activation.rawValue)
  }

  private func validateImage(_ inputShape: [Int]) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      inputShape.count == 3, "network.kind", "mlp for examples of shape \(inputShape)",
      kind.rawValue)
    try require(
      !channels.isEmpty && channels.allSatisfy { $0 > 0 }, "network.channels",
      "a list of positive counts", "\(channels)")
  }
}
