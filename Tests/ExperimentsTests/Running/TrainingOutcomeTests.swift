import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import Testing
import Torch
import Training

@testable import Experiments

@Suite("One place decides how a run ended")
struct TrainingOutcomeTests {
  private func status(_ error: any Error) -> RunStatus? {
    TrainingOutcome.status(of: error, names: ["a.weight", "b.weight"])
  }

  @Test("A number that is not finite is named, a norm of zero is no such number")
  func errors() throws {
    #expect(
      status(TrainingDivergence(update: 7, .loss, value: .nan))
        == .notFinite(
          reason:
            "the loss is NaN at update 7: training diverged; lower the learning rate or clip gradients"
        ))
    let gradient = status(TrainingDivergence(update: 7, .gradientNorm, value: .infinity))
    #expect(gradient?.reason?.hasPrefix("the gradients' norm is inf at update 7") == true)
    let norm = try #require(status(OptimizerError.notFiniteNorm(index: 1)))
    #expect(norm.state == "not finite" && norm.reason?.contains("b.weight") == true)
    let zero = try #require(status(OptimizerError.zeroNorm(index: 0)))
    #expect(zero.state == "diverged" && zero.reason?.contains("a.weight became zero") == true)
    func unusable(_ norm: Double, _ moment: ProjectionError.Moment) -> RunStatus? {
      status(ProjectionError.unusableNorm(parameter: "c", norm: norm, moment: moment))
    }
    #expect(unusable(.nan, .afterUpdate)?.state == "not finite")
    #expect(unusable(.infinity, .afterUpdate)?.state == "not finite")
    #expect(unusable(0, .afterUpdate)?.state == "diverged")
    // Not outcomes of training.
    #expect(unusable(0, .atInitialization) == nil)
    #expect(status(ProjectionError.doesNotFit(problems: ["x"])) == nil)
    #expect(
      status(OptimizerError.mismatch(state: 1, parameters: 2, gradients: 3, targetNorms: 4)) == nil)
    #expect(status(EnvironmentError("world", "expected finite observations")) == nil)
    #expect(status(UsageError("x")) == nil)
  }

  @Test("A state is judged by the tensors that must be finite")
  func snapshots() {
    var snapshot = State()
    snapshot.add("network", [("w", Tensor([Float(1), 2], shape: [2]))], mustBeFinite: true)
    snapshot.add("target", [("w", Tensor([Float.nan], shape: [1]))])
    #expect(TrainingOutcome.status(of: snapshot, updates: 9) == nil)
    snapshot.add("network", [("v", Tensor([Float.infinity], shape: [1]))], mustBeFinite: true)
    #expect(
      TrainingOutcome.status(of: snapshot, updates: 9)
        == .notFinite(reason: "network.v holds NaN or an infinity after update 9"))
  }

  /// What ends a run whose weights are set to a value after some turns.
  private func end(
    of training: inout some TrainingRun, _ parameters: [NamedParameter], value: Float,
    after turns: Int
  ) throws -> RunStatus? {
    for _ in 0..<turns {
      let event = try training.next()
      #expect(event?.outcome == nil)
    }
    withoutGradients {
      for parameter in parameters {
        let own = parameter.parameter.value.detached()
        _ = own.copyInPlace(
          from: Tensor.full(own.shape, value: .real(Double(value)), dtype: own.dtype))
      }
    }
    for _ in 0..<20 {
      guard let event = try training.next() else { return nil }
      if let outcome = event.outcome {
        // An ended run stays ended.
        #expect(try training.next() == nil)
        return outcome
      }
    }
    return nil
  }

  @Test(
    "An agent whose weights are no numbers ends so in every arm, and the loss is named as the loss",
    arguments: ["plain", "norm", "project", "nap", "fresh", "fresh-norm", "nap/shrink-perturb"])
  func agents(arm: String) throws {
    for overlaps in [false, true] {
      var configuration = try AgentTrainingTests.tiny(arm)
      configuration.agent.overlapsLearning = overlaps
      var training = try AgentTraining(configuration, seed: 3, device: .cpu)
      let parameters = training.agent.trainer.parameters
      let outcome = try end(of: &training, parameters, value: .nan, after: 25)
      #expect(outcome?.state == "not finite")
      #expect(
        outcome?.reason?.hasPrefix("the loss is NaN at update") == true, "\(arm) \(outcome as Any)")
    }
  }

  @Test(
    "A norm that an update makes infinite ends agents and networks alike",
    arguments: [
      "nap", "project", "nap/shrink-perturb",
    ])
  func projected(arm: String) throws {
    var configuration = try AgentTrainingTests.tiny(arm)
    // 1e9 at the second update, then 1e21, 1e33 and 1e45: more than a weight of float32 can hold.
    configuration.schedule.kind = .step
    configuration.schedule.curve = .step(.init { ($0.stepUpdates, $0.stepFactor) = (1, 1e12) })
    var training = try AgentTraining(configuration, seed: 3, device: .cpu)
    var outcome: RunStatus?
    while outcome == nil, let event = try training.next() { outcome = event.outcome }
    // Without normalization the loss is no number before a norm is infinite, and is named as the loss.
    let words = arm == "project" ? "the loss is NaN" : "no longer finite"
    #expect(
      outcome?.state == "not finite" && outcome?.reason?.contains(words) == true,
      "\(outcome as Any)")
  }

  @Test("A network whose weights are no numbers ends so, the loss named as the loss")
  func networks() throws {
    for arm in [Arm(.plain), Arm(.norm), Arm(.nap), Arm(.fresh)] {
      var training = try Small.training(arm)
      let parameters = training.learner.parameters
      let outcome = try end(of: &training, parameters, value: .nan, after: 5)
      #expect(outcome?.reason?.hasPrefix("the loss is NaN at update 5") == true)
    }
  }
}
