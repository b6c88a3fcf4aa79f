import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Layers with weights")
struct WeightedLayerTests {
  private let generator = Generator(seed: 1)

  @Test("Dropping the bias keeps the weight and everything else")
  func droppingBias() throws {
    let layers: [any WeightedLayer] = [
      Linear(inputFeatures: 4, outputFeatures: 3, generator: generator),
      Convolution2D(
        inputChannels: 4, outputChannels: 6, kernel: 3,
        stride: Extent2D(height: 2, width: 1), padding: 1, groups: 2, generator: generator),
    ]
    for (layer, shape) in zip(layers, [[2, 4], [2, 4, 5, 5]]) {
      let bare = layer.droppingBias()
      let input = Tensor.normal(shape, generator: generator)
      #expect(bare.weight === layer.weight)
      #expect(bare.bias == nil && bare.namedParameters.map(\.name) == ["weight"])
      let bias = try #require(layer.bias)
      let axes = [Int](repeating: 1, count: -layer.outputFeatureAxis - 1)
      let difference = layer(input) - bare(input)
      let expected = bias.value.viewed(as: [layer.outputFeatureCount] + axes)
        .expanded(to: difference.shape)
      expectClose(difference, expected, absolute: 1e-6)
      #expect(
        layer(input).shape.dropLast(-layer.outputFeatureAxis - 1).last == bare.outputFeatureCount)
    }
  }

  @Test("An output layer says so, and a hidden one how many inputs it sums")
  func roles() {
    let output = Linear(inputFeatures: 4, outputFeatures: 3, isOutput: true, generator: generator)
    #expect(output.isOutput && output.weight.role == .output && output.bias?.role == .bias)
    let hidden = Convolution2D(
      inputChannels: 4, outputChannels: 6, kernel: Extent2D(height: 3, width: 5), groups: 2,
      hasBias: false, generator: generator)
    #expect(hidden.weight.role == .weight(fanIn: 30) && !hidden.isOutput && hidden.bias == nil)
  }

  @Test("Drawn values stay within PyTorch's bound, and two layers of one generator differ")
  func draws() {
    let one = Linear(inputFeatures: 100, outputFeatures: 50, generator: generator)
    let other = Linear(inputFeatures: 100, outputFeatures: 50, generator: generator)
    for parameter in one.parameters {
      let largest = parameter.value.absolute().maximum().item
      #expect(largest <= 0.1 && largest > 0.09)
    }
    #expect(!one.weight.value.isIdentical(to: other.weight.value))
  }
}

@Suite("Activations")
struct ActivationTests {
  @Test("Each says truly whether it is positively homogeneous", arguments: ActivationKind.allCases)
  func homogeneity(kind: ActivationKind) {
    let activation = kind.make()
    let input = Tensor.normal([8, 5], generator: Generator(seed: 1), dtype: .float64)
    let error = (activation(input * 3) - activation(input) * 3).norm.item
    #expect((error < 1e-12) == activation.isPositivelyHomogeneous)
  }

  @Test("Each says truly how many features come out of one", arguments: ActivationKind.allCases)
  func features(kind: ActivationKind) {
    let activation = kind.make()
    #expect(activation(Tensor.ones([2, 5])).shape == [2, 5 * activation.featureFactor])
    #expect(
      activation(Tensor.ones([2, 5, 3, 3])).shape == [2, 5 * activation.featureFactor, 3, 3])
  }

  @Test("CReLU keeps both signs")
  func bothSigns() {
    #expect(CReLU()(Tensor([1.0, -2.0], shape: [1, 2])).doubles == [1, 0, 0, 2])
  }
}
