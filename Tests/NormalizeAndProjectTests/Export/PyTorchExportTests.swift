import Foundation
import Networks
import NormalizeAndProject
import TensorTestSupport
import TestSupport
import Testing
import Torch

@Suite("A network becomes PyTorch's modules and tensors")
struct PyTorchExportTests {
  let goldens: Goldens

  init() throws { goldens = try Goldens("export", in: .module) }

  /// A case's network with the weights that PyTorch drew.
  func network(_ name: String) throws -> (network: Sequential, inputShape: [Int]) {
    let source = ParameterSource(generator: Generator(seed: 1))
    let images = Sequential.vgg(
      inputShape: [2, 8, 8], channels: [4], convolutions: [1], hidden: [9], classes: 3,
      source: source)
    let (network, shape): (Sequential, [Int]) =
      switch name {
      case "dense":
        (
          try normalized(
            TestNetwork.mlp(dtype: .float32), inputShape: [6], normalization: .layer,
            scaleAndOffset: .free), [6]
        )
      case "images":
        (
          try normalized(
            images, inputShape: [2, 8, 8], normalization: .layer, scaleAndOffset: .free), [2, 8, 8]
        )
      case "unlearned":
        (
          try normalized(
            images, inputShape: [2, 8, 8], normalization: Normalization(.rms, epsilon: 1e-6)),
          [2, 8, 8]
        )
      default: (Self.preceding, [6])
      }
    for named in network.namedParameters {
      var path = named.name.split(separator: ".").map(String.init)
      if named.parameter.role == .scale { path[path.count - 1] = "weight" }
      if named.parameter.role == .offset { path[path.count - 1] = "bias" }
      named.parameter.assign(try goldens["\(name)/state.\(path.joined(separator: "."))"])
    }
    return (network, shape)
  }

  /// Normalizations that linear layers directly follow, and one that a nonlinearity follows.
  static var preceding: Sequential {
    let generator = Generator(seed: 1)
    return Sequential([
      .init("first", LayerNorm(shape: [6])),
      .init(
        "hidden", Linear(inputFeatures: 6, outputFeatures: 8, hasBias: false, generator: generator)),
      .init("second", RMSNorm(shape: [8])), .init("relu", ReLU()),
      .init("third", LayerNorm(shape: [8])),
      .init(
        "output", Linear(inputFeatures: 8, outputFeatures: 3, isOutput: true, generator: generator)),
    ])
  }

  func expectTensors(of export: PyTorchExport, match name: String) throws {
    let expected = goldens.names.filter { $0.hasPrefix("\(name)/state.") }
    #expect(Set(export.tensors.map { "\(name)/state.\($0.name)" }) == Set(expected))
    for (key, tensor) in export.tensors {
      expectClose(
        tensor, try goldens["\(name)/state.\(key)"], relative: 1e-6, absolute: 1e-6, key)
    }
    #expect(export.source == goldens.metadata[name])
  }

  @Test(
    "Expression, names and values are PyTorch's, and so is the function",
    arguments: ["dense", "images", "unlearned", "preceding"])
  func matches(name: String) throws {
    let (network, shape) = try network(name)
    expectClose(
      network(try goldens["\(name)/input"]).detached(), try goldens["\(name)/output"],
      relative: 0, absolute: 1e-5)
    let export = try PyTorchExport(network, inputShape: shape, isFolding: false)
    try expectTensors(of: export, match: name)
    #expect(export.folded.isEmpty)
  }

  @Test("A gain is folded into the linear layer that directly follows, not across a nonlinearity")
  func folding() throws {
    let (network, shape) = try network("preceding")
    let export = try PyTorchExport(network, inputShape: shape)
    #expect(export.folded == ["first", "third"])
    try expectTensors(of: export, match: "folded")
    let (dense, denseShape) = try self.network("dense")
    #expect(try PyTorchExport(dense, inputShape: denseShape).folded.isEmpty)
  }

  @Test("The folded tensors compute the function, to 1e-5")
  func foldedFunction() throws {
    let (network, shape) = try network("preceding")
    let export = try PyTorchExport(network, inputShape: shape)
    let tensors = Dictionary(uniqueKeysWithValues: export.tensors.map { ($0.name, $0.tensor) })
    func linear(_ name: String, _ input: Tensor) throws -> Tensor {
      input.linear(
        weight: try #require(tensors["\(name).weight"]), bias: tensors["\(name).bias"])
    }
    let input = try goldens["folded/input"]
    let hidden = try linear("hidden", input.layerNorm(shape: [6]))
    let gain = try #require(tensors["second.weight"])
    let active = hidden.rmsNorm(shape: [8], scale: gain, epsilon: 1e-5).relu()
    let output = try linear("output", active.layerNorm(shape: [8]))
    expectClose(output, network(input).detached(), relative: 0, absolute: 1e-5)
    expectClose(output, try goldens["folded/output"], relative: 0, absolute: 1e-5)
  }

  @Test("The file carries the tensors and the expression")
  func written() throws {
    try withTemporaryFolder { folder in
      let (network, shape) = try network("images")
      let export = try PyTorchExport(network, inputShape: shape)
      let url = folder.appending(path: "network.safetensors")
      try export.write(to: url)
      let file = try SafetensorsFile(reading: url)
      #expect(file.metadata["pytorch"] == export.source)
      #expect(Set(file.names) == Set(export.tensors.map(\.name)))
    }
  }

  @Test("What has no counterpart, no usable name, or does not run is refused with the layer's name")
  func refused() throws {
    let cases: [(network: Sequential, inputShape: [Int], text: String)] = [
      (Sequential([.init("foreign", Doubling())]), [6], "foreign"),
      (Sequential([.init("a.b", ReLU())]), [6], "a.b"), (TestNetwork.mlp(), [7], "[7]"),
    ]
    for (network, inputShape, text) in cases {
      let error = #expect(throws: ExportError.self) {
        try PyTorchExport(network, inputShape: inputShape)
      }
      #expect(error?.description.contains(text) == true, "\(text)")
    }
  }

  /// A layer of another package.
  private struct Doubling: Layer {
    var parts: [Part] { [] }
    func callAsFunction(_ input: Tensor) -> Tensor { input * 2 }
  }
}
