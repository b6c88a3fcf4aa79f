import Networks
import NormalizeAndProject
import Testing
import Torch

/// Layers that the package does not have are inserted around, and audited, by what they state.
@Suite("A layer states its effect on scale")
struct ForeignLayerTests {
  private let generator = Generator(seed: 4)

  private func dense(isOutput: Bool = false, _ name: String) -> Linear {
    Linear(
      inputFeatures: 6, outputFeatures: 6, isOutput: isOutput, generator: generator.split(name))
  }

  private func kinds(_ layers: [any Layer]) throws -> [String] {
    try normalized(Sequential(layers), inputShape: [6], normalization: .layer).elements
      .map { "\(type(of: $0.layer))" }
  }

  private func foreign(_ effect: ScaleEffect?, weighs: Bool = false) -> Foreign {
    Foreign(
      scaleEffect: effect,
      weight: weighs
        ? Parameter(
          .normal([6, 6], generator: generator.split("foreign")), role: .weight(fanIn: 6)) : nil)
  }

  @Test("A normalization goes in front of what breaks a scale")
  func breaks() throws {
    #expect(
      try kinds([dense("a"), foreign(.breaks), dense(isOutput: true, "b")])
        == ["Linear", "LayerNorm", "Foreign", "Linear"])
    #expect(
      try kinds([dense("a"), foreign(.normalizes), foreign(.breaks), dense(isOutput: true, "b")])
        == ["Linear", "Foreign", "Foreign", "Linear"])
  }

  @Test("What preserves a scale keeps a normalization in force, unless it has weights")
  func preserves() throws {
    let norm = LayerNorm(shape: [6])
    let head = dense(isOutput: true, "b")
    #expect(
      try kinds([dense("a"), norm, foreign(.preserves), ReLU(), head])
        == ["Linear", "LayerNorm", "Foreign", "ReLU", "Linear"])
    #expect(
      try kinds([dense("a"), norm, foreign(.preserves, weighs: true), ReLU(), head])
        == ["Linear", "LayerNorm", "Foreign", "LayerNorm", "ReLU", "Linear"])
    #expect(
      try kinds([dense("a"), ReLU(), foreign(.startsAnew), ReLU(), head])
        == ["Linear", "LayerNorm", "ReLU", "Foreign", "LayerNorm", "ReLU", "Linear"])
  }

  @Test("An output stands last, and weights in the end are an output or normalized")
  func output() throws {
    let output = foreign(.isOutput, weighs: true)
    #expect(try kinds([dense("a"), ReLU(), output]) == ["Linear", "LayerNorm", "ReLU", "Foreign"])
    #expect(throws: InsertionError.afterTheOutput(layer: "1")) {
      try kinds([output, dense("a"), ReLU()])
    }
    #expect(throws: InsertionError.notNormalizedAtTheEnd(layer: "1")) {
      try kinds([ReLU(), foreign(.preserves, weighs: true)])
    }
  }

  @Test("The audit finds the weights of a layer that preserves a scale exactly invariant")
  func audited() throws {
    let network = try normalized(
      Sequential([foreign(.preserves, weighs: true), foreign(.breaks), dense(isOutput: true, "b")]),
      inputShape: [6], normalization: .layer)
    let report = try audit(network, input: .normal([4, 6], generator: generator.split("inputs")))
    #expect(report.row("0.weight")?.verdict == .exact)
    #expect(report.isNormalizeAndProject)
  }
}

/// A layer of a program of its own.
private struct Foreign: Layer {
  let scaleEffect: ScaleEffect?
  let weight: Parameter?
  var parts: [Part] { weight.map { [.parameter("weight", $0)] } ?? [] }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let product = weight.map { input.matrixProduct($0.value) } ?? input
    return switch scaleEffect {
    case .breaks: product.tanh()
    case .normalizes: product / product.vectorNorm(axes: [-1], keepAxes: true)
    default: product
    }
  }
}
