/// The sizes of models of other libraries, as the names and shapes of their weights tell them.
extension ResNet {
  /// torchvision's, from `conv1.weight`, `layer1.0.conv1.weight`, …; `nil` where these are not there.
  ///
  /// A first kernel of 7 has stride 2 and a pool after it, as torchvision's has; a smaller one has neither.
  package init?(shapes: [String: [Int]]) {
    guard let stem = shapes["conv1.weight"], stem.count == 4 else { return nil }
    let block: Block = shapes["layer1.0.conv3.weight"] == nil ? .basic : .bottleneck
    var (blocks, channels) = ([Int](), [Int]())
    while let kernel = shapes["layer\(blocks.count + 1).0.conv1.weight"] {
      channels.append(kernel[0])
      blocks.append(count(of: "layer\(blocks.count + 1).", "conv1.weight", in: shapes))
    }
    guard !blocks.isEmpty else { return nil }
    self.init(
      block: block, blocks: blocks, channels: channels, stemKernel: stem[2],
      stemStride: stem[2] >= 7 ? 2 : 1)
  }
}

extension ViT {
  /// timm's, from `patch_embed.proj.weight`, `blocks.0.mlp.fc1.weight`, …; `nil` where these are not there.
  ///
  /// - Parameter heads: of attention, which no shape tells; of 64 features each where it is `nil`, as timm's have.
  package init?(shapes: [String: [Int]], heads: Int? = nil) {
    guard let patch = shapes["patch_embed.proj.weight"], patch.count == 4,
      let hidden = shapes["blocks.0.mlp.fc1.weight"]
    else { return nil }
    self.init(
      patchSide: patch[2],
      blocks: TransformerBlocks(
        layers: count(of: "blocks.", "mlp.fc1.weight", in: shapes),
        heads: heads ?? max(1, patch[0] / 64), features: patch[0], feedForward: hidden[0],
        epsilon: 1e-6,
        normalizesQueriesAndKeys: shapes["blocks.0.attn.q_norm.weight"] != nil),
      readout: shapes["cls_token"] == nil ? .average : .token)
  }
}

extension GPT {
  /// What a file of weights does not tell of a language model; `nil` takes what GPT-2 or Llama has.
  package struct Untold {
    /// Heads of attention.
    package var heads: Int?
    /// Keys and values of each attention.
    package var keyHeads: Int?
    /// The largest number of positions, of rotary ones.
    package var context: Int?
    /// ε of normalizations.
    package var epsilon: Double?
    /// θ of rotary positions.
    package var rotaryBase: Double?
    /// Whether the exact GELU stands in the place of the one by tanh.
    package var isExactGELU = false

    /// Nothing.
    package init() {}
  }

  /// GPT-2 or a model of Llama's kind of transformers, from `wte.weight` or `embed_tokens.weight` and what goes with
  /// them; `nil` where these are not there.
  package init?(shapes: [String: [Int]], _ untold: Untold = Untold()) {
    func shape(_ prefix: String, _ name: String) -> [Int]? { shapes[prefix + name] ?? shapes[name] }
    if let tokens = shape("transformer.", "wte.weight"),
      let positions = shape("transformer.", "wpe.weight"),
      let hidden = shape("transformer.", "h.0.mlp.c_fc.weight")
    {
      let prefix = shapes["transformer.wte.weight"] == nil ? "h." : "transformer.h."
      self.init(
        vocabulary: tokens[0], context: positions[0],
        blocks: TransformerBlocks(
          layers: count(of: prefix, "mlp.c_fc.weight", in: shapes),
          heads: untold.heads ?? max(1, tokens[1] / 64), features: tokens[1],
          feedForward: hidden[1], epsilon: untold.epsilon ?? 1e-5,
          dense: untold.isExactGELU ? .gelu : .geluTanh))
    } else if let tokens = shape("model.", "embed_tokens.weight"),
      let queries = shape("model.", "layers.0.self_attn.q_proj.weight"),
      let keys = shape("model.", "layers.0.self_attn.k_proj.weight"),
      let gate = shape("model.", "layers.0.mlp.gate_proj.weight")
    {
      let prefix = shapes["model.embed_tokens.weight"] == nil ? "layers." : "model.layers."
      let own = shape("model.", "layers.0.self_attn.q_norm.weight")?[0]
      let heads = untold.heads ?? max(1, queries[0] / (own ?? 128))
      let dimension = own ?? queries[0] / heads
      self.init(
        vocabulary: tokens[0], context: untold.context ?? 1_024,
        blocks: TransformerBlocks(
          layers: count(of: prefix, "mlp.gate_proj.weight", in: shapes), heads: heads,
          keyHeads: untold.keyHeads ?? max(1, keys[0] / max(1, dimension)),
          headDimension: dimension, features: tokens[1], feedForward: gate[0],
          normalization: .rms, epsilon: untold.epsilon ?? 1e-6, dense: .swiGLU, hasBiases: false,
          normalizesQueriesAndKeys: own != nil), positions: .rotary,
        rotaryBase: untold.rotaryBase ?? 10_000, isOutputTied: shapes["lm_head.weight"] == nil)
    } else {
      return nil
    }
  }

  /// The order in which transformers' model has its parameters, for files that sort them by name; `nil` of other
  /// models.
  package static func parameterOrder(_ shapes: [String: [Int]]) -> [String]? {
    var untold = Untold()
    // No order depends on heads; one divides every width.
    untold.heads = 1
    guard let layout = try? GPT(shapes: shapes, untold)?.referenceLayout() else { return nil }
    return layout.entries.compactMap { entry in
      if shapes[entry.reference] != nil { return entry.reference }
      let short = String(entry.reference.dropFirst(layout.optionalPrefix.count))
      return entry.reference.hasPrefix(layout.optionalPrefix) && shapes[short] != nil ? short : nil
    }
  }
}

/// How many blocks in a row, from 0, have a tensor of this ending.
private func count(of prefix: String, _ ending: String, in shapes: [String: [Int]]) -> Int {
  var count = 0
  while shapes["\(prefix)\(count).\(ending)"] != nil { count += 1 }
  return count
}
