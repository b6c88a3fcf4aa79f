import Foundation
import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("The optimizer's pass, the projection and the ledger agree")
struct OptimizerPassTests {
  struct Run {
    let problem: Problem
    var entries: [EffectiveLearningRateLedger.Entry] = []
  }

  /// Twenty updates of Adam or gradient descent; norms restored in its pass, afterwards, or never.
  func run(_ kind: OptimizerConfiguration.Kind, nap: NaP, inThePass: Bool) throws -> Run {
    var run = Run(problem: try Problem())
    let parameters = run.problem.parameters
    let projection = try ProjectionState(nap, parameters: parameters)
    var optimizer = try OptimizerConfiguration(kind: kind).make(for: parameters.map(\.parameter))
    let ledger = EffectiveLearningRateLedger(
      scaling: kind == .sgd ? .gradientDescent : .scaleFree, every: 5)
    for update in 0..<20 {
      let report = try optimizer.step(
        UpdateRequest(
          parameters: parameters.map(\.parameter), gradients: run.problem.gradients(),
          learningRate: 0.05,
          radii: inThePass ? projection.radii(for: parameters, update: update) : [],
          isMeasured: ledger.isDue(at: update)))
      try projection.apply(update: update, learningRate: 0.05, restoredByOptimizer: inThePass)
      if let report {
        run.entries += ledger.entries(
          update: update, learningRate: 0.05, parameters: parameters, report: report)
      }
    }
    return run
  }

  @Test(
    "Norms restored in the optimizer's pass are those restored after it",
    arguments: [OptimizerConfiguration.Kind.adam, .sgd, .rmsprop], [1, 3])
  func samePass(kind: OptimizerConfiguration.Kind, every: Int) throws {
    let nap = NaP(projection: Projection(every: every))
    let inThePass = try run(kind, nap: nap, inThePass: true)
    let after = try run(kind, nap: nap, inThePass: false)
    for (left, right) in zip(inThePass.problem.parameters, after.problem.parameters) {
      #expect(gap(left.parameter.value, right.parameter.value) < 1e-12, "\(left.name)")
    }
    let start = try Problem()
    for (weight, initial) in zip(inThePass.problem.hidden, start.hidden) where every == 1 {
      #expect(abs(weight.norm / initial.norm - 1) < 1e-14)
      #expect(gap(weight.value, initial.value) > 1e-3, "it was trained")
    }
  }

  @Test(
    "Under projection the effective rate is the declared one; without it, it decays",
    arguments: [OptimizerConfiguration.Kind.adam, .sgd])
  func effectiveRates(kind: OptimizerConfiguration.Kind) throws {
    for (nap, isConstant) in [(NaP.both, true), (.normOnly, false)] {
      let entries = try run(kind, nap: nap, inThePass: true).entries
        .filter { $0.name == "hidden0.weight" }
      #expect(entries.map(\.update) == [0, 5, 10, 15])
      let rates = entries.map(\.effectiveLearningRate)
      if isConstant {
        #expect(rates.allSatisfy { abs($0 / rates[0] - 1) < 1e-13 })
      } else {
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
      }
    }
  }

  @Test("An entry is what the weights themselves say")
  func entryOfAnUpdate() throws {
    let problem = try Problem()
    let hidden = Array(problem.parameters.prefix(2))
    let before = hidden.map { $0.parameter.value.detached().cloned() }
    var adam = Adam(for: hidden.map(\.parameter))
    let report = try adam.step(
      UpdateRequest(
        parameters: hidden.map(\.parameter), gradients: Array(problem.gradients().prefix(2)),
        learningRate: 0.01, isMeasured: true))
    let ledger = EffectiveLearningRateLedger(scaling: .scaleFree)
    let entries = ledger.entries(
      update: 0, learningRate: 0.01, parameters: hidden, report: try #require(report))
    for (index, entry) in entries.enumerated() {
      let after = hidden[index].parameter.value.detached()
      let old = before[index]
      #expect(abs(entry.weightNorm - old.norm.item) < 1e-14)
      #expect(abs(entry.updateNorm - (after - old).norm.item) < 1e-13)
      let cosine = (old * after).sum().item / (old.norm.item * after.norm.item)
      #expect(abs(cos(entry.rotation) - cosine) < 1e-13)
      #expect(abs(entry.effectiveLearningRate - 0.01 / old.norm.item) < 1e-15)
    }
  }
}
