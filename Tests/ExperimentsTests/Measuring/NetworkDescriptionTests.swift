import Foundation
import Networks
import Plasticity
import TestSupport
import Testing
import Torch

@testable import Experiments

/// Networks of other programs, found in their files by shapes.
@Suite struct NetworkDescriptionTests {
  private func file(_ tensors: [(name: String, tensor: Tensor)], in folder: URL) throws
    -> TensorFile
  {
    let url = folder.appending(path: "model.safetensors")
    try SafetensorsFile.write(tensors, metadata: [:], to: url)
    return try TensorFile(reading: url)
  }

  private func drawn(_ shape: [Int], _ seed: Int) -> Tensor {
    .normal(shape, generator: Generator(seed: UInt64(seed)))
  }

  /// 12 layers, so that names in a text's order would put the tenth before the second.
  private func deep() -> [(name: String, tensor: Tensor)] {
    var tensors: [(name: String, tensor: Tensor)] = []
    for layer in 0..<12 {
      let outputs = layer == 11 ? 3 : 5
      tensors.append(("net.\(layer).weight", drawn([outputs, 5], layer)))
      tensors.append(("net.\(layer).bias", drawn([outputs], layer + 20)))
    }
    return tensors
  }

  @Test
  func
    `layers are taken in the order of their numbers, with their biases, and compute what they say`()
    throws
  {
    try withTemporaryFolder { folder in
      let tensors = deep()
      let description = try NetworkDescription(
        parsing: "mlp:5,5,5,5,5,5,5,5,5,5,5,5,3", activation: .tanh)
      let match = try description.match(file(tensors, in: folder))
      #expect(
        match.lines.count == 12
          && match.lines[9] == "net.9: linear 5 to 5, net.9.weight, net.9.bias")
      let input = drawn([4, 5], 99)
      var expected = input
      for layer in 0..<12 {
        expected = expected.linear(
          weight: tensors[2 * layer].tensor, bias: tensors[2 * layer + 1].tensor)
        if layer < 11 { expected = expected.tanh() }
      }
      #expect(match.network(input).detached().floats == expected.floats)
    }
  }

  @Test func `kernels of JAX are turned, normalizations are found, and a wrong one is named`()
    throws
  {
    try withTemporaryFolder { folder in
      let tensors: [(name: String, tensor: Tensor)] = [
        ("Dense_0.kernel", drawn([8, 6], 1)), ("Dense_1.kernel", drawn([6, 2], 2)),
        ("LayerNorm_0.scale", drawn([6], 3)), ("LayerNorm_0.bias", drawn([6], 4)),
      ]
      let file = try file(tensors, in: folder)
      let input = drawn([3, 8], 5)
      let match = try NetworkDescription(parsing: "mlp:8,6,2", normalization: .layer).match(file)
      let hidden = input.linear(weight: tensors[0].tensor.transposed().contiguous(), bias: nil)
        .layerNorm(shape: [6], scale: tensors[2].tensor, offset: tensors[3].tensor, epsilon: 1e-5)
        .relu()
      let expected = hidden.linear(weight: tensors[1].tensor.transposed().contiguous(), bias: nil)
      let difference = (match.network(input).detached() - expected).vectorNorm().item
      #expect(difference < 1e-5)
      for (normalization, words) in [
        (NetworkDescription.NormalizationWord.none, "LayerNorm_0 is a module of vectors alone"),
        (.rms, "LayerNorm_0 has 2 vectors"),
      ] {
        let error = #expect(throws: UsageError.self) {
          try NetworkDescription(parsing: "mlp:8,6,2", normalization: normalization).match(file)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      }
    }
  }

  @Test func `sizes that do not fit are told with the matrices that are there`() throws {
    try withTemporaryFolder { folder in
      let file = try file(deep(), in: folder)
      for (text, words) in [
        ("mlp:5,7,3", "no matrix is left for the layer of 5 to 7"),
        ("mlp:5,5,3", "net.1, net.2"), ("mlp:5", "such as mlp:8,64,64,4"),
        ("cnn:1,2", "such as mlp:8,64,64,4"),
        ("mlp:5,x,3", "such as mlp:8,64,64,4"),
      ] {
        let error = #expect(throws: UsageError.self) {
          try NetworkDescription(parsing: text).match(file)
        }
        #expect(error?.description.contains(words) == true, "\(text): \(error?.description ?? "")")
      }
      var tensors = deep()
      for (layer, outputs) in [5, 5, 3].enumerated() {
        tensors.append(("other.\(layer).weight", drawn([outputs, 5], 1)))
      }
      let prefixed = try NetworkDescription(parsing: "mlp:5,5,5,3").match(
        self.file(tensors, in: folder), prefix: "other.")
      #expect(prefixed.lines.first == "other.0: linear 5 to 5, other.0.weight")
    }
  }

  @Test func `inputs and labels are found by their sizes, and dead units are counted`() throws {
    try withTemporaryFolder { folder in
      // Two of six units have weights and biases that never let them fire on inputs in [0, 1].
      let values = [Float](repeating: -1, count: 8) + [Float](repeating: 1, count: 16)
      let weight = Tensor(values, shape: [6, 4])
      let file = try file(
        [("0.weight", weight), ("0.bias", .zeros([6])), ("2.weight", drawn([3, 6], 1))], in: folder)
      let url = folder.appending(path: "obs.safetensors")
      let inputs = Tensor.uniform([32, 4], generator: Generator(seed: 2))
      try SafetensorsFile.write(
        [("obs", inputs), ("y", Tensor((0..<32).map { $0 % 3 }))], metadata: [:], to: url)
      let description = try NetworkDescription(parsing: "mlp:4,6,3")
      let given = try GivenInputs(reading: url, for: description)
      #expect(given.line == "inputs obs 32 examples, labels y")
      var measuring = try NetworkMeasuring(description, given, diagnostics: ["all"], prefix: "")
      let first = try measuring.measure(file, updates: 10)
      #expect(first.outcome("dead_units") == .value(2.0 / 6))
      #expect(first.outcome("jacobian_norm")?.number != nil && first.updates == 10)
      #expect(first.outcome("weight_drift")?.number == nil)
      let second = try measuring.measure(file, updates: 20)
      #expect(second.outcome("weight_drift") == .value(0))
      try SafetensorsFile.write([("obs", inputs), ("z", inputs)], metadata: [:], to: url)
      #expect(try GivenInputs(reading: url, for: description).line.hasPrefix("inputs obs"))
      try SafetensorsFile.write([("a", inputs), ("z", inputs)], metadata: [:], to: url)
      let error = #expect(throws: UsageError.self) {
        try GivenInputs(reading: url, for: description)
      }
      #expect(error?.description.contains("found 2 among a [32, 4], z [32, 4]") == true)
      try SafetensorsFile.write(
        [("obs", inputs), ("y", Tensor((0..<32).map { $0 }))], metadata: [:], to: url)
      #expect(throws: UsageError.self) { try GivenInputs(reading: url, for: description) }
    }
  }
}
