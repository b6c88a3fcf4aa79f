import Foundation
import Networks
import Testing
import Torch

/// The networks that read images.
private let imageKinds = NetworkConfiguration.Kind.allCases.filter { $0 != .transformer }

@Suite("Networks are built as configured")
struct NetworkConfigurationTests {
  private func build(
    _ configuration: NetworkConfiguration, _ shape: [Int] = [3, 32, 32], seed: UInt64 = 1
  ) throws -> Sequential {
    try configuration.build(
      inputShape: shape, classes: 10, generator: Generator(seed: seed))
  }

  @Test(
    "Names, shapes and counts of parameters",
    arguments: [
      (
        NetworkConfiguration.Kind.mlp, 2_103_818,
        [
          "hidden0.weight [512, 3072]", "hidden0.bias [512]", "hidden1.weight [512, 512]",
          "hidden1.bias [512]", "hidden2.weight [512, 512]", "hidden2.bias [512]",
          "output.weight [10, 512]", "output.bias [10]",
        ]
      ),
      (
        .cnn, 548_042,
        [
          "convolution0.weight [32, 3, 5, 5]", "convolution0.bias [32]",
          "convolution1.weight [32, 32, 3, 3]", "convolution1.bias [32]",
          "convolution2.weight [32, 32, 3, 3]", "convolution2.bias [32]",
          "hidden0.weight [256, 2048]", "hidden0.bias [256]", "output.weight [10, 256]",
          "output.bias [10]",
        ]
      ),
    ])
  func parameters(kind: NetworkConfiguration.Kind, count: Int, listing: [String]) throws {
    let network = try build(NetworkConfiguration(kind))
    #expect(network.parameterCount == count)
    let found = network.namedParameters.map { "\($0.name) \($0.parameter.value.shape)" }
    #expect(found == listing)
  }

  @Test(
    "Roles tell hidden weights from the output's", arguments: imageKinds)
  func roles(kind: NetworkConfiguration.Kind) throws {
    let network = try build(NetworkConfiguration(kind))
    for named in network.namedParameters {
      let shape = named.parameter.value.shape
      let expected: ParameterRole =
        switch named.name.split(separator: ".").last {
        case "bias": .bias
        case "scale": .scale
        case "offset": .offset
        default:
          named.name.hasPrefix("output")
            ? .output : .weight(fanIn: shape.dropFirst().reduce(1, *))
        }
      #expect(named.parameter.role == expected, "\(named.name)")
    }
  }

  @Test(
    "Images of every size from 16 to 32 give logits",
    arguments: imageKinds, [16, 21, 28, 32])
  func forward(kind: NetworkConfiguration.Kind, side: Int) throws {
    let network = try build(NetworkConfiguration(kind), [3, side, side])
    let images_BCHW = Tensor.normal([2, 3, side, side], generator: Generator(seed: 2))
    #expect(network(images_BCHW).shape == [2, 10])
  }

  @Test(
    "CReLU doubles what the next layer sees", arguments: imageKinds.filter { $0 != .resnet18 })
  func doubledFeatures(kind: NetworkConfiguration.Kind) throws {
    var configuration = NetworkConfiguration(kind)
    configuration.activation = .crelu
    let network = try build(configuration, [3, 16, 16])
    #expect(network(Tensor.ones([2, 3, 16, 16])).shape == [2, 10])
  }

  @Test("Layers draw independently: equal seeds agree, and widening one leaves the others")
  func independentLayers() throws {
    func values(_ hidden: [Int], seed: UInt64) throws -> [String: Tensor] {
      let network = try build(.mlp(hidden), [8], seed: seed)
      return Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor) })
    }
    let one = try values([6, 6, 6], seed: 1)
    let again = try values([6, 6, 6], seed: 1)
    let other = try values([6, 6, 6], seed: 2)
    for (name, tensor) in one {
      #expect(again[name].map(tensor.isIdentical(to:)) == true, "\(name)")
      #expect(other[name].map(tensor.isIdentical(to:)) == false, "\(name)")
    }
    let middle = try #require(one["hidden1.weight"])
    #expect(!middle.isIdentical(to: try #require(one["hidden2.weight"])))
    let deeper = try values([6, 6, 6, 6], seed: 1)
    #expect(middle.isIdentical(to: try #require(deeper["hidden1.weight"])))
  }

  @Test("Missing fields have the kind's defaults, and everything survives encoding")
  func coding() throws {
    let decoder = JSONDecoder()
    let sparse = try decoder.decode(
      NetworkConfiguration.self, from: Data(#"{"kind": "cnn", "activation": "tanh"}"#.utf8))
    var expected = NetworkConfiguration(.cnn)
    expected.activation = .tanh
    #expect(sparse == expected)
    let empty = try decoder.decode(NetworkConfiguration.self, from: Data("{}".utf8))
    #expect(empty == NetworkConfiguration(.mlp))
    for kind in NetworkConfiguration.Kind.allCases {
      var configuration = NetworkConfiguration(kind)
      configuration.initializer = .orthogonal
      if kind == .transformer {
        configuration.heads = 3
        configuration.vocabulary = 11
        configuration.normalizesQueriesAndKeys = true
      } else {
        configuration.hidden = [7]
      }
      let data = try JSONEncoder().encode(configuration)
      #expect(try decoder.decode(NetworkConfiguration.self, from: data) == configuration)
    }
  }

  @Test("Text of earlier versions, with the sizes of every kind, reads as the kind alone")
  func oldText() throws {
    for kind in NetworkConfiguration.Kind.allCases {
      let old = """
        {"activation":"gelu","channels":[4,5],"convolutions":[1,2],"dtype":"float64",\
        "embeddingDeviation":0.5,"feedForward":9,"headDimension":3,"heads":2,"hidden":[7],\
        "initializer":"orthogonal","isCausal":true,"kernels":[3,5],"kind":"\(kind.rawValue)",\
        "layers":6,"modelDimension":8,"normalizesQueriesAndKeys":true,"strides":[2,1],"vocabulary":11}
        """
      let read = try JSONDecoder().decode(NetworkConfiguration.self, from: Data(old.utf8))
      var expected = NetworkConfiguration(kind)
      (expected.activation, expected.initializer, expected.dtype) = (.gelu, .orthogonal, .float64)
      if kind != .transformer { expected.hidden = [7] }
      if ![.mlp, .transformer].contains(kind) { expected.channels = [4, 5] }
      if [.cnn, .resnet18].contains(kind) {
        (expected.kernels, expected.strides) = ([3, 5], [2, 1])
      }
      if [.vgg, .resnet18].contains(kind) { expected.convolutions = [1, 2] }
      if kind == .transformer {
        (expected.embeddingDeviation, expected.feedForward, expected.headDimension) = (0.5, 9, 3)
        (expected.heads, expected.isCausal, expected.layers) = (2, true, 6)
        (expected.modelDimension, expected.vocabulary) = (8, 11)
        expected.normalizesQueriesAndKeys = true
      }
      #expect(read == expected, "\(kind)")
    }
  }

  @Test("Another kind takes over the sizes that it has, too; a size that a kind lacks stops")
  func kindChanges() async throws {
    var configuration = NetworkConfiguration(.cnn)
    configuration.channels = [4, 5]
    configuration.kind = .vgg
    #expect(configuration.channels == [4, 5] && configuration.convolutions == [2, 2, 2])
    configuration.kind = .mlp
    #expect(configuration == .mlp([256]) && configuration.channels.isEmpty)
    await #expect(processExitsWith: .failure) {
      var configuration = NetworkConfiguration(.mlp)
      configuration.kernels = [3]
    }
  }

  @Test("A configuration that cannot be built names its field")
  func refusals() throws {
    func changed(
      _ kind: NetworkConfiguration.Kind, _ change: (inout NetworkConfiguration) -> Void
    ) -> NetworkConfiguration {
      var configuration = NetworkConfiguration(kind)
      change(&configuration)
      return configuration
    }
    let unusable: [(NetworkConfiguration, [Int], String)] = [
      (changed(.mlp) { $0.hidden = [5, 0] }, [4], "network.hidden"),
      (NetworkConfiguration(.cnn), [3072], "network.kind"),
      (changed(.cnn) { $0.strides = [1, 2] }, [3, 8, 8], "network.strides"),
      (changed(.cnn) { $0.kernels = [5, 3, 0] }, [3, 8, 8], "network.kernels"),
      (changed(.cnn) { $0.channels = [] }, [3, 8, 8], "network.channels"),
      (changed(.vgg) { $0.convolutions = [2] }, [3, 8, 8], "network.convolutions"),
      (NetworkConfiguration(.vgg), [3, 7, 9], "network.channels"),
      (NetworkConfiguration(.mlp), [3, 0], "the input's shape"),
    ]
    for (configuration, shape, option) in unusable {
      let error = #expect(throws: ConfigurationError.self) { try build(configuration, shape) }
      #expect(error?.option == option, "\(String(describing: error))")
    }
  }
}
