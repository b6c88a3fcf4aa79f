extension TransformerBlocks {
  /// Checks every field.
  func validate(_ option: String, isRotary: Bool) throws(ConfigurationError) {
    let require = ConfigurationError.require
    for (name, count) in [
      ("layers", layers), ("heads", heads), ("keyHeads", keyHeads),
      ("headDimension", headDimension), ("features", features), ("feedForward", feedForward),
    ] { try ConfigurationError.requireCount(count, "\(option).\(name)", from: 1, to: 1_000_000) }
    try require(
      heads % keyHeads == 0, "\(option).keyHeads", "a divisor of the \(heads) heads", "\(keyHeads)")
    try require(
      !isRotary || headDimension % 2 == 0, "\(option).headDimension",
      "even with rotary positions, which turn pairs", "\(headDimension)")
    try ConfigurationError.requireNumber(epsilon, "\(option).epsilon")
  }

  /// Throws unless the heads divide the features, as the references have it.
  func requireDividingHeads(_ option: String) throws(ConfigurationError) {
    let (width, overflow) = heads.multipliedReportingOverflow(by: headDimension)
    try ConfigurationError.require(
      !overflow && width == features, "\(option).headDimension",
      "features / heads = \(features) / \(heads) for the reference's weights", "\(headDimension)")
  }

  /// Numbers of one normalization over `count` features.
  func normCount(_ count: Int) -> Int { normalization == .layer ? 2 * count : count }

  /// The elements of all blocks' matrices.
  var weightCount: Int {
    let attention = 2 * features * headDimension * (heads + keyHeads)
    return layers * (attention + (dense == .swiGLU ? 3 : 2) * features * feedForward)
  }

  /// The elements of all blocks' parameters.
  var parameterCount: Int {
    let wide = dense == .swiGLU ? 2 : 1
    let biases = headDimension * (heads + 2 * keyHeads) + 2 * features + wide * feedForward
    let norms =
      2 * normCount(features) + (normalizesQueriesAndKeys ? 2 * normCount(headDimension) : 0)
    return weightCount + layers * (norms + (hasBiases ? biases : 0))
  }

  /// Operations of one forward pass over `length` positions: matrices, and attention's two products, all of them
  /// computed even where a position does not see them.
  func forwardOperations(length: Int) -> Double {
    let attention = 2 * Double(layers * heads * headDimension) * Double(length)
    return 2 * Double(length) * (Double(weightCount) + attention)
  }

  /// The layout of biases beside their weights: `add` is given the reference's and our names without the last word.
  func addNorm(_ layout: inout WeightLayout, _ reference: String, _ own: String) {
    layout.add("\(reference).weight", "\(own).scale")
    if normalization == .layer { layout.add("\(reference).bias", "\(own).offset") }
  }
}
