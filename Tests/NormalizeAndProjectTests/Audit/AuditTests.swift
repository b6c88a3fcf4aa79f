import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("The audit says which scales a network does not depend on")
struct AuditTests {
  let input = TestNetwork.input([5, 6])
  let images = TestNetwork.input([3, 2, 8, 8])

  @Test("A normalized network is exactly invariant, and the effect of epsilon is told apart")
  func normalizedNetwork() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let report = try audit(network, input: input)
    #expect(report.isNormalizeAndProject && report.refusals.isEmpty)
    for name in ["hidden0.weight", "hidden1.weight"] {
      let row = try #require(report.row(name))
      #expect(row.verdict == .exact && row.projected == [name] && row.advice == nil)
      #expect(row.outputChange < 1e-13 && row.gradientChange < 1e-12)
    }
    // In front of another normalized layer ε acts through that layer's ε only: in second order.
    let inner = try #require(report.row("hidden0.weight")?.epsilonEffect)
    let last = try #require(report.row("hidden1.weight")?.epsilonEffect)
    #expect(inner > 1e-13 && inner < 1e-8)
    #expect(last > 1e-7 && last < 1e-2)
    #expect(report.largestEpsilonEffect == last)
    #expect(try #require(report.row("output.weight")).verdict == nil)
    #expect(report.summary.hasPrefix("Normalize-and-Project: 2 of 2 projected groups are exactly"))
    #expect(report.table.contains("hidden0.weight  yes        exact"))
  }

  @Test(
    "Every kind and axes is exact on a convolutional network",
    arguments: [
      Normalization(.layer), Normalization(.rms), Normalization(.group(count: 1)),
      Normalization(.layer, axes: .channels), Normalization(.rms, axes: .channels),
    ])
  func convolutional(normalization: Normalization) throws {
    let nap = NaP(normalization: normalization, scaleAndOffset: .free)
    let network = try nap.normalized(TestNetwork.vgg(), inputShape: [2, 8, 8])
    let report = try audit(network, input: images)
    #expect(report.rows.filter { $0.verdict == .exact }.count == 4)
    #expect(report.isNormalizeAndProject)
  }

  @Test("The network is left bit for bit as it was, in its own element type")
  func unchanged() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(dtype: .float32), inputShape: [6])
    let before = network.namedTensors.map { $0.tensor.cloned() }
    let values = network.parameters.map { ObjectIdentifier($0) }
    _ = try audit(network, input: input.converted(to: .float32))
    for (left, right) in zip(before, network.namedTensors) {
      #expect(left.isIdentical(to: right.tensor), "\(right.name)")
    }
    #expect(values == network.parameters.map { ObjectIdentifier($0) })
    #expect(network.parameters.allSatisfy { $0.value.requiresGradient })
    #expect(network(input.converted(to: .float32)).dtype == .float32)
  }

  @Test("Scale and offset are a joint symmetry before ReLU and none before tanh")
  func scaleAndOffset() throws {
    for (activation, isSymmetric) in [
      (ActivationKind.relu, true), (.leakyRelu, true), (.tanh, false),
    ] {
      let nap = NaP(scaleAndOffset: .jointProjection)
      let network = try nap.normalized(
        TestNetwork.mlp(activation: activation), inputShape: [6])
      let row = try #require(try audit(network, input: input).row("normalization0.scale"))
      #expect((row.verdict == .joint(with: ["normalization0.offset"])) == isSymmetric)
      #expect(isSymmetric || row.verdict == .partial(.normalizationParameter))
    }
  }

  @Test("A network of which nothing is projected is called normalized, not more")
  func nothingProjected() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    let report = try audit(network, input: input, projecting: .roles(.none))
    #expect(!report.isNormalizeAndProject && report.refusals.isEmpty)
    #expect(report.summary.contains("nothing is projected"))
    #expect(try #require(report.row("hidden0.weight")).advice?.contains("not projected") == true)
  }

  @Test("What cannot be audited is refused with a reason")
  func refusals() throws {
    let network = try NaP.both.normalized(TestNetwork.mlp(), inputShape: [6])
    #expect(throws: AuditError.unknownNames(["conv9"])) {
      try audit(network, input: input, projecting: .names(["conv9"]))
    }
    #expect(throws: AuditError.notFinite) {
      try audit(network, input: Tensor.zeros([2, 6], dtype: .float64))
    }
    let generator = Generator(seed: 4)
    #expect(throws: AuditError.notDeterministic) {
      try audit(network, input: input) {
        network($0) + Tensor.normal([5, 3], generator: generator, dtype: .float64)
      }
    }
    #expect(throws: AuditError.zeroOutput) { try audit(network, input: input) { network($0) * 0 } }
    let error = #expect(throws: AuditError.self) {
      try audit(network, input: input) { network($0.converted(to: .float32)) }
    }
    guard case .doesNotRun(let reason) = error else {
      Issue.record("\(String(describing: error)) instead of doesNotRun")
      return
    }
    #expect(reason.contains("linear"))
  }
}

extension AuditReport {
  /// The row whose group holds `name`.
  func row(_ name: String) -> Row? { rows.first { $0.names.contains(name) } }
}
