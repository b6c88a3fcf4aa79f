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
        ("cnn:1,2", "such as mlp:8,64,64,4"), ("cnn:1x9x9,4k3,2,4k3", "cnn:4x84x84"),
        ("cnn:1x9x9,4k12,3", "a window of 12"), ("mlp:5,4k3,3", "such as mlp"),
        ("resnet:50", "resnet (torchvision)"), ("resnet", "expected torchvision's names"),
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

  @Test func `convolutions and pools are found and compute what they say`() throws {
    try withTemporaryFolder { folder in
      let tensors: [(name: String, tensor: Tensor)] = [
        ("net.0.weight", drawn([4, 2, 3, 3], 1)), ("net.0.bias", drawn([4], 2)),
        ("net.3.weight", drawn([5, 4, 2, 2], 3)),
        ("head.weight", drawn([3, 5 * 2 * 2], 5)), ("head.bias", drawn([3], 6)),
      ]
      // Of safetensors the modules are sorted: the head's shape alone puts it last.
      let match = try NetworkDescription(parsing: "cnn:2x10x10,4k3s1p1,max2,5k2s2,3").match(
        file(tensors, in: folder))
      let input = drawn([3, 2, 10, 10], 9)
      let first = input.convolution2D(
        weight: tensors[0].tensor, bias: tensors[1].tensor, stride: [1, 1], padding: [1, 1],
        groups: 1
      ).relu().maximumPool2D(kernel: [2, 2], stride: [2, 2], padding: [0, 0])
      let second = first.convolution2D(
        weight: tensors[2].tensor, bias: nil, stride: [2, 2], padding: [0, 0], groups: 1
      ).relu()
      let expected = second.flattened(from: 1).linear(
        weight: tensors[3].tensor, bias: tensors[4].tensor)
      #expect((match.network(input).detached() - expected).vectorNorm().item < 1e-4)
      #expect(match.weights.map(\.file) == ["net.0.weight", "net.3.weight"])
    }
  }

  @Test(
    "Models of torchvision, timm and transformers are read in their own sizes and give their outputs",
    arguments: [
      ("resnet", "basic", "resnet"), ("resnet", "bottleneck", "resnet"), ("vit", "token", "vit:3"),
      ("vit", "average", "vit:3"), ("gpt", "gpt2", "gpt2:3"), ("gpt", "llama", "llama:4,2"),
      ("gpt", "qwen3", "llama"),
    ])
  func models(goldens: String, name: String, text: String) throws {
    let url = packageRoot.appending(path: "Tests/NetworksTests/Goldens/\(goldens).safetensors")
    let file = try TensorFile(reading: url)
    let input = try file.tensor("\(name)/x")
    let inputs = input.dtype.isFloatingPoint ? input.converted(to: .float32) : input
    let match = try NetworkDescription(parsing: text).match(
      file, prefix: "\(name)/weights/", shape: Array(input.shape.dropFirst()))
    let expected = try file.tensor("\(name)/out").converted(to: .float32)
    let found = match.network(inputs).detached()
    let scale = withoutGradients { expected.absolute().maximum().item }
    #expect(withoutGradients { (found - expected).absolute().maximum().item } < 1e-4 * scale)
    #expect(!match.weights.isEmpty && match.weights.allSatisfy { file[$0.file] != nil })
  }

  @Test func `a trainer's checkpoint is measured on tokens, its heads told by config.json`() throws
  {
    let folder = packageRoot.appending(path: "Tests/PlasticityTests/Goldens/trainer-gpt2")
    let file = try TensorFile(reading: folder.appending(path: "model.safetensors"))
    let description = try NetworkDescription(parsing: "gpt2")
    try withTemporaryFolder { place in
      let url = place.appending(path: "tokens.safetensors")
      try SafetensorsFile.write(
        [("input_ids", Tensor((0..<36).map { $0 % 20 }, shape: [4, 9]))], metadata: [:], to: url)
      let given = try GivenInputs(reading: url, for: description, model: file)
      #expect(given.inputs.shape == [4, 8] && given.labels?.shape == [4, 8])
      var measuring = try NetworkMeasuring(
        description, given, diagnostics: ["dead-units", "effective-rank"],
        prefix: "")
      let measured = try measuring.measure(file, updates: 3)
      #expect(measuring.lines.first?.contains("3 heads of 4, 20 tokens") == true)
      #expect(measured.outcome("dead_units")?.number != nil)
      try SafetensorsFile.write(
        [("input_ids", Tensor((0..<36).map { $0 }, shape: [4, 9]))], metadata: [:], to: url)
      let error = #expect(throws: UsageError.self) {
        try GivenInputs(reading: url, for: description, model: file)
      }
      #expect(error?.description.contains("from 0 to 19") == true, "\(error?.description ?? "")")
    }
  }
}
