import Datasets
import Foundation
import Networks
import Plasticity
import Reinforcement
import Testing
import Torch
import Training

@testable import Experiments

/// Settings of methods that are words or nothing, and what a run tells its methods.
@Suite struct MethodSettingTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `Parseval's scale and the tortoise's memory are set, and set back`() throws {
    func set(_ text: String, on configuration: ContinualConfiguration) throws
      -> ContinualConfiguration
    {
      try [ConfigurationOverride(parsing: text)].applied(to: configuration)
    }
    func parseval(_ configuration: ContinualConfiguration) -> ParsevalRegularization.Scale? {
      configuration.methods.members.compactMap { $0 as? ParsevalRegularization }.first?.scale
    }
    func memory(_ configuration: ContinualConfiguration) -> Double? {
      configuration.methods.members.compactMap { $0 as? HareTortoise }.first?.memory
    }
    let start = try RandomLabels.configuration(
      RandomLabels.presets[0].configuration, arm: "nap/parseval+hare-tortoise")
    #expect(parseval(start) == .initial && memory(start) == nil)
    let fixed = try set("methods.parseval.scale=2", on: start)
    #expect(parseval(fixed) == 2)
    #expect(try fixed.validated().contains { $0.contains("parseval") })
    #expect(try parseval(set("methods.parseval.scale=initial", on: fixed)) == .initial)
    #expect(
      message { _ = try set("methods.parseval.scale=first", on: start) }
        .contains("expected initial or a number"))
    let slow = try set("methods.hare-tortoise.memory=0.99", on: start)
    #expect(memory(slow) == 0.99)
    #expect(try memory(set("methods.hare-tortoise.memory=null", on: slow)) == nil)
  }

  /// The learning rate's factors of a run's methods over so many updates.
  private func factors(_ learner: Learner, _ count: Int) -> [Double] {
    (0..<count).map { learner.hooks.learningRateFactor(at: $0) }
  }

  @Test func `a run tells its methods how long its tasks are, and rewarming takes 7 tenths of it`()
    throws
  {
    func learner(_ change: (inout ContinualConfiguration) -> Void) throws -> Learner {
      var base = RandomLabels.presets[0].configuration
      base.data = TaskDataConfiguration(source: .procedural, imageCount: 40, size: 8)
      base.network = .mlp([8])
      base.batchSize = 10
      change(&base)
      return try RandomLabels.start(
        RandomLabels.configuration(base, arm: "nap/rewarm"), seed: 0, device: .cpu
      ).learner
    }
    func expectPeriod(_ period: Int, _ learner: Learner) {
      let factors = factors(learner, 2 * period)
      #expect(Array(factors.prefix(period)) == Array(factors.suffix(period)))
      #expect(Set(factors.prefix(period / 2)).count > 1)
      #expect(factors[period] < factors[period / 5] && factors[period - 1] < 0.5)
    }
    expectPeriod(70, try learner { $0.updatesPerTask = 100 })
    // Five passes over 40 examples in tens are twenty updates.
    expectPeriod(14, try learner { $0.stream.epochsPerTask = 5 })
    let base = try Control.preset("cartpole").configuration
    let agent = try Control.start(
      Control.configuration(base, arm: "nap/rewarm"), seed: 0, device: .cpu)
    expectPeriod(Schedule.taskBlindPeriod(ofTask: base.updatesPerVisit), agent.agent.trainer)
  }
}
