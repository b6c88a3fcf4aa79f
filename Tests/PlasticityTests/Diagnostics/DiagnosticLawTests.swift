import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite struct DiagnosticLawTests {
  /// What each measure needs; a measure that is not here fails the second test.
  private static let needs: [String: DiagnosticNeeds] = [
    "dead-units": [.probes, .nonlinearity, .parameters],
    "dormant-units": [.probes, .nonlinearity, .parameters],
    "zombie-units": [.probes, .nonlinearity, .parameters],
    "active-fraction": [.probes, .nonlinearity, .parameters],
    "feature-norm": [.probes, .parameters],
    "effective-rank": [.probes, .pairs, .parameters],
    "stable-rank": [.probes, .pairs, .parameters],
    "srank": [.probes, .pairs, .parameters],
    "numerical-rank": [.probes, .pairs, .parameters],
    "weight-norm": [.parameters],
    "weight-drift": [.initial, .parameters],
    "scale-offset-norm": [.affine],
    "update-ratio": [.update], "weight-change": [.update], "rotation": [.update],
    "effective-learning-rate": [.update, .nonlinearity],
    "gradient-norm": [.update],
    "gradient-covariance": [.probes, .pairs, .labels, .parameters],
    "gradient-weight-cosine": [.probes, .labels, .parameters],
    "jacobian-norm": [.probes, .parameters],
    "input-jacobian-norm": [.probes, .parameters],
    "tangent-kernel": [.probes, .pairs, .parameters],
    "sharpness": [.probes, .labels, .parameters],
    "activation-pattern-change": [.probes, .nonlinearity, .reference, .parameters],
    "feature-change": [.probes, .pairs, .reference, .parameters],
    "logit-norm": [.probes, .parameters],
  ]

  /// What a network without attention has no number of; `AttentionEntropyTests` have its laws.
  private static let ofAttention = "attention-entropy"

  @Test(arguments: Diagnostics.all.map { $0.name }.filter { $0 != ofAttention })
  func `a diagnostic changes nothing and names what it lacks`(name: String) throws {
    let kind = try #require(Diagnostics.named(name))
    try expectDiagnosticLaws(kind.init(), needs: try #require(Self.needs[name]))
  }

  @Test func `names are unique, and no metric is given by two diagnostics`() throws {
    let names = Diagnostics.all.map { $0.name }
    #expect(Set(names).count == names.count)
    #expect(Set(names) == Set(Self.needs.keys).union([Self.ofAttention]))
    let metrics = Diagnostics.all.flatMap { $0.metrics }
    #expect(Set(metrics).count == metrics.count)
    for kind in Diagnostics.all { #expect(!kind.source.isEmpty && !kind.summary.isEmpty) }
  }

  @Test func `a suite takes names or all, in one order, and refuses another by name`() throws {
    #expect(try DiagnosticSuite(["all"]).members.count == Diagnostics.all.count)
    let suite = try DiagnosticSuite(["sharpness", "dead-units"])
    #expect(suite.members.map { type(of: $0).name } == ["dead-units", "sharpness"])
    #expect(try DiagnosticSuite([]).isEmpty)
    #expect {
      try DiagnosticSuite(["sharpnes"])
    } throws: {
      "\($0)".contains("sharpnes") && "\($0)".contains("recording.diagnostics")
    }
  }

  @Test func `measures taken together give what each gives alone`() throws {
    let fixture = try DiagnosticFixture(isConvolutional: true, dtype: .float64, examples: 6)
    let together = try DiagnosticSuite(["all"]).measure(fixture.subject)
    let alone = Diagnostics.all.flatMap { $0.init().readings(of: fixture.subject) }
    #expect(together == alone)
  }
}
