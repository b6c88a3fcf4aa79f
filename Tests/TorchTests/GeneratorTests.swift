import TensorTestSupport
import Testing
import Torch

@Suite struct GeneratorTests {
  @Test func `draws are those of PyTorch's generator with the same seed`() throws {
    let goldens = try Goldens("random", in: .module)
    let positive = try Goldens("operators", in: .module)["in/positive"]
    func fresh() -> Generator { Generator(seed: 7) }
    func blank(_ shape: [Int], _ dtype: DType = .float32) -> Tensor { .zeros(shape, dtype: dtype) }
    let draws: [(String, Tensor)] = [
      (
        "normal_",
        blank([3, 4], .float64)
          .fillNormalInPlace(mean: 1, standardDeviation: 2, generator: fresh())
      ),
      ("uniform_", blank([3, 4]).fillUniformInPlace(from: -1, to: 3, generator: fresh())),
      (
        "random_.from",
        blank([20], .int64).fillIntegersInPlace(from: -5, to: 90, generator: fresh())
      ),
      ("bernoulli_.float", blank([40]).fillBernoulliInPlace(probability: 0.3, generator: fresh())),
      ("randn.generator", .normal([40], generator: fresh())),
      ("rand.generator", .uniform([3, 5], generator: fresh())),
      ("randint.low_generator", .integers(from: -3, to: 8, [20], generator: fresh())),
      ("randperm.generator", .permutation(17, generator: fresh())),
      ("multinomial", positive.multinomial(samples: 9, replacing: true, generator: fresh())),
      ("large seed", .normal([5], generator: Generator(seed: 0xfedc_ba98_7654_3210))),
    ]
    #expect(Set(draws.map(\.0)).union(["state"]) == Set(goldens.names))
    for (name, drawn) in draws {
      #expect(drawn.dtype == (try goldens[name]).dtype, "\(name)")
      expectClose(drawn, try goldens[name], relative: 1e-6, absolute: 1e-6, name)
    }
  }

  @Test func `the state after drawing is PyTorch's, byte for byte`() throws {
    let generator = Generator(seed: 7)
    _ = Tensor.normal([5], generator: generator)
    #expect(generator.state.isIdentical(to: try Goldens("random", in: .module)["state"]))
  }

  @Test func `a restored generator goes on exactly where the saved one stood`() throws {
    let first = Generator(seed: 3)
    // An odd number of normal draws leaves half a pair in the state.
    _ = Tensor.normal([7], generator: first, dtype: .float64)
    _ = Tensor.normal([1], generator: first)
    let state = first.state
    let later = (0..<3).map { _ in Tensor.normal([33], generator: first) }
    let second = Generator(seed: 99)
    try second.restore(state)
    for expected in later {
      #expect(Tensor.normal([33], generator: second).isIdentical(to: expected))
    }
    #expect(second.state.isIdentical(to: first.state))
  }

  @Test func `a state is a copy, which later draws leave alone`() {
    let generator = Generator(seed: 3)
    let state = generator.state
    let before = state.cloned()
    _ = Tensor.normal([700], generator: generator)
    #expect(state.isIdentical(to: before))
    #expect(!generator.state.isIdentical(to: before))
  }

  @Test func `bytes that are no state are refused and change nothing`() {
    let generator = Generator(seed: 3)
    let before = generator.state
    #expect(throws: TorchError.self) { try generator.restore(Tensor([1, 2, 3] as [UInt8])) }
    #expect(throws: TorchError.self) { try generator.restore(Tensor.zeros([before.elementCount])) }
    #expect(throws: TorchError.self) {
      try generator.restore(.zeros([before.elementCount], dtype: .uint8))
    }
    #expect(generator.state.isIdentical(to: before))
  }

  @Test func `a split depends on seed and name alone, not on what was drawn or split before`() {
    let plain = Generator(seed: 11).split("labels")
    let busy = Generator(seed: 11)
    _ = Tensor.normal([100], generator: busy)
    _ = busy.split("replay")
    let late = busy.split("labels")
    #expect(plain.seed == late.seed && late.path == "labels")
    #expect(
      Tensor.normal([9], generator: plain).isIdentical(to: .normal([9], generator: late)))
  }

  @Test func `splitting draws nothing`() {
    let generator = Generator(seed: 5)
    let before = generator.state
    _ = generator.split("a").split("b")
    #expect(generator.state.isIdentical(to: before))
  }

  @Test func `the mixing is the documented one`() {
    // FNV-1a of the name (its published test values), then SplitMix64's output for seed + hash
    // (its published first outputs for seed 0, whose first increment is the golden ratio).
    #expect(Generator.mixed(0 &- fnv1a(""), "") == 0xe220_a839_7b1d_cdaf)
    #expect(Generator.mixed(0 &- fnv1a("a"), "a") == 0xe220_a839_7b1d_cdaf)
    #expect(
      Generator.mixed(0x9e37_79b9_7f4a_7c15 &- fnv1a("foobar"), "foobar") == 0x6e78_9e6a_a1b9_65f4)
    #expect(fnv1a("") == 0xcbf2_9ce4_8422_2325)
    #expect(fnv1a("a") == 0xaf63_dc4c_8601_ec8c)
    #expect(fnv1a("foobar") == 0x8594_4171_f739_67e8)
    #expect(Generator(seed: 7).split("weights").seed == Generator.mixed(7, "weights"))
  }

  @Test func `paths join names, and different ways give different streams`() {
    let root = Generator(seed: 1)
    #expect(root.path == "")
    #expect(root.split("a").split("b").path == "a/b")
    var seeds: Set<UInt64> = []
    for parent in 0..<40 {
      for child in 0..<40 {
        seeds.insert(Generator.mixed(Generator.mixed(1, "task \(parent)"), "step \(child)"))
      }
    }
    #expect(seeds.count == 1600)
  }

  @Test func `streams of neighbouring seeds and names are uncorrelated`() {
    let root = Generator(seed: 0)
    let streams = [
      root, Generator(seed: 1), root.split("a"), root.split("b"), root.split("a").split("b"),
      root.split("b").split("a"),
    ].map { Tensor.normal([20_000], generator: $0, dtype: .float64) }
    for (index, one) in streams.enumerated() {
      for other in streams.dropFirst(index + 1) {
        // The correlation of independent draws has deviation 1/√20,000 = 0.007.
        #expect(abs((one * other).mean().item) < 0.036)
      }
    }
  }

  @Test func `a state of another kind of device is let go, damaged bytes are refused`() throws {
    let generator = Generator(seed: 3)
    let before = generator.state
    try generator.restoreOfThisDevice(Tensor([UInt8](repeating: 1, count: 16)))
    #expect(generator.state.isIdentical(to: before))
    #expect(throws: TorchError.self) {
      try generator.restoreOfThisDevice(Tensor([UInt8](repeating: 1, count: 17)))
    }
    let other = Generator(seed: 4)
    try generator.restoreOfThisDevice(other.state)
    #expect(generator.state.isIdentical(to: other.state))
  }

  private func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }
}
