import Networks
import TensorTestSupport
import Testing
import Torch

@Suite("Activation checkpointing of models")
struct ActivationCheckpointingTests {
  private func found(
    _ reference: ReferenceCase, isCheckpointed: Bool, dtype: DType?
  ) throws -> (gradients: [Tensor], buffers: [Tensor], output: Tensor) {
    let network = try reference.build()
    let input = try reference.goldens()["\(reference.name)/x"]
    func forward() -> Tensor {
      let output =
        isCheckpointed ? ActivationCheckpointing.during { network(input) } : network(input)
      return output.converted(to: .float32)
    }
    let output = NormalizationStatistics.training.during {
      dtype.map { withAutocast($0, forward) } ?? forward()
    }
    let seed = Tensor.normal(output.shape, generator: Generator(seed: 2))
    let all = gradients(
      of: [output], seeds: [seed], withRespectTo: network.parameters.map(\.value))
    return (all.compactMap(\.self), network.buffers.map { $0.value.cloned() }, output.detached())
  }

  @Test(
    "Outputs and running statistics are those without it, to the bit, gradients to rounding, and runs repeat",
    arguments: ReferenceCase.all)
  func same(reference: ReferenceCase) throws {
    try expectSame(reference, dtype: nil)
  }

  @Test(
    "The same in bfloat16",
    arguments: ReferenceCase.all.filter { $0.file == "gpt" && $0.name != "gpt2" })
  func narrow(reference: ReferenceCase) throws {
    try expectSame(reference, dtype: .bfloat16)
  }

  private func expectSame(_ reference: ReferenceCase, dtype: DType?) throws {
    let plain = try found(reference, isCheckpointed: false, dtype: dtype)
    let other = try found(reference, isCheckpointed: true, dtype: dtype)
    let again = try found(reference, isCheckpointed: true, dtype: dtype)
    #expect(other.output.isIdentical(to: plain.output))
    #expect(plain.gradients.count == other.gradients.count)
    let tolerance =
      dtype == nil ? (reference.file == "gpt" && reference.name != "gpt2" ? 1e-5 : 1e-12) : 0.02
    for (left, right) in zip(plain.gradients, other.gradients) {
      #expect((left - right).norm.item <= tolerance * left.norm.item)
    }
    #expect(zip(other.gradients, again.gradients).allSatisfy { $0.isIdentical(to: $1) })
    for (left, right) in zip(plain.buffers, other.buffers) { #expect(left.isIdentical(to: right)) }
  }

  #if os(Linux)
    /// In a process of its own, where nothing else allocates.
    @Test func `less is kept for the backward pass, and steps leave nothing behind`() async {
      await #expect(processExitsWith: .success) {
        let model = GPT(
          vocabulary: 50, context: 128,
          blocks: TransformerBlocks(layers: 4, heads: 2, features: 64, feedForward: 512))
        let network = try model.build(generator: Generator(seed: 1))
        func kept(_ forward: (Tensor) -> Tensor) -> Int {
          let tokens = Tensor.zeros([8, 128], dtype: .int64)
          let before = Machine.allocatedBytes ?? 0
          let output = forward(tokens)
          return withExtendedLifetime(output) { (Machine.allocatedBytes ?? 0) - before }
        }
        let plain = kept { network($0) }
        let checkpointed = kept { tokens in ActivationCheckpointing.during { network(tokens) } }
        #expect(plain > 0)
        #expect(Double(checkpointed) < 0.4 * Double(plain), "\(checkpointed) of \(plain) bytes")
        let small = try GPT(
          vocabulary: 5, context: 8, blocks: TransformerBlocks(layers: 1, heads: 1, features: 8)
        ).build(generator: Generator(seed: 1))
        let weights = small.parameters.map(\.value)
        let growth = MemoryGrowth(windowSteps: 30)
        let bytes = growth.bytesPerStep {
          let tokens = Tensor.zeros([1, 8], dtype: .int64)
          let output = withAutocast(.bfloat16) { ActivationCheckpointing.during { small(tokens) } }
          _ = gradients(of: output.converted(to: .float32).sum(), withRespectTo: weights)
        }
        #expect(bytes <= growth.allowedBytesPerStep, "\(bytes) a step")
      }
    }
  #endif

  @Test(
    "In bfloat16 a GPT's weights and gradients stay float32, and its loss is near the exact one",
    arguments: ["llama", "qwen3"])
  func autocast(name: String) throws {
    let reference = try #require(ReferenceCase.all.first { $0.name == name })
    let goldens = try reference.goldens()
    let network = try reference.build()
    try reference.model.referenceLayout().load(reference.weights(goldens), into: network)
    let tokens = try goldens["\(name)/x"]
    let loss = Loss.crossEntropy
    let exact = loss(network(tokens), tokens).item
    let narrow = withAutocast(.bfloat16) { loss(network(tokens), tokens) }
    expectClose(narrow.item, exact, relative: 0.03)
    #expect(narrow.item != exact)
    let found = gradients(of: narrow, withRespectTo: network.parameters.map(\.value))
    #expect(found.allSatisfy { $0.dtype == .float32 })
  }

  @Test("A vision model's patches are computed in bfloat16, too")
  func patches() throws {
    var model = ViT.cifar
    model.blocks.layers = 1
    let network = try model.build(
      inputShape: [3, 32, 32], outputs: 5, generator: Generator(seed: 1))
    let images = Tensor.normal([2, 3, 32, 32], generator: Generator(seed: 2))
    let logits = withAutocast(.bfloat16) { network(images) }
    #expect(logits.dtype == .bfloat16)
    let found = gradients(
      of: logits.converted(to: .float32).sum(), withRespectTo: network.parameters.map(\.value))
    #expect(found.allSatisfy { $0.dtype == .float32 && $0.norm.item.isFinite })
  }
}
