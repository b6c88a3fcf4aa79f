import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Layers of agents' networks")
struct AgentLayerTests {
  private func sequence(_ inputs: Int, _ outputs: Int, _ name: String) -> Sequential {
    Sequential([
      Linear(
        inputFeatures: inputs, outputFeatures: outputs, generator: Generator(seed: 1).split(name),
        dtype: .float64)
    ])
  }

  @Test("Dueling adds the value to the advantages less their mean over actions")
  func dueling() {
    let layer = Dueling(
      actions: 3, advantage: sequence(4, 6, "advantage"), value: sequence(4, 2, "value"))
    let input = Tensor.normal([5, 4], generator: Generator(seed: 2), dtype: .float64)
    let output = layer(input)
    #expect(output.shape == [5, 3, 2])
    expectClose(
      output.mean(axes: [1]), layer.value(input), relative: 1e-12, absolute: 1e-12,
      "the mean over actions is the state's value")
    let advantage = layer.advantage(input).reshaped(to: [5, 3, 2])
    expectClose(
      output[0][2] - output[0][1], advantage[0][2] - advantage[0][1], relative: 1e-12,
      absolute: 1e-12)
    expectGradientsByDifferences(layer, at: input, "Dueling")
    expectModuleLaws("Dueling") { generator in
      Dueling(
        actions: 3,
        advantage: Sequential([
          Linear(inputFeatures: 4, outputFeatures: 3, generator: generator.split("a"))
        ]),
        value: Sequential([
          Linear(inputFeatures: 4, outputFeatures: 1, generator: generator.split("v"))
        ]))
    }
  }

  @Test("A quantile embedding multiplies features by rectified cosines of the fractions asked for")
  func quantiles() {
    let source = ParameterSource(generator: Generator(seed: 1), dtype: .float64)
    let layer = QuantileEmbedding(features: 4, cosines: 3, source: source)
    let input = Tensor.normal([2, 4], generator: Generator(seed: 2), dtype: .float64)
    let fractions = Tensor([0.1, 0.9, 0.5, 0.25, 0.0, 1.0], shape: [2, 3], dtype: .float64)
    let output = QuantileFractions(fractions).during { layer(input) }
    #expect(output.shape == [2, 3, 4])
    let cosines = QuantileFractions(fractions).during { CosineFeatures(count: 3)(input) }
    expectClose(cosines[0][1][2].item, -0.587_785_252_292_473, "cos(3 π 0.9) ")
    expectClose(cosines[1][2], Tensor([-1.0, 1, -1]))
    let embedded = layer.embedding.elements[1].layer(cosines).relu()
    expectClose(output[1][0], embedded[1][0] * input[1], relative: 1e-12, absolute: 1e-12)
    #expect(layer(input).shape == [2, QuantileFractions.midpointCount, 4])
    QuantileFractions(fractions).during {
      expectGradientsByDifferences(layer, at: input, "QuantileEmbedding")
    }
  }

  @Test("Bytes become numbers from 0 to 1; outputs are sorted by action")
  func reshaping() {
    let bytes = Tensor([0, 51, 255] as [UInt8], shape: [1, 3])
    let scaled = InputScaling()(bytes)
    #expect(scaled.dtype == .float32)
    expectClose(scaled, Tensor([0, 0.2, 1], shape: [1, 3]))
    #expect(InputScaling(divisor: 1)(scaled).isIdentical(to: scaled))
    let vector = Tensor([2.5, -1] as [Float], shape: [1, 2])
    #expect(AppendedOne()(vector).doubles == [2.5, -1, 1])
    #expect(AppendedOne()(vector).dtype == .float32)
    let outputs = Tensor((0..<12).map(Double.init), shape: [2, 6])
    #expect(PerAction(actions: 3)(outputs).shape == [2, 3, 2])
    #expect(PerAction(actions: 3)(outputs)[1][2].doubles == [10, 11])
    let sampled = Tensor((0..<12).map(Double.init), shape: [2, 2, 3])
    #expect(PerAction(actions: 3)(sampled)[0][1].doubles == [1, 4])
  }

  @Test(
    "A torso says how many features it makes",
    arguments: [(Torso.nature, [4, 84, 84], 3136), (.minAtar, [4, 10, 10], 1024)]
      + [(.impala, [4, 84, 84], 32 * 11 * 11), (.mlp, [2, 3], 5)])
  func torso(_ torso: Torso, _ shape: [Int], _ features: Int) {
    let (elements, count) = torso.layers(
      inputShape: shape, widths: [7, 5], source: ParameterSource(generator: Generator(seed: 1)))
    #expect(count == features)
    let output = Sequential(elements)(Tensor.ones([2] + shape))
    #expect(output.shape == [2, features])
    #expect(output.minimum().item >= 0, "the last layer is a rectifier")
  }

  @Test("A torso that follows the observations is the one that suits their shape")
  func observedTorso() {
    #expect(Torso.observed.fitting([4, 84, 84]) == .nature)
    #expect(Torso.observed.fitting([4, 10, 10]) == .minAtar)
    #expect(Torso.observed.fitting([4, 40, 20]) == .minAtar)
    #expect(Torso.observed.fitting([4]) == .mlp && Torso.observed.fitting([1, 2, 2]) == .mlp)
    #expect(Torso.impala.fitting([4]) == .impala && Torso.mlp.fitting([4, 84, 84]) == .mlp)
  }
}
