import Networks
import NormalizeAndProject
import RunStore
import Testing
import Texts
import Training

@testable import Experiments

@Suite struct ArmTests {
  @Test func `every arm's name reads back as the arm`() throws {
    #expect(Set(Arm.all.map(\.description)).count == Arm.all.count)
    for arm in Arm.all { #expect(try Arm(arm.description) == arm) }
  }

  @Test func `an unknown arm lists the nearest`() {
    #expect {
      try Arm("nap+restrat")
    } throws: { "\($0)".contains("did you mean nap+restart") }
  }

  @Test func `arms that use the boundary say so`() throws {
    let knowing = Arm.all.filter(\.knowsBoundaries).map(\.description)
    #expect(
      Set(knowing) == [
        "fresh", "fresh-norm", "plain+restart", "norm+restart", "project+restart", "nap+restart",
      ])
  }

  @Test func `methods switch on the parts they are named after`() {
    let base = RandomLabels.presets[0].configuration
    func parts(_ method: Arm.Method) -> (norm: Bool, project: Bool, fresh: Bool) {
      let made = base.applying(Arm(method))
      return (
        made.nap.normalization.kind != .none, !made.nap.projection.roles.isEmpty, made.isFresh
      )
    }
    #expect(parts(.plain) == (false, false, false))
    #expect(parts(.norm) == (true, false, false))
    #expect(parts(.project) == (false, true, false))
    #expect(parts(.nap) == (true, true, false))
    #expect(parts(.fresh) == (false, false, true))
    #expect(parts(.freshNorm) == (true, false, true))
  }

  @Test func `random labels: scales that decay are learned under the projection alone`() throws {
    for preset in RandomLabels.presets {
      for arm in Arm.all {
        let made = try RandomLabels.configuration(preset.configuration, arm: arm.description)
        let decays = arm.method == .nap && preset.configuration.network.kind == .mlp
        #expect(
          made.nap.scaleAndOffset == (decays ? .decay(rate: 0.1) : .none),
          "\(preset.name) \(arm.description)")
      }
    }
  }

  @Test
  func `the store tells both arms that start anew apart by what configurations are written as`()
    throws
  {
    let base = RandomLabels.presets[0].configuration
    let agent = try AgentTrainingTests.tiny("nap")
    for method in [Arm.Method.fresh, .freshNorm] {
      for text in [
        try JSONText.encode(base.applying(Arm(method))),
        try JSONText.encode(agent.applying(AgentArm(method))),
      ] { #expect(FreshArm.name("fresh", ofRun: text) == method.rawValue) }
    }
    #expect(FreshArm.name("fresh", ofRun: try JSONText.encode(base)) == "fresh")
  }

  @Test func `the reference is the normalized network anew, and the claims of figure 1 are of it`()
  {
    #expect(
      RandomLabels.referenceArm == "fresh-norm" && RandomLabels.otherReferenceArms == ["fresh"])
    #expect(
      RandomLabels.hypotheses.filter { $0.other.hasPrefix("fresh") }.map(\.other) == ["fresh-norm"])
    #expect(
      WarmStart.hypotheses.map { "\($0.arm) \($0.other)" } == ["fresh plain", "nap fresh-norm"])
  }

  @Test func `an arm with the projection has a counterpart without, baselines and schedule alike`()
  {
    for (arm, other) in [
      ("nap", "norm"), ("project", "plain"), ("nap+restart/redo+l2", "norm+restart/redo+l2"),
      ("norm", nil), ("fresh", nil), ("fresh-norm", nil), ("nonsense", nil),
    ] {
      #expect(RandomLabels.withoutProjection(arm) == other, "\(arm)")
      #expect(Control.withoutProjection(arm) == other, "\(arm)")
    }
    #expect(Control.withoutProjection("nap+linear") == "norm+linear")
    #expect(DeadUnitRecovery.withoutProjection("sgd+nap") == "sgd+layer")
    #expect(DeadUnitRecovery.withoutProjection("sgd+layer") == nil)
    #expect(Rescaling.withoutProjection("projection") == "none")
  }

  @Test func `every preset that has an arm with the projection has the same without`() throws {
    func check<R: Recipe>(_ recipe: R.Type) {
      for preset in R.presets {
        for arm in preset.arms {
          guard let base = try? R.description(ofArm: arm).base,
            let other = R.withoutProjection(base)
          else { continue }
          #expect(preset.arms.contains(other), "\(R.name) \(preset.name): \(arm) without \(other)")
        }
      }
    }
    for recipe in Recipes.all { check(recipe) }
  }

  @Test func `a restarted schedule ends each task low and a cyclic one takes no notice of tasks`() {
    let base = RandomLabels.presets[0].configuration
    let rate = base.optimizer.learningRate
    let steps = base.updatesPerTask
    let restart = base.applying(Arm(.nap, .restart)).schedule
    let cyclic = base.applying(Arm(.nap, .cyclic)).schedule
    for task in 0..<3 {
      #expect(
        restart.rate(update: task * steps + steps - 1, updateInTask: steps - 1, base: rate)
          < 0.05 * rate)
      #expect(
        restart.rate(update: task * steps + steps / 20, updateInTask: steps / 20, base: rate)
          == rate)
    }
    for update in 0..<(3 * steps) {
      let blind = (0..<2).map { cyclic.rate(update: update, updateInTask: $0 * 40, base: rate) }
      #expect(blind[0] == blind[1])
    }
    #expect(Schedule.taskBlindPeriod(ofTask: steps) % steps != 0)
  }

  @Test func `settings out of range name the key`() throws {
    for (change, key) in [
      ("tasks=0", "tasks"), ("stream.relabeledShare=0", "stream.relabeledShare"),
      ("stream.relabeledShare=1.5", "stream.relabeledShare"), ("batchSize=0", "batchSize"),
      ("optimizer.learningRate=-1", "optimizer.learningRate"),
      ("recording.probeCount=0", "recording.probeCount"),
    ] {
      let configuration = try [ConfigurationOverride(parsing: change)]
        .applied(to: RandomLabels.presets[0].configuration)
      #expect {
        try RandomLabels.validate(configuration)
      } throws: { "\($0)".contains(key) }
    }
  }

  @Test func `weight decay on projected weights is warned of and allowed`() throws {
    let decayed = try [ConfigurationOverride(key: "optimizer.weightDecay", value: "0.01")]
      .applied(to: RandomLabels.presets[0].configuration)
    #expect(try RandomLabels.validate(decayed.applying(Arm(.nap))).count == 1)
    #expect(try RandomLabels.validate(decayed.applying(Arm(.norm))).isEmpty)
  }

  @Test func `every preset is valid in every arm`() throws {
    for preset in RandomLabels.presets {
      for arm in Arm.all {
        #expect(throws: Never.self) {
          try RandomLabels.validate(
            RandomLabels.configuration(preset.configuration, arm: arm.description))
        }
      }
      for arm in preset.arms { _ = try Arm(arm) }
    }
  }
}
