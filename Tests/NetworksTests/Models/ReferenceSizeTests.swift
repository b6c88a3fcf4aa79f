import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Sizes, operations and refusals of the reference models")
struct ReferenceSizeTests {
  @Test("Parameters of the built network are those foretold", arguments: ReferenceCase.all)
  func small(reference: ReferenceCase) throws {
    let network = try reference.build()
    let count = reference.model.parameterCount(
      inputShape: reference.inputShape, outputs: reference.outputs)
    #expect(network.parameterCount == count)
    expectModuleLaws(reference.name) { generator in
      (try? reference.model.build(
        inputShape: reference.inputShape, outputs: reference.outputs, generator: generator,
        device: .cpu)) ?? Sequential([Sequential.Element]())
    }
  }

  @Test("The published models have their published numbers of parameters")
  func published() throws {
    let images = [3, 224, 224]
    #expect(ResNet.resNet50.parameterCount(inputShape: images, outputs: 1000) == 25_557_032)
    #expect(ResNet.cifar18.parameterCount(inputShape: [3, 32, 32], outputs: 10) == 11_173_962)
    #expect(ViT.small16.parameterCount(inputShape: images, outputs: 1000) == 22_050_664)
    #expect(ViT.base16.parameterCount(inputShape: images, outputs: 1000) == 86_567_656)
    let expected: [GPT.Size: Int] = [
      .tenMillion: 30_339_456, .thirtyMillion: 57_780_736, .gpt2Small: 124_439_808,
      .fourHundredMillion: 406_286_336,
    ]
    for size in GPT.Size.allCases {
      let model = GPT.gpt2(size)
      #expect(
        model.parameterCount(inputShape: [1024], outputs: 50_257) == expected[size], "\(size)")
    }
  }

  @Test("ResNet-18's blocks are those of the network of the recipes, name for name")
  func sameResNet18() throws {
    let own = try ResNet.cifar18.build(
      inputShape: [3, 32, 32], outputs: 10, generator: Generator(seed: 1))
    let other = try NetworkConfiguration(.resnet18).build(
      inputShape: [3, 32, 32], classes: 10, generator: Generator(seed: 1))
    #expect(
      own.namedTensors.map { "\($0.name) \($0.tensor.shape)" }
        == other.namedTensors.map { "\($0.name) \($0.tensor.shape)" })
  }

  /// Two operations a weight and position where a layer multiplies by a matrix, found by running it.
  private func counted(_ network: Sequential, _ input: Tensor) -> Double {
    var sum = 0.0
    _ = network.traced(input) { leaf, given, output in
      switch leaf.layer {
      case let layer as Convolution2D:
        let positions = Double(output.elementCount / output.shape[1])
        sum += 2 * positions * Double(layer.weight.value.elementCount)
      case let layer as Linear:
        let positions = Double(output.elementCount / output.shape[output.dimensionCount - 1])
        sum += 2 * positions * Double(layer.weight.value.elementCount)
      case let layer as TiedOutput:
        sum += 2 * Double(given.shape[0] * given.shape[1] * layer.weight.value.elementCount)
      case let layer as SelfAttention:
        let length = Double(given.shape[1])
        for matrix in [layer.query, layer.key, layer.value, layer.output] {
          sum += 2 * length * Double(matrix.value.elementCount)
        }
        sum += 4 * length * length * Double(layer.heads * layer.headDimension)
      default: break
      }
    }
    return sum
  }

  @Test("Operations are those of the layers that run", arguments: ReferenceCase.all)
  func operations(reference: ReferenceCase) throws {
    let network = try reference.build()
    let shape = [1] + reference.inputShape
    let input =
      reference.file == "gpt"
      ? Tensor.zeros(shape, dtype: .int64) : Tensor.zeros(shape, dtype: .float64)
    let foretold = reference.model.forwardOperations(
      inputShape: reference.inputShape, outputs: reference.outputs)
    #expect(counted(network, input) == foretold)
  }

  @Test("ResNet-50 takes the 4.09 and ViT-S/16 the 4.6 billion products of the literature")
  func publishedOperations() {
    let images = [3, 224, 224]
    expectClose(
      ResNet.resNet50.forwardOperations(inputShape: images, outputs: 1000), 2 * 4.089e9,
      relative: 1e-3)
    expectClose(
      ViT.small16.forwardOperations(inputShape: images, outputs: 1000), 2 * 4.6e9, relative: 0.01)
  }

  @Test("A field that cannot be used is named")
  func refusals() {
    func gpt(_ change: (inout GPT) -> Void) -> GPT {
      var model = GPT.llama(.tenMillion, vocabulary: 20, context: 8, keyHeads: 2)
      change(&model)
      return model
    }
    let image = [3, 32, 32]
    let cases: [(any ReferenceModel, [Int], Int, String, String)] = [
      (
        gpt { $0.blocks.keyHeads = 4 }, [8], 20, "network.blocks.keyHeads",
        "a divisor of the 6 heads"
      ),
      (gpt { $0.blocks.headDimension = 3 }, [8], 20, "network.blocks.headDimension", "even"),
      (gpt { _ in }, [9], 20, "network.context", "at least 9"),
      (gpt { _ in }, [8], 21, "network.vocabulary", "21"),
      (gpt { _ in }, [8, 8], 20, "the input's shape", "a row of tokens"),
      (gpt { $0.blocks.layers = 0 }, [8], 20, "network.blocks.layers", "at least 1"),
      (gpt { $0.initialDeviation = 0 }, [8], 20, "network.initialDeviation", "above 0"),
      (gpt { $0.dtype = .int64 }, [8], 20, "network.dtype", "float32"),
      (
        ViT.cifar, [3, 30, 32], 10, "network.patchSide", "a divisor of the image's sides 30 and 32"
      ),
      (ViT.cifar, [32], 10, "the input's shape", "channels, height and width"),
      (ResNet(blocks: [2]), image, 10, "network.blocks", "4 counts from 1 to 1,000"),
      (ResNet(activation: .crelu), image, 10, "network.activation", "keeps the number"),
      (ResNet(stemStride: 0), image, 10, "network.stemStride", "at least 1"),
    ]
    for (model, shape, outputs, option, text) in cases {
      let error = #expect(throws: ConfigurationError.self) {
        try model.build(
          inputShape: shape, outputs: outputs, generator: Generator(seed: 1), device: .cpu)
      }
      #expect(error?.option == option)
      #expect(error?.expected.contains(text) == true, "\(String(describing: error))")
    }
  }

  @Test("A model that the reference does not have says which field is its own")
  func withoutReference() {
    var model = GPT.gpt2(.tenMillion)
    model.blocks.normalizesQueriesAndKeys = true
    #expect(throws: ConfigurationError.self) { try model.referenceLayout() }
    model = GPT.llama(.tenMillion)
    model.positions = .learned
    let error = #expect(throws: ConfigurationError.self) { try model.referenceLayout() }
    #expect(error?.option == "network.positions")
    var vit = ViT.cifar
    vit.blocks.hasBiases = false
    #expect(throws: ConfigurationError.self) { try vit.referenceLayout() }
  }

  @Test("Configurations survive encoding", arguments: ReferenceCase.all)
  func coding(reference: ReferenceCase) throws {
    func same<Model: ReferenceModel>(_ model: Model) throws -> Bool {
      try JSONDecoder().decode(Model.self, from: JSONEncoder().encode(model)) == model
    }
    #expect(try same(reference.model))
  }

  @Test("A causal model's logits do not see later tokens, and rotary positions tell the order")
  func causality() throws {
    for name in ["gpt2", "llama", "qwen3"] {
      let reference = try #require(ReferenceCase.all.first { $0.name == name })
      let network = try reference.build()
      let tokens = Tensor([1, 2, 3, 4, 5], shape: [1, 5])
      let changed = Tensor([1, 2, 3, 9, 9], shape: [1, 5])
      let swapped = Tensor([2, 1, 3, 4, 5], shape: [1, 5])
      let (one, other) = (network(tokens), network(changed))
      expectClose(
        one.narrowed(axis: 1, from: 0, length: 3), other.narrowed(axis: 1, from: 0, length: 3),
        relative: 1e-5, absolute: 1e-7, name)
      #expect((one - other).narrowed(axis: 1, from: 3, length: 2).norm.item > 1e-6)
      #expect((network(swapped) - one).selected(axis: 1, at: -1).norm.item > 1e-9)
    }
  }
}
