import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("Normalizations are inserted before every nonlinearity")
struct InsertionTests {
  func kinds(_ network: Sequential) -> [String] {
    network.elements.map { "\($0.name):\(type(of: $0.layer))" }
  }

  @Test("A fully connected network gets one before each nonlinearity and loses its hidden biases")
  func fullyConnected() throws {
    let plain = TestNetwork.mlp()
    let network = try normalized(plain, inputShape: [6], normalization: .layer)
    #expect(
      kinds(network) == [
        "flatten:Flatten", "hidden0:Linear", "normalization0:LayerNorm", "activation0:ReLU",
        "hidden1:Linear", "normalization1:LayerNorm", "activation1:ReLU", "output:Linear",
      ])
    #expect(
      network.namedParameters.map(\.name) == [
        "hidden0.weight", "hidden1.weight", "output.weight", "output.bias",
      ])
  }

  @Test("The arms of one seed start from the very same weights")
  func sameWeights() throws {
    let plain = TestNetwork.vgg()
    let network = try NaP.both.normalized(plain, inputShape: [2, 8, 8])
    let own = Dictionary(
      uniqueKeysWithValues: plain.namedParameters.map { ($0.name, $0.parameter) })
    for named in network.namedParameters { #expect(own[named.name] === named.parameter) }
    let again = try NaP.both.normalized(TestNetwork.vgg(), inputShape: [2, 8, 8])
    for (left, right) in zip(network.parameters, again.parameters) {
      #expect(left.value.isIdentical(to: right.value))
    }
    #expect(try kinds(NaP.projectOnly.normalized(plain, inputShape: [2, 8, 8])) == kinds(plain))
  }

  @Test("Pre-activations come out with mean 0 and variance 1 over the axes asked for")
  func statistics() throws {
    let input = TestNetwork.input([5, 2, 8, 8])
    for (axes, over) in [(Normalization.Axes.example, [1, 2, 3]), (.channels, [1])] {
      let normalization = Normalization(.layer, axes: axes, epsilon: 0)
      let network = try normalized(
        TestNetwork.vgg(), inputShape: [2, 8, 8], normalization: normalization)
      for (name, layer, output) in network.outputs(input) where layer is LayerNorm {
        let axes = output.dimensionCount == 4 ? over : [1]
        let mean = output.mean(axes: axes)
        let square = output.squared().mean(axes: axes)
        #expect(mean.absolute().maximum().item < 1e-12, "\(name)")
        #expect((square - 1).absolute().maximum().item < 1e-12, "\(name)")
      }
    }
  }

  @Test("Every kind computes the normalization it is named for")
  func everyKind() throws {
    let input = TestNetwork.input([4, 6])
    func before(_ kind: Normalization.Kind) throws -> (weighted: Tensor, normal: Tensor) {
      let network = try normalized(
        TestNetwork.mlp([8, 6]), inputShape: [6], normalization: Normalization(kind, epsilon: 0))
      let outputs = network.outputs(input).map(\.output)
      return (outputs[1], outputs[2])
    }
    let (x, rms) = try before(.rms)
    #expect(gap(rms, x / x.squared().mean(axes: [1], keepAxes: true).squareRoot()) < 1e-14)
    let halves = try before(.group(count: 2)).normal.viewed(as: [4, 2, 4])
    #expect(halves.mean(axes: [2]).absolute().maximum().item < 1e-14)
    #expect((halves.squared().mean(axes: [2]) - 1).absolute().maximum().item < 1e-12)
  }

  @Test("Learned scales and offsets start at one and zero and share a scale group")
  func learned() throws {
    for kind in [Normalization.Kind.layer, .rms, .group(count: 1)] {
      let network = try normalized(
        TestNetwork.vgg(), inputShape: [2, 8, 8], normalization: Normalization(kind),
        scaleAndOffset: .free)
      let scales = network.parameters.filter { $0.role == .scale }
      let offsets = network.parameters.filter { $0.role == .offset }
      #expect(scales.map { $0.value.shape } == [[4], [6], [6], [9]], "one a channel")
      #expect(scales.allSatisfy { $0.value.doubles.allSatisfy { $0 == 1 } })
      #expect(offsets.allSatisfy { $0.value.doubles.allSatisfy { $0 == 0 } })
      #expect(offsets.map(\.group) == scales.map(\.group))
      #expect(scales.allSatisfy { $0.value.dtype == .float64 })
    }
  }

  @Test("Biases go wherever an inserted normalization follows, through pools too")
  func biasBeforeAPool() throws {
    let generator = Generator(seed: 3)
    let network = try normalized(
      Sequential([
        Convolution2D(inputChannels: 2, outputChannels: 4, kernel: 3, generator: generator),
        MaximumPool2D(kernel: 2), ReLU(), Flatten(),
        Linear(inputFeatures: 36, outputFeatures: 3, isOutput: true, generator: generator),
      ]), inputShape: [2, 8, 8], normalization: .layer)
    #expect(network.namedParameters.map(\.name) == ["0.weight", "4.weight", "4.bias"])
    #expect(kinds(network)[2] == "normalization0:LayerNorm")
  }

  @Test("A place that is normalized already is left with its bias, inside nested sequences too")
  func alreadyNormalized() throws {
    let generator = Generator(seed: 3)
    let inner = Sequential([
      .init("dense", Linear(inputFeatures: 6, outputFeatures: 5, generator: generator)),
      .init("normalization0", LayerNorm(shape: [5], isLearned: false)), .init("relu", ReLU()),
      .init("next", Linear(inputFeatures: 5, outputFeatures: 4, generator: generator)),
      .init("relu2", Tanh()),
    ])
    let head = Linear(inputFeatures: 4, outputFeatures: 3, isOutput: true, generator: generator)
    let plain = Sequential([.init("body", inner), .init("head", head)])
    let network = try normalized(plain, inputShape: [6], normalization: .rms)
    let names = (network.elements[0].layer as? Sequential)?.elements.map(\.name)
    #expect(names == ["dense", "normalization0", "relu", "next", "normalization1", "relu2"])
    #expect(
      network.namedParameters.map(\.name) == [
        "body.dense.weight", "body.dense.bias", "body.next.weight", "head.weight", "head.bias",
      ])
    let twice = try normalized(network, inputShape: [6], normalization: .rms)
    #expect(twice.namedParameters.map(\.name) == network.namedParameters.map(\.name))
  }

  @Test("A network that cannot be rewritten is refused with the layer's name")
  func refused() {
    let generator = Generator(seed: 3)
    let dense = Linear(inputFeatures: 6, outputFeatures: 6, generator: generator)
    let head = Linear(inputFeatures: 6, outputFeatures: 6, isOutput: true, generator: generator)
    let one = Linear(inputFeatures: 6, outputFeatures: 1, generator: generator)
    let narrow = Linear(inputFeatures: 1, outputFeatures: 3, isOutput: true, generator: generator)
    let cases: [(layers: [any Layer], normalization: Normalization, error: InsertionError)] = [
      ([dense, Doubling(), head], .layer, .unknownLayer(layer: "1", type: "Doubling")),
      ([dense, ReLU(), dense], .layer, .notNormalizedAtTheEnd(layer: "2")),
      ([head, ReLU(), dense], .layer, .afterTheOutput(layer: "2")),
      ([one, ReLU(), narrow], .layer, .nothingToNormalize(layer: "1")),
      (
        [dense, ReLU(), head], Normalization(.group(count: 4)),
        .groupsDoNotDivide(groups: 4, shape: [6], layer: "1")
      ),
    ]
    for (layers, normalization, expected) in cases {
      #expect(throws: expected) {
        try normalized(Sequential(layers), inputShape: [6], normalization: normalization)
      }
      #expect(!expected.description.isEmpty)
    }
    let error = #expect(throws: InsertionError.self) {
      try normalized(Sequential([dense, ReLU(), head]), inputShape: [5], normalization: .layer)
    }
    #expect(error?.description.contains("[5]") == true)
  }
}

/// A layer that nobody has said anything about.
private struct Doubling: Layer {
  var parts: [Part] { [] }
  func callAsFunction(_ input: Tensor) -> Tensor { input * 2 }
}
