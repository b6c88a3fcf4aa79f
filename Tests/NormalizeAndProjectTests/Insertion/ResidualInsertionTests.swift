import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite struct ResidualInsertionTests {
  static func network(dtype: DType = .float64) -> Sequential {
    .resNet18(
      inputShape: [3, 8, 8], channels: [4, 6], blocks: [1, 1], classes: 3,
      source: ParameterSource(generator: Generator(seed: 2), dtype: dtype))
  }

  static var input: Tensor { TestNetwork.input([6, 3, 8, 8]) }

  @Test
  func `LayerNorm takes the places of BatchNorm and stands before the nonlinearity after a sum`()
    throws
  {
    let network = try normalized(Self.network(), inputShape: [3, 8, 8], normalization: .layer)
    let kinds = network.leaves.map { "\($0.name):\(type(of: $0.layer))" }
    #expect(!kinds.contains { $0.hasSuffix("BatchNorm2D") })
    #expect(
      kinds.filter { $0.hasSuffix("LayerNorm") } == [
        "normalization0:LayerNorm", "stage0-block0.body.normalization0:LayerNorm",
        "stage0-block0.body.normalization1:LayerNorm", "normalization2:LayerNorm",
        "stage1-block0.body.normalization0:LayerNorm",
        "stage1-block0.body.normalization1:LayerNorm",
        "stage1-block0.shortcut.normalization0:LayerNorm", "normalization3:LayerNorm",
      ])
    let names = network.elements.map(\.name)
    let sum = try #require(names.firstIndex(of: "stage0-block0"))
    #expect(names[sum + 1] == "normalization2")
    #expect(network.buffers.isEmpty)
    // The plain arm keeps its batch normalizations.
    let plain = try NaP.plain.normalized(Self.network(), inputShape: [3, 8, 8])
    #expect(plain.buffers.count == 12)
  }

  @Test func `every kernel is exactly scale-invariant, with BatchNorm as with LayerNorm`() throws {
    for nap in [NaP.projectOnly, .both] {
      let network = try nap.normalized(Self.network(), inputShape: [3, 8, 8])
      let before = network.buffers.map { $0.value.doubles }
      let report = try audit(network, input: Self.input, projecting: .roles(nap.projection))
      let weights = report.rows.filter { $0.isProjected }
      #expect(weights.count == 6)
      for row in weights { #expect(row.verdict == .exact, "\(row.names)") }
      #expect(network.buffers.map { $0.value.doubles } == before)
    }
  }

  @Test func `a site is where a normalization goes, and then not before the branch's nonlinearity`()
    throws
  {
    let generator = Generator(seed: 3)
    func dense(_ name: String, _ inputs: Int, _ outputs: Int, isOutput: Bool = false) -> Linear {
      Linear(
        inputFeatures: inputs, outputFeatures: outputs, hasBias: isOutput, isOutput: isOutput,
        generator: generator.split(name), dtype: .float64)
    }
    let body = Sequential([
      .init("before", NormalizationSite()), .init("up", dense("up", 6, 9)),
      .init("relu", ReLU()), .init("down", dense("down", 9, 6)),
      .init("after", NormalizationSite()),
    ])
    let plain = Sequential([
      .init("block", Residual(body)), .init("output", dense("output", 6, 3, isOutput: true)),
    ])
    let input = TestNetwork.input([4, 6])
    let network = try normalized(plain, inputShape: [6], normalization: .exactRMS)
    #expect(
      network.leaves.map { "\($0.element):\(type(of: $0.layer))" } == [
        "before:RMSNorm", "up:Linear", "relu:ReLU", "down:Linear", "after:RMSNorm",
        "output:Linear",
      ])
    let report = try audit(network, input: input)
    for row in report.rows where row.isHiddenWeight { #expect(row.verdict == .exact) }
    #expect(try NaP.plain.normalized(plain, inputShape: [6])(input).isIdentical(to: plain(input)))
  }
}
