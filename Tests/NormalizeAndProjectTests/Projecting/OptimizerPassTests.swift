import Foundation
import Networks
import NormalizeAndProject
import TensorTestSupport
import Testing
import Torch

@Suite("The optimizer's pass, the projection and the ledger agree")
struct OptimizerPassTests {
  struct Run {
    let problem: Problem
    var records: [StepRecord] = []
  }

  /// Twenty updates of Adam or gradient descent; norms restored in its pass, afterwards, or never.
  func run(_ kind: OptimizerConfiguration.Kind, nap: NaP, inThePass: Bool) throws -> Run {
    var run = Run(problem: try Problem())
    let parameters = run.problem.parameters
    let projection = try ProjectionState(nap, parameters: parameters)
    var optimizer = try OptimizerConfiguration(kind: kind).make(for: parameters.map(\.parameter))
    for update in 0..<20 {
      let measuring = StepMeasuring(parameters)
      let gradients = run.problem.gradients()
      var request = UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: gradients, learningRate: 0.05,
        isMeasured: update % 5 == 0)
      if inThePass { projection.join(&request, update: update) }
      let report = try optimizer.step(request)
      try projection.apply(after: request, update: update)
      if let report {
        run.records.append(
          measuring.record(report, gradients: gradients, learningRate: 0.05, optimizer))
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
    let ledger = EffectiveLearningRateLedger(ScaleInvariance(groups: [["hidden0.weight"]]))
    for (nap, isConstant) in [(NaP.both, true), (.normOnly, false)] {
      let rows = try run(kind, nap: nap, inThePass: true).records.flatMap(ledger.rows)
      #expect(rows.count == 4)
      let rates = rows.compactMap(\.declared.value)
      if isConstant {
        #expect(rates.allSatisfy { abs($0 / rates[0] - 1) < 1e-13 })
      } else {
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
      }
    }
  }

  @Test("Step and change are one without a projection, and part by what it takes back")
  func stepAndChange() throws {
    for (nap, isProjected) in [(NaP.both, true), (.normOnly, false)] {
      for inThePass in [true, false] {
        for record in try run(.adam, nap: nap, inThePass: inThePass).records {
          for entry in record.entries {
            let isHidden = if case .weight = entry.role { true } else { false }
            if isHidden, isProjected {
              #expect(abs(entry.normAfter / entry.normBefore - 1) < 1e-13)
              // The step is nearly across, so the change is the chord of nearly the same angle.
              let chord = 2 * entry.normBefore * sin(entry.rotation / 2)
              #expect(abs(entry.changeNorm / chord - 1) < 1e-9)
              #expect(abs(entry.changeNorm / entry.stepNorm - 1) > 1e-6)
            } else {
              #expect(abs(entry.changeNorm / entry.stepNorm - 1) < 1e-12)
            }
          }
        }
      }
    }
  }

  @Test("An entry is what the weights themselves say")
  func entryOfAnUpdate() throws {
    let problem = try Problem()
    let hidden = Array(problem.parameters.prefix(2))
    let before = hidden.map { $0.parameter.value.detached().cloned() }
    var adam = Adam(for: hidden.map(\.parameter))
    let measuring = StepMeasuring(hidden)
    let gradients = Array(problem.gradients().prefix(2))
    let report = try adam.step(
      UpdateRequest(
        parameters: hidden.map(\.parameter), gradients: gradients, learningRate: 0.01,
        isMeasured: true))
    let record = measuring.record(
      try #require(report), gradients: gradients, learningRate: 0.01, adam)
    for (index, entry) in record.entries.enumerated() {
      let after = hidden[index].parameter.value.detached()
      let old = before[index]
      #expect(abs(entry.normBefore - old.norm.item) < 1e-14)
      #expect(abs(entry.normAfter - after.norm.item) < 1e-14)
      #expect(abs(entry.gradientNorm / gradients[index].norm.item - 1) < 1e-13)
      #expect(abs(entry.stepNorm - (after - old).norm.item) < 1e-13)
      let cosine = (old * after).sum().item / (old.norm.item * after.norm.item)
      #expect(abs(cos(entry.rotation) - cosine) < 1e-13)
    }
  }
}
