import Foundation
@testable import Networks
@testable import NormalizeAndProject
import TensorTestSupport
import Testing
import Torch

@Suite("The ledger declares a rate by the regime measured, for invariant weights alone")
struct EffectiveLearningRateLedgerTests {
  static func entry(
    _ name: String = "weight", norm: Double = 5, count: Int = 4, step: Double = 1,
    scaling: UpdateScaling
  ) -> StepRecord.Entry {
    StepRecord.Entry(
      name: name, role: .weight(fanIn: 2), elementCount: count, gradientNorm: 1, normBefore: norm,
      normAfter: norm, stepNorm: step, changeNorm: step, scaling: scaling)
  }

  static func adaptive(_ share: Double, gain: Double = 1) -> UpdateScaling {
    .adaptive(share: share, epsilon: 1e-4, gain: gain)
  }

  /// A regime with the rate that it declares of η = 0.1 and ‖W‖ = 5.
  static let regimes: [(scaling: UpdateScaling, expected: Double)] = [
    (.gradient(gain: 1), 0.004), (.gradient(gain: 10), 0.04), (adaptive(1), 0.02),
    (adaptive(0.9), 0.02), (adaptive(1, gain: 2), 0.04), (adaptive(0.1), 40), (adaptive(0), 40),
    (.relative, 0.1),
  ]

  @Test("Each regime has its formula", arguments: regimes)
  func formulas(regime: (scaling: UpdateScaling, expected: Double)) throws {
    let ledger = EffectiveLearningRateLedger(ScaleInvariance(groups: [["weight"]]))
    let rows = ledger.rows(
      StepRecord(learningRate: 0.1, entries: [Self.entry(scaling: regime.scaling)]))
    let row = try #require(rows.first)
    #expect(row.name == "weight" && rows.count == 1)
    #expect(abs(try #require(row.declared.value) / regime.expected - 1) < 1e-14)
    #expect(row.declared.reason == nil)
  }

  @Test("Between the regimes there is no rate, and the reason names the share")
  func between() throws {
    for share in [0.11, 0.5, 0.89] {
      let rate = DeclaredRate(learningRate: 0.1, norm: 5, scaling: Self.adaptive(share))
      #expect(rate.value == nil && rate == .betweenRegimes(share: share))
      #expect(rate.reason?.contains("epsilon") == true)
    }
    #expect(DeclaredRate(learningRate: 0.1, norm: 0, scaling: .relative) == .zeroWeight)
  }

  @Test("A weight that is not invariant has no rate, a joint group takes its joint norm")
  func groups() throws {
    let ledger = EffectiveLearningRateLedger(ScaleInvariance(groups: [["mean", "deviation"]]))
    let record = StepRecord(
      learningRate: 0.1,
      entries: [
        Self.entry("mean", norm: 3, scaling: Self.adaptive(1)),
        Self.entry("head", scaling: Self.adaptive(1)),
        Self.entry("deviation", norm: 4, scaling: Self.adaptive(1)),
      ])
    let rows = ledger.rows(record)
    #expect(rows.map(\.name) == ["mean"])
    #expect(rows[0].entry.normBefore == 5 && rows[0].entry.elementCount == 8)
    #expect(abs(try #require(rows[0].declared.value) - 0.1 / 5) < 1e-16)
    // ‖u‖ = √2 over √8 elements, on a norm of 5.
    #expect(abs(rows[0].entry.realisedRate - 0.1) < 1e-15)
    let nobody = EffectiveLearningRateLedger(ScaleInvariance())
    #expect(nobody.rows(record).isEmpty)
  }

  @Test("The share of a group weighs every element alike")
  func share() {
    let joined = [
      Self.entry(count: 1, scaling: Self.adaptive(1)),
      Self.entry(count: 3, scaling: Self.adaptive(0.2)),
    ].joined
    guard case .adaptive(let share, 1e-4, 1)? = joined?.scaling else {
      Issue.record("\(String(describing: joined))")
      return
    }
    #expect(abs(share - 0.4) < 1e-15)
  }

  @Test("Optimizers tell how their steps scale: by epsilon, by momentum")
  func scalings() throws {
    let weight = Bag(["weight": .random([3], role: .weight(fanIn: 3), seed: 1)])
    let parameters = weight.namedParameters.map(\.parameter)
    let gradient = Tensor([3.0, 4.0, 0.0])
    func scaling(
      _ configuration: OptimizerConfiguration, shape: [Int]? = nil
    ) throws -> UpdateScaling {
      let bag = shape.map { Bag(["weight": .random($0, role: .weight(fanIn: 3), seed: 1)]) }
      let parameters = bag?.namedParameters.map(\.parameter) ?? parameters
      let gradient = shape.map { TestNetwork.input($0) } ?? gradient
      var optimizer = try configuration.make(for: parameters)
      try optimizer.step(
        UpdateRequest(parameters: parameters, gradients: [gradient], learningRate: 1e-3))
      return optimizer.updateScaling(at: 0)
    }
    // √v̂ is |g| after one update: 3/(3+1) and 4/(4+1). The third element had no gradient and does not count.
    guard
      case .adaptive(let adam, 1, 1) = try scaling(OptimizerConfiguration(kind: .adam, epsilon: 1)),
      case .adaptive(let root, 1, let gain) = try scaling(
        OptimizerConfiguration(kind: .rmsprop, momentum: 0.75, smoothing: 0.75, epsilon: 1))
    else {
      Issue.record("an adaptive optimizer is not told as one")
      return
    }
    #expect(abs(adam - (0.75 + 0.8) / 2) < 1e-12)
    // s = g²/4.
    #expect(abs(root - (1.5 / 2.5 + 2.0 / 3) / 2) < 1e-12 && gain == 4)
    #expect(
      try scaling(OptimizerConfiguration(kind: .sgd, momentum: 0.75)) == .gradient(gain: 4))
    // An orthogonal 4 x 16 matrix has four singular values of 1 over 64 elements.
    let muon = OptimizerConfiguration(kind: .muon)
    let size = muon.muon.scale.factor(rows: 4, columns: 16) / 4
    #expect(
      try scaling(muon, shape: [4, 16]) == .adaptive(share: 1, epsilon: 0, gain: size))
    for kind in [OptimizerConfiguration.Kind.adamh, .muonh] {
      #expect(try scaling(OptimizerConfiguration(kind: kind), shape: [4, 16]) == .relative)
    }
    #expect(
      try scaling(OptimizerConfiguration(kind: .adam, epsilon: 0))
        == .adaptive(share: 1, epsilon: 0, gain: 1))
  }

  @Test("The angle of a small step keeps its digits", arguments: [1e-3, 1e-6, 1e-9])
  func smallAngles(step: Double) {
    // A right-angled step: the third side of the triangle is √(1 + step²).
    let angle = UpdateReport.angle(
      between: 1, and: (1 + step * step).squareRoot(), opposite: step)
    #expect(abs(angle / atan(step) - 1) < 1e-6)
  }

  @Test("A step along the weight does not rotate it, one through the origin turns it round")
  func degenerateAngles() {
    #expect(UpdateReport.angle(between: 1, and: 1.5, opposite: 0.5) < 1e-7)
    #expect(UpdateReport.angle(between: 1, and: 1, opposite: 2) == .pi)
    #expect(UpdateReport.angle(between: 0, and: 1, opposite: 1) == 0)
  }
}
