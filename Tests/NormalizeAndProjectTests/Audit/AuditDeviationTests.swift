import Networks
import NormalizeAndProject
import Testing
import Torch

/// Each deviation that METHOD section 6 reports of other implementations, as a network that has it.
@Suite("The audit catches what others got wrong")
struct AuditDeviationTests {
  let input = TestNetwork.input([5, 6])
  let generator = Generator(seed: 5)

  func dense(_ inputs: Int, _ outputs: Int, hasBias: Bool = false, isOutput: Bool = false) -> Linear
  {
    Linear(
      inputFeatures: inputs, outputFeatures: outputs, hasBias: hasBias, isOutput: isOutput,
      generator: generator, dtype: .float64)
  }

  @Test("A projected output layer, by its role")
  func projectedOutput() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let names = Set(network.namedParameters.map(\.name).filter { $0.hasSuffix("weight") })
    let report = try audit(network, input: input, projecting: .names(names))
    #expect(!report.isNormalizeAndProject)
    #expect(report.refusals == ["output.weight is an output layer and is projected"])
    #expect(try #require(report.row("output.weight")).advice?.contains("role output") == true)
  }

  @Test("A projected output layer that has the role of a hidden weight, by what it computes")
  func outputInDisguise() throws {
    let network = Sequential([
      dense(6, 8), LayerNorm(shape: [8], isLearned: false), ReLU(), dense(8, 3, hasBias: true),
    ])
    let report = try audit(network, input: input)
    #expect(try #require(report.row("3.weight")).verdict == .missing(.outputLayer))
    #expect(report.refusals == ["3.weight is an output layer and is projected"])
  }

  @Test("A missing norm, everywhere or in one place", arguments: [true, false])
  func missingNorm(everywhere: Bool) throws {
    let plain = TestNetwork.mlp()
    var network = try NaP.both.normalized(plain, inputShape: [6])
    network.elements.removeAll { everywhere ? $0.layer is LayerNorm : $0.name == "normalization1" }
    let report = try audit(network, input: input)
    #expect(!report.isNormalizeAndProject)
    #expect(
      report.refusals
        == (everywhere ? ["hidden0", "hidden1"] : ["hidden1"]).map {
          "no normalization follows \($0).weight"
        })
    #expect(try #require(report.row("hidden1.weight")).verdict == .missing(.normalization))
    #expect(report.summary.hasPrefix("Not Normalize-and-Project: no normalization follows"))
    // Projection alone, with its biases, is refused too.
    #expect(!(try audit(plain, input: input).isNormalizeAndProject))
  }

  @Test("Biases that are kept before a normalization")
  func keptBiases() throws {
    let network = Sequential([
      dense(6, 8, hasBias: true), LayerNorm(shape: [8], isLearned: false), ReLU(),
      dense(8, 3, hasBias: true, isOutput: true),
    ])
    let report = try audit(network, input: input)
    let row = try #require(report.row("0.weight"))
    #expect(row.verdict == .joint(with: ["0.bias"]))
    #expect(row.advice?.contains("a bias is kept") == true)
    #expect(report.isNormalizeAndProject, "a note, not a refusal")
  }

  @Test("A normalization's gain that is projected as a weight")
  func gainTakenForWeight() throws {
    let nap = NaP(scaleAndOffset: .free)
    let network = try nap.normalized(TestNetwork.mlp(), inputShape: [6])
    let gains: Set = ["normalization0.scale", "normalization1.scale"]
    let report = try audit(
      network, input: input, projecting: .names(gains.union(["hidden0.weight", "hidden1.weight"])))
    for gain in gains {
      let row = try #require(report.row(gain))
      #expect(row.verdict != .exact, "\(gain)")
      #expect(row.advice?.contains("taken for a weight") == true, "\(gain)")
    }
    #expect(try #require(report.row("hidden0.weight")).advice == nil)
  }

  @Test("A gain that was declared as a weight is known by its one axis")
  func gainDeclaredAsWeight() throws {
    let gain = Parameter(Tensor.ones([8], dtype: .float64), role: .weight(fanIn: 1))
    let network = Sequential([
      dense(6, 8), LayerNorm(shape: [8], isLearned: false), Gain(scale: gain), ReLU(),
      dense(8, 7), LayerNorm(shape: [7], isLearned: false), ReLU(), dense(7, 3, isOutput: true),
    ])
    let row = try #require(try audit(network, input: input).row("2.scale"))
    #expect(row.advice?.contains("taken for a weight") == true)
  }

  @Test("Weights that are normalized but left out of the projection")
  func leftOut() throws {
    let network = try NaP.both.normalized(TestNetwork.vgg(), inputShape: [2, 8, 8])
    let report = try audit(
      network, input: TestNetwork.input([3, 2, 8, 8]), projecting: .names(["hidden0.weight"]))
    let row = try #require(report.row("convolution1.weight"))
    #expect(row.verdict == .exact && row.advice?.contains("not projected") == true)
    #expect(report.isNormalizeAndProject)
    #expect(report.summary.contains("3 groups have a note"))
  }
}

/// A gain without a normalization's role.
private struct Gain: Layer {
  let scale: Parameter
  var parts: [Part] { [.parameter("scale", scale)] }
  func callAsFunction(_ input: Tensor) -> Tensor { input * scale.value }
}
