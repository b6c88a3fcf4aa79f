import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("The audit tells partial invariance by its reason, in any module")
struct AuditArchitectureTests {
  let input = TestNetwork.input([5, 6])

  @Test("The last weight of a residual branch is partial, even when it starts at zero")
  func residualBranch() throws {
    let network = ResidualNetwork()
    network.branch.assign(Tensor.zeros([8, 8], dtype: .float64))
    let everything = Projection(roles: [.weight, .residualOutput])
    let report = try audit(network, input: input, projecting: .roles(everything))
    let row = try #require(report.row("branch"))
    #expect(row.verdict == .partial(.residualBranch))
    #expect(row.outputChange > 1e-3)
    #expect(row.advice?.contains("residual sum") == true)
    #expect(try #require(report.row("inner")).verdict == .exact)
    #expect(report.isNormalizeAndProject, "partial invariance is no refusal")
    let hidden = try audit(network, input: input)
    #expect(try #require(hidden.row("branch")).advice == nil, "nothing to do when it is left out")
  }

  @Test("Attention's logits are partial, and exact once queries and keys are normalized")
  func attention() throws {
    let tokens = TestNetwork.input([2, 4, 6])
    let roles = Projection(roles: [.weight, .attentionLogit])
    for isNormalized in [false, true] {
      let report = try audit(
        Attention(normalizesQueries: isNormalized), input: tokens, projecting: .roles(roles))
      let expected = isNormalized ? AuditVerdict.exact : .partial(.attentionLogits)
      #expect(report.row("query")?.verdict == expected)
      #expect(report.row("key")?.verdict == expected)
      #expect(report.isNormalizeAndProject)
    }
  }

  @Test("A noisy layer's mean, deviation and bias are invariant jointly")
  func noisy() throws {
    let network = NoisyNetwork()
    let separate = Projection(roles: [.weight, .noise])
    let joint = Projection(roles: [.weight, .noise], grouping: .joint)
    for (projection, hasNote) in [(separate, true), (joint, false)] {
      let report = try audit(network, input: input, projecting: .roles(projection))
      let row = try #require(report.row("mean"))
      #expect(row.verdict == .joint(with: ["deviation", "bias"]))
      #expect(row.outputChange < 1e-13)
      #expect((row.advice != nil) == hasNote)
    }
  }

  @Test("A normalization with an epsilon of its own is told from a missing one")
  func ownEpsilon() throws {
    for (epsilon, verdict) in [(1e-5, AuditVerdict.partial(.epsilon)), (nil, .exact)] {
      let report = try audit(OwnNormalization(epsilon: epsilon), input: input)
      #expect(report.row("weight")?.verdict == verdict)
      #expect(report.isNormalizeAndProject)
    }
  }

  @Test("A parameter that the output does not depend on is called unused")
  func unused() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let report = try audit(network, input: input) { network.elements[0].layer($0) + 1 }
    #expect(report.row("hidden0.weight")?.verdict == .unused)
    #expect(report.row("hidden0.weight")?.advice?.contains("does not depend") == true)
  }
}

@Suite("One derivative finds the weights that the audit's scalings find invariant")
struct OneDerivativeTests {
  let input = TestNetwork.input([5, 6])

  /// The groups by the audit's verdicts.
  private func audited(_ network: any Layer, _ input: Tensor) throws -> [[String]] {
    let all = Projection(roles: [.weight, .noise, .residualOutput, .attentionLogit])
    return try audit(network, input: input, projecting: .roles(all)).rows.flatMap { row in
      switch row.verdict {
      case .exact: row.projected.map { [$0] }
      case .joint(let others): [row.names.filter { !others.contains($0) } + others]
      default: [[String]]()
      }
    }
  }

  private func found(_ network: any Layer, _ input: Tensor) throws -> [[String]] {
    try ScaleInvariance(of: network, input: input) { network($0) }.groups
  }

  @Test("It agrees on networks of every kind")
  func agrees() throws {
    let tokens = TestNetwork.input([2, 4, 6])
    let mlp = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let vgg = try NaP.both.normalized(TestNetwork.vgg(), inputShape: [2, 8, 8])
    let cases: [(any Layer, Tensor, [[String]])] = [
      (mlp, input, [["hidden0.weight"], ["hidden1.weight"]]),
      (TestNetwork.mlp(), input, []),
      (vgg, TestNetwork.input([3, 2, 8, 8]), try audited(vgg, TestNetwork.input([3, 2, 8, 8]))),
      (NoisyNetwork(), input, [["mean", "deviation", "bias"]]),
      (ResidualNetwork(), input, [["embedding"], ["inner"]]),
      (Attention(normalizesQueries: false), tokens, [["value"]]),
      (Attention(normalizesQueries: true), tokens, [["query"], ["key"], ["value"]]),
      (OwnNormalization(epsilon: 1e-5), input, []),
      (OwnNormalization(epsilon: nil), input, [["weight"]]),
    ]
    for (network, input, expected) in cases {
      #expect(try found(network, input) == expected, "\(type(of: network))")
      #expect(try audited(network, input) == expected, "\(type(of: network))")
    }
    #expect(cases[2].2.count == 4)
  }

  @Test("A weight that the outputs do not depend on is not called invariant")
  func unused() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let invariance = try ScaleInvariance(of: network, input: input) {
      network.elements[0].layer($0) + 1
    }
    #expect(invariance.groups.isEmpty)
  }

  @Test("The network is left bit for bit as it was")
  func unchanged() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(dtype: .float32), inputShape: [6])
    let before = network.namedTensors.map { $0.tensor.cloned() }
    _ = try found(network, input.converted(to: .float32))
    for (left, right) in zip(before, network.namedTensors) {
      #expect(left.isIdentical(to: right.tensor), "\(right.name)")
    }
  }
}

private func weight(
  _ shape: [Int], _ role: ParameterRole, _ seed: UInt64, in group: ScaleGroup = ScaleGroup()
)
  -> Parameter
{
  .random(shape, role: role, group: group, seed: seed)
}

/// x + W₂ relu(norm(W₁ x)), normalized and read out.
private struct ResidualNetwork: Layer {
  let embedding = weight([8, 6], .weight(fanIn: 6), 1)
  let inner = weight([8, 8], .weight(fanIn: 8), 2)
  let branch = weight([8, 8], .residualOutput, 3)
  let head = weight([3, 8], .output, 4)

  var parts: [Part] {
    [
      .parameter("embedding", embedding), .parameter("inner", inner),
      .parameter("branch", branch), .parameter("head", head),
    ]
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let norm = RMSNorm(epsilon: 1e-5)
    let stream = norm(input.linear(weight: embedding.value))
    let hidden = norm(stream.linear(weight: inner.value)).relu()
    let sum = stream + hidden.linear(weight: branch.value)
    return norm(sum).relu().linear(weight: head.value)
  }
}

/// One head of attention over (B, T, F) and a normalized readout.
private struct Attention: Layer {
  let normalizesQueries: Bool
  let query = weight([8, 6], .attentionLogit, 1)
  let key = weight([8, 6], .attentionLogit, 2)
  let value = weight([8, 6], .weight(fanIn: 6), 3)
  let head = weight([3, 8], .output, 4)

  var parts: [Part] {
    [
      .parameter("query", query), .parameter("key", key), .parameter("value", value),
      .parameter("head", head),
    ]
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let norm = RMSNorm(epsilon: 1e-6)
    let queries = input.linear(weight: query.value)
    let keys = input.linear(weight: key.value)
    let logits = (normalizesQueries ? norm(queries) : queries)
      .matrixProduct((normalizesQueries ? norm(keys) : keys).transposed(1, 2))
    let mixed = logits.softmax(axis: 2).matrixProduct(input.linear(weight: value.value))
    return norm(mixed).relu().linear(weight: head.value)
  }
}

/// (μ + σ ⊙ ε) x + b with frozen noise, normalized and read out.
private struct NoisyNetwork: Layer {
  let mean: Parameter
  let deviation: Parameter
  let bias: Parameter
  let head = weight([3, 8], .output, 4)
  let noise = TestNetwork.input([8, 6], seed: 9)

  init() {
    let group = ScaleGroup()
    mean = weight([8, 6], .weight(fanIn: 6), 1, in: group)
    deviation = weight([8, 6], .noise, 2, in: group)
    bias = weight([8], .bias, 3, in: group)
  }

  var parts: [Part] {
    [
      .parameter("mean", mean), .parameter("deviation", deviation), .parameter("bias", bias),
      .parameter("head", head),
    ]
  }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let drawn = mean.value + deviation.value * noise
    let hidden = LayerNorm(epsilon: 1e-5)(input.linear(weight: drawn, bias: bias.value))
    return hidden.relu().linear(weight: head.value)
  }
}

/// A normalization written by hand; its ε is fixed, or read through `NormalizationEpsilon` when nil.
private struct OwnNormalization: Layer {
  let epsilon: Double?
  let hidden = weight([8, 6], .weight(fanIn: 6), 1)
  let head = weight([3, 8], .output, 4)
  var parts: [Part] { [.parameter("weight", hidden), .parameter("head", head)] }

  func callAsFunction(_ input: Tensor) -> Tensor {
    let features = input.linear(weight: hidden.value)
    let used = epsilon ?? NormalizationEpsilon.inForce(1e-5)
    let size = (features.squared().mean(axes: [1], keepAxes: true) + used).squareRoot()
    return (features / size).relu().linear(weight: head.value)
  }
}
