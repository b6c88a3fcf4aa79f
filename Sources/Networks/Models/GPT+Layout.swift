extension GPT {
  /// The names of transformers' GPT-2 or, with RMSNorm, of its Llama and Qwen3.
  ///
  /// - Throws: ``ConfigurationError`` naming the field that neither has.
  public func referenceLayout() throws(ConfigurationError) -> WeightLayout {
    switch blocks.normalization {
    case .layer: try gpt2Layout()
    case .rms: try llamaLayout()
    }
  }

  private func gpt2Layout() throws(ConfigurationError) -> WeightLayout {
    let require = ConfigurationError.require
    try require(positions == .learned, "network.positions", "learned for GPT-2", positions.rawValue)
    try require(
      blocks.dense == .geluTanh || blocks.dense == .gelu, "network.blocks.dense",
      "geluTanh or gelu for GPT-2", blocks.dense.rawValue)
    try require(blocks.hasBiases, "network.blocks.hasBiases", "true for GPT-2", "false")
    try require(
      !blocks.normalizesQueriesAndKeys, "network.blocks.normalizesQueriesAndKeys",
      "false for GPT-2", "true")
    try require(
      blocks.keyHeads == blocks.heads, "network.blocks.keyHeads", "\(blocks.heads) for GPT-2",
      "\(blocks.keyHeads)")
    try blocks.requireDividingHeads("network.blocks")
    var layout = WeightLayout()
    layout.optionalPrefix = "transformer."
    layout.ignoredEndings = [".attn.bias", ".attn.masked_bias"]
    layout.add("transformer.wte.weight", "embedding.tokens")
    layout.add("transformer.wpe.weight", "embedding.positions")
    for index in 0..<blocks.layers {
      let reference = "transformer.h.\(index)."
      let (attention, dense) = ("block\(index)-attention.body.", "block\(index)-dense.body.")
      let own = attention + "attention."
      func add(_ name: String, _ weights: [String], _ biases: [String]) {
        layout.entries += [
          .init(reference: "\(reference)\(name).weight", own: weights, isTransposed: true),
          .init(reference: "\(reference)\(name).bias", own: biases),
        ]
      }
      blocks.addNorm(&layout, reference + "ln_1", attention + "normalization")
      let names = ["query", "key", "value"].map { own + $0 }
      add("attn.c_attn", names, names.map { $0 + "_bias" })
      add("attn.c_proj", [own + "output"], [own + "output_bias"])
      blocks.addNorm(&layout, reference + "ln_2", dense + "normalization")
      add("mlp.c_fc", [dense + "hidden.weight"], [dense + "hidden.bias"])
      add("mlp.c_proj", [dense + "output.weight"], [dense + "output.bias"])
    }
    blocks.addNorm(&layout, "transformer.ln_f", "normalization")
    addOutput(&layout)
    return layout
  }

  private func llamaLayout() throws(ConfigurationError) -> WeightLayout {
    let require = ConfigurationError.require
    try require(positions == .rotary, "network.positions", "rotary for Llama", positions.rawValue)
    try require(
      blocks.dense == .swiGLU, "network.blocks.dense", "swiGLU for Llama", blocks.dense.rawValue)
    try require(!blocks.hasBiases, "network.blocks.hasBiases", "false for Llama", "true")
    var layout = WeightLayout()
    layout.optionalPrefix = "model."
    layout.ignoredEndings = ["rotary_emb.inv_freq"]
    layout.add("model.embed_tokens.weight", "embedding.weight")
    for index in 0..<blocks.layers {
      let reference = "model.layers.\(index)."
      let (attention, dense) = ("block\(index)-attention.body.", "block\(index)-dense.body.")
      let own = attention + "attention."
      blocks.addNorm(&layout, reference + "input_layernorm", attention + "normalization")
      for (name, part) in [("q", "query"), ("k", "key"), ("v", "value"), ("o", "output")] {
        layout.add("\(reference)self_attn.\(name)_proj.weight", own + part)
      }
      if blocks.normalizesQueriesAndKeys {
        blocks.addNorm(&layout, reference + "self_attn.q_norm", own + "query_normalization")
        blocks.addNorm(&layout, reference + "self_attn.k_norm", own + "key_normalization")
      }
      blocks.addNorm(&layout, reference + "post_attention_layernorm", dense + "normalization")
      layout.add(reference + "mlp.gate_proj.weight", dense + "gated.gate.hidden.weight")
      layout.add(reference + "mlp.up_proj.weight", dense + "gated.up.hidden.weight")
      layout.add(reference + "mlp.down_proj.weight", dense + "output.weight")
    }
    blocks.addNorm(&layout, "model.norm", "normalization")
    addOutput(&layout)
    return layout
  }

  private func addOutput(_ layout: inout WeightLayout) {
    if isOutputTied {
      layout.ignoredEndings.append("lm_head.weight")
    } else {
      layout.add("lm_head.weight", "output.weight")
    }
  }
}
