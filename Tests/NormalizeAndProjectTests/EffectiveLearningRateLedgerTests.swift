import Foundation
import Networks
@testable import NormalizeAndProject
import Testing
import Torch

@Suite("The ledger tells how fast each weight really learns")
struct EffectiveLearningRateLedgerTests {
  @Test("An entry holds norms, ratio, angle and effective rate of one update")
  func entry() throws {
    let bag = Bag(["weight": .random([2], role: .weight(fanIn: 2), seed: 1)])
    // W = (3, 4) and u = (-0.8, 0.6), a right angle: ‖W‖ = 5, ‖u‖ = 1, ‖W + u‖ = √26.
    let report = UpdateReport(
      normsBefore: [5], normsAfter: [(26.0).squareRoot()], updateNorms: [1], innerProducts: [25])
    for (scaling, expected) in [
      (EffectiveLearningRateLedger.Scaling.gradientDescent, 0.1 / 25), (.scaleFree, 0.1 / 5),
    ] {
      let ledger = EffectiveLearningRateLedger(scaling: scaling, every: 10)
      let entry = try #require(
        ledger.entries(
          update: 20, learningRate: 0.1, parameters: bag.namedParameters, report: report
        ).first)
      #expect(entry.name == "weight" && entry.update == 20 && entry.learningRate == 0.1)
      #expect(entry.weightNorm == 5 && entry.updateNorm == 1)
      #expect(abs(entry.relativeUpdate - 0.2) < 1e-16)
      #expect(abs(entry.rotation - atan(0.2)) < 1e-15)
      #expect(abs(entry.effectiveLearningRate - expected) < 1e-17)
      #expect(ledger.isDue(at: 20) && !ledger.isDue(at: 21))
    }
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
