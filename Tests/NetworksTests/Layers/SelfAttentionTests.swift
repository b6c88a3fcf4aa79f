import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Self-attention")
struct SelfAttentionTests {
  private func attention(
    causal: Bool = false, normalized: Bool = false, features: Int = 6, heads: Int = 2,
    headDimension: Int = 3, dtype: DType = .float64
  ) -> SelfAttention {
    SelfAttention(
      features: features, heads: heads, headDimension: headDimension, isCausal: causal,
      normalizesQueriesAndKeys: normalized, generator: Generator(seed: 1), dtype: dtype)
  }

  private let input_BTF = Tensor.normal([3, 4, 6], generator: Generator(seed: 2), dtype: .float64)

  @Test(
    "Outputs and all gradients are PyTorch's",
    arguments: ["attention", "attention_causal", "attention_normalized"],
    [DType.float32, .float64])
  func goldens(name: String, dtype: DType) throws {
    let layer = attention(
      causal: name == "attention_causal", normalized: name == "attention_normalized",
      headDimension: name == "attention_normalized" ? 5 : 3, dtype: dtype)
    let golden = try TransformerGolden(name, dtype)
    try golden.expectSame(layer)
    // The same without libtorch's fused kernel.
    try FusedKernels.disabled { try golden.expectSame(layer) }
  }

  @Test("Without queries every position takes the mean of all values")
  func uniform() {
    let layer = attention()
    layer.query.assign(Tensor.zeros([6, 6]))
    let values_BTE = input_BTF.linear(weight: layer.value.value)
    let mean_BTE = values_BTE.mean(axes: [1], keepAxes: true).expanded(to: [3, 4, 6])
    expectClose(
      layer(input_BTF), mean_BTE.linear(weight: layer.output.value), relative: 1e-12,
      absolute: 1e-14)
    expectClose(
      layer.weights(input_BTF), Tensor.full([3, 2, 4, 4], value: 0.25, dtype: .float64),
      relative: 1e-12)
  }

  @Test("A causal position sees itself and those before it alone")
  func causal() {
    let layer = attention(causal: true)
    let weights_BHTT = layer.weights(input_BTF)
    for row in 0..<4 {
      for column in 0..<4 {
        let weight = weights_BHTT[0][1][row][column].item
        #expect(column > row ? weight == 0 : weight > 0, "\(row), \(column)")
      }
    }
    expectClose(
      weights_BHTT.sum(axes: [-1]), Tensor.ones([3, 2, 4], dtype: .float64), relative: 1e-12)
    // The first position is its own value.
    let first_BF = input_BTF.selected(axis: 1, at: 0).linear(weight: layer.value.value)
      .linear(weight: layer.output.value)
    expectClose(layer(input_BTF).selected(axis: 1, at: 0), first_BF, relative: 1e-12)
    // A change of the last position reaches no other.
    let changed = input_BTF.cloned()
    withoutGradients {
      _ = changed.narrowed(axis: 1, from: 3, length: 1).fillInPlace(with: .real(2))
    }
    let (before, after) = (layer(input_BTF), layer(changed))
    #expect(
      before.narrowed(axis: 1, from: 0, length: 3)
        .isIdentical(to: after.narrowed(axis: 1, from: 0, length: 3)))
    #expect(!before.isIdentical(to: after))
  }

  @Test("Without positions, attention commutes with the order of positions")
  func equivariance() {
    let layer = attention()
    let order = Tensor([2, 0, 3, 1])
    expectClose(
      layer(input_BTF.selected(axis: 1, indices: order)),
      layer(input_BTF).selected(axis: 1, indices: order), relative: 1e-12, absolute: 1e-14)
  }

  @Test("Roles say what scaling does: logits sharpen, and nothing once queries are normalized")
  func roles() {
    let free = attention()
    #expect(free.query.role == .attentionLogit && free.key.role == .attentionLogit)
    #expect(free.value.role == .residualOutput && free.output.role == .residualOutput)
    let normalized = attention(normalized: true)
    #expect(normalized.query.role == .weight(fanIn: 6))
    #expect(normalized.key.role == .weight(fanIn: 6))
    #expect(normalized.parameters.count == 6)
    for layer in [free, normalized] {
      let before = NormalizationEpsilon.replaced(by: 0) { layer(input_BTF).cloned() }
      layer.query.assign(layer.query.value.detached() * 4)
      let after = NormalizationEpsilon.replaced(by: 0) { layer(input_BTF) }
      let change = (after - before).norm.item / before.norm.item
      #expect(layer.queryNormalization == nil ? change > 1e-3 : change < 1e-14)
    }
  }

  @Test("Drawn again it has the same form and other numbers")
  func redrawing() {
    let layer = attention(causal: true, normalized: true)
    let source = ParameterSource(generator: Generator(seed: 5), dtype: .float64)
    let other = layer.redrawn("attention", from: source)
    #expect(other.isCausal && other.queryNormalization != nil && other.heads == 2)
    for (own, new) in zip(layer.namedParameters, other.namedParameters) {
      #expect(own.name == new.name && own.parameter.role == new.parameter.role)
      #expect(own.parameter.value.shape == new.parameter.value.shape)
      let isScale = own.parameter.role == .scale
      #expect(own.parameter.value.isIdentical(to: new.parameter.value) == isScale, "\(own.name)")
    }
  }

  @Test("A token's vector and its position's are added, and the last position is read")
  func embedding() {
    let layer = TokenEmbedding(
      vocabulary: 7, positions: 4, features: 3, generator: Generator(seed: 1), dtype: .float64)
    let output_BTF = layer(Tensor([6, 0, 0], shape: [1, 3]))
    #expect(output_BTF.shape == [1, 3, 3])
    for (place, token) in [6, 0, 0].enumerated() {
      let expected = layer.tokens.value[token] + layer.positions.value[place]
      #expect(output_BTF[0][place].isIdentical(to: expected))
    }
    #expect(LastPosition()(output_BTF)[0].isIdentical(to: output_BTF[0][2]))
    #expect(layer.parameters.allSatisfy { $0.role == .embedding })
  }
}

/// What the script computed of one module: its values are loaded by name, and output and gradients compared.
struct TransformerGolden {
  private let goldens: Goldens
  private let prefix: String
  private let tolerance: Double

  init(_ name: String, _ dtype: DType) throws {
    goldens = try Goldens("transformer", in: .module)
    prefix = "\(name)/\(dtype)/"
    tolerance = dtype == .float64 ? 1e-12 : 1e-4
  }

  func expectSame(_ layer: some Layer) throws {
    let parameters = layer.namedParameters
    let names = Set(
      goldens.names.filter { $0.hasPrefix(prefix + "value.") }
        .map { String($0.dropFirst((prefix + "value.").count)) })
    #expect(names == Set(parameters.map(\.name)))
    for named in parameters {
      let value = try goldens[prefix + "value." + named.name]
      try #require(value.shape == named.parameter.value.shape, "\(named.name)")
      named.parameter.assign(value)
    }
    let golden = try goldens[prefix + "x"]
    let isDifferentiable = golden.dtype.isFloatingPoint
    let input = isDifferentiable ? golden.requiringGradient() : golden
    let output = layer(input)
    try expectSame(output, "out")
    let found = gradients(
      of: [output], seeds: [try goldens[prefix + "seed"]],
      withRespectTo: parameters.map(\.parameter.value) + (isDifferentiable ? [input] : []))
    let keys = parameters.map { "gradient." + $0.name } + (isDifferentiable ? ["grad"] : [])
    for (key, gradient) in zip(keys, found) {
      try expectSame(try #require(gradient), key)
    }
  }

  /// Within rounding of the largest element.
  private func expectSame(_ found: Tensor, _ key: String) throws {
    let expected = try goldens[prefix + key]
    let largest = withoutGradients { expected.absolute().maximum().item }
    expectClose(
      found, expected, relative: tolerance, absolute: tolerance * max(largest, 1), key)
  }
}
