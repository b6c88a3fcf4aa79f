import Torch

extension ViT {
  /// Checks every field against the input.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  public func validate(inputShape: [Int], outputs: Int) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      inputShape.count == 3 && inputShape.allSatisfy { $0 > 0 }, "the input's shape",
      "channels, height and width", "\(inputShape)")
    try ConfigurationError.requireCount(outputs, "the number of outputs", from: 1)
    try ConfigurationError.requireCount(patchSide, "network.patchSide", from: 1)
    try require(
      inputShape[1] % patchSide == 0 && inputShape[2] % patchSide == 0, "network.patchSide",
      "a divisor of the image's sides \(inputShape[1]) and \(inputShape[2])", "\(patchSide)")
    try blocks.validate("network.blocks", isRotary: false)
    try require(
      dtype.isFloatingPoint, "network.dtype", "float32, float64, bfloat16 or float16",
      dtype.rawValue)
  }

  func patchCount(_ inputShape: [Int]) -> Int {
    inputShape[1] / patchSide * (inputShape[2] / patchSide)
  }

  /// Patches, positions, blocks, the last normalization and the output.
  public func parameterCount(inputShape: [Int], outputs: Int) -> Int {
    let features = blocks.features
    let vectors = patchCount(inputShape) + (readout == .token ? 2 : 0)
    return features * (inputShape[0] * patchSide * patchSide + 1 + vectors)
      + blocks.parameterCount + blocks.normCount(features) + (features + 1) * outputs
  }

  /// Patches, blocks and the output.
  public func forwardOperations(inputShape: [Int], outputs: Int) -> Double {
    let patches = patchCount(inputShape)
    let kernel = Double(inputShape[0] * patchSide * patchSide * blocks.features)
    return blocks.forwardOperations(length: patches + (readout == .token ? 1 : 0))
      + 2 * (Double(patches) * kernel + Double(blocks.features * outputs))
  }

  /// timm's names: `patch_embed.proj`, `blocks.0.attn.qkv`, …, `head`.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that timm has no counterpart for.
  public func referenceLayout() throws(ConfigurationError) -> WeightLayout {
    let require = ConfigurationError.require
    try require(blocks.hasBiases, "network.blocks.hasBiases", "true for timm's names", "false")
    try require(
      blocks.keyHeads == blocks.heads, "network.blocks.keyHeads",
      "\(blocks.heads) for timm's names", "\(blocks.keyHeads)")
    try require(
      blocks.dense != .swiGLU, "network.blocks.dense", "one that is not gated for timm's names",
      blocks.dense.rawValue)
    try blocks.requireDividingHeads("network.blocks")
    var layout = WeightLayout()
    if readout == .token { layout.add("cls_token", "positions.class", leadingOnes: 2) }
    layout.add("pos_embed", "positions.positions", leadingOnes: 1)
    layout.add("patch_embed.proj.weight", "patches.weight")
    layout.add("patch_embed.proj.bias", "patches.bias")
    for index in 0..<blocks.layers {
      let reference = "blocks.\(index)."
      let (attention, dense) = ("block\(index)-attention.body.", "block\(index)-dense.body.")
      let own = attention + "attention."
      let names = ["query", "key", "value"].map { own + $0 }
      blocks.addNorm(&layout, reference + "norm1", attention + "normalization")
      layout.entries += [
        .init(reference: reference + "attn.qkv.weight", own: names),
        .init(reference: reference + "attn.qkv.bias", own: names.map { $0 + "_bias" }),
      ]
      if blocks.normalizesQueriesAndKeys {
        blocks.addNorm(&layout, reference + "attn.q_norm", own + "query_normalization")
        blocks.addNorm(&layout, reference + "attn.k_norm", own + "key_normalization")
      }
      layout.add(reference + "attn.proj.weight", own + "output")
      layout.add(reference + "attn.proj.bias", own + "output_bias")
      blocks.addNorm(&layout, reference + "norm2", dense + "normalization")
      for (name, part) in [("fc1", "hidden"), ("fc2", "output")] {
        layout.add("\(reference)mlp.\(name).weight", "\(dense)\(part).weight")
        layout.add("\(reference)mlp.\(name).bias", "\(dense)\(part).bias")
      }
    }
    blocks.addNorm(&layout, readout == .token ? "norm" : "fc_norm", "normalization")
    layout.add("head.weight", "output.weight")
    layout.add("head.bias", "output.bias")
    return layout
  }
}
