import Networks
import Testing
import Torch

@Suite("The small transformer")
struct TransformerTests {
  private func configuration(_ change: (inout NetworkConfiguration) -> Void = { _ in })
    -> NetworkConfiguration
  {
    var configuration = NetworkConfiguration(.transformer)
    configuration.heads = 2
    configuration.headDimension = 3
    configuration.modelDimension = 8
    configuration.feedForward = 12
    configuration.vocabulary = 10
    configuration.dtype = .float64
    change(&configuration)
    return configuration
  }

  private func build(_ configuration: NetworkConfiguration, shape: [Int] = [5]) throws -> Sequential
  {
    try configuration.build(inputShape: shape, classes: 7, generator: Generator(seed: 1))
  }

  @Test(
    "Outputs and gradients are PyTorch's, plain and with a gain at every place",
    arguments: [false, true], [DType.float32, .float64])
  func goldens(isNormalized: Bool, dtype: DType) throws {
    let plain = try build(
      configuration {
        $0.normalizesQueriesAndKeys = isNormalized
        $0.dtype = dtype
      })
    let network =
      isNormalized
      ? plain.replacingLeaves { leaf in
        let isSite = leaf.layer is NormalizationSite
        let norm = RMSNorm(shape: [8], epsilon: 1e-6, dtype: dtype)
        return [.init(leaf.element, isSite ? norm : leaf.layer)]
      } : plain
    try TransformerGolden(isNormalized ? "transformer_normalized" : "transformer", dtype)
      .expectSame(network)
  }

  @Test("Names, shapes and roles of a layer, and the count of the source's network")
  func parameters() throws {
    let network = try build(configuration { $0.layers = 1 })
    let found = network.namedParameters.map {
      "\($0.name) \($0.parameter.value.shape) \($0.parameter.role)"
    }
    #expect(
      found == [
        "embedding.tokens [10, 8] embedding", "embedding.positions [5, 8] embedding",
        "attention0.body.attention.query [6, 8] attentionLogit",
        "attention0.body.attention.key [6, 8] attentionLogit",
        "attention0.body.attention.value [6, 8] residualOutput",
        "attention0.body.attention.output [8, 6] residualOutput",
        "dense0.body.hidden.weight [12, 8] weight(fanIn: 8)",
        "dense0.body.output.weight [8, 12] weight(fanIn: 12)",
        "output.weight [7, 8] output",
      ])
    var whole = NetworkConfiguration(.transformer)
    whole.vocabulary = 120
    let large = try whole.build(inputShape: [5], classes: 117, generator: Generator(seed: 1))
    let expected = 2 * (4 * 128 * 128 + 2 * 128 * 512) + (120 + 5 + 117) * 128
    #expect(large.parameterCount == expected)
    #expect(whole.leastWeightCount(inputShape: [5], classes: 117) == Double(expected))
  }

  @Test("Tables have the deviation asked for, and layers draw independently")
  func draws() throws {
    var wide = configuration { $0.embeddingDeviation = 0.02 }
    wide.modelDimension = 512
    wide.vocabulary = 200
    let network = try build(wide)
    let tokens = try #require(network.parameters.first).value
    let deviation = withoutGradients { tokens.standardDeviation().item }
    #expect(abs(deviation / 0.02 - 1) < 0.01)
    func values(_ layers: Int) throws -> [String: Tensor] {
      let network = try build(configuration { $0.layers = layers })
      return Dictionary(uniqueKeysWithValues: network.namedTensors.map { ($0.name, $0.tensor) })
    }
    let (one, two) = (try values(1), try values(2))
    for (name, tensor) in one {
      #expect(two[name].map(tensor.isIdentical(to:)) == true, "\(name)")
    }
    let query = try #require(two["attention0.body.attention.query"])
    for other in ["attention0.body.attention.key", "attention1.body.attention.query"] {
      #expect(!query.isIdentical(to: try #require(two[other])), "\(other)")
    }
  }

  @Test("A configuration that cannot be built names its field")
  func refusals() throws {
    let unusable: [(NetworkConfiguration, [Int], String)] = [
      (configuration { $0.heads = 0 }, [5], "network.heads"),
      (configuration { $0.headDimension = -1 }, [5], "network.headDimension"),
      (configuration { $0.layers = 0 }, [5], "network.layers"),
      (configuration { $0.modelDimension = 0 }, [5], "network.modelDimension"),
      (configuration { $0.feedForward = 0 }, [5], "network.feedForward"),
      (configuration { $0.vocabulary = 0 }, [5], "network.vocabulary"),
      (configuration { $0.heads = .max }, [5], "network.headDimension"),
      (configuration { $0.embeddingDeviation = 0 }, [5], "network.embeddingDeviation"),
      (configuration { $0.embeddingDeviation = .nan }, [5], "network.embeddingDeviation"),
      (configuration { $0.activation = .crelu }, [5], "network.activation"),
      (configuration(), [3, 8, 8], "network.kind"),
    ]
    for (configuration, shape, option) in unusable {
      let error = #expect(throws: ConfigurationError.self) {
        try build(configuration, shape: shape)
      }
      #expect(error?.option == option, "\(String(describing: error))")
    }
  }
}
