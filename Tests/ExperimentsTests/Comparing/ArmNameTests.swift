import Foundation
import Networks
import NormalizeAndProject
import RunStore
import Testing

@testable import Experiments

@Suite("An arm may have settings of its own, as part of its name")
struct ArmNameTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  private let base = RandomLabels.presets[0].configuration

  @Test("A name reads back, its settings in the order of their keys")
  func names() throws {
    for text in [
      "nap", "nap+restart/redo+l2", "nap[nap.scaleAndOffset=free]",
      "norm/l2[methods.l2.coefficient=1e-4,network.hidden=64,64]",
    ] {
      #expect(try ArmName(parsing: text).description == text)
    }
    let name = try ArmName(parsing: "nap[tasks=5, network.hidden=64,32 ,batchSize=8]")
    #expect(name.arm == "nap")
    #expect(name.settings.map(\.key) == ["batchSize", "network.hidden", "tasks"])
    #expect(name.settings[1].value == "64,32 ")
    let canonical = try RandomLabels.name(
      ofArm: "nap/l2[tasks=5,batchSize=8]", methods: ["redo"])
    #expect(canonical == "nap/redo+l2[batchSize=8,tasks=5]")
    #expect(ArmName.list("nap,norm[network.hidden=6,6,tasks=2],,fresh").count == 3)
  }

  @Test("What cannot be read is refused with what was expected")
  func refusals() throws {
    for (text, part) in [
      ("nap[tasks=5", "no ] at the end"), ("nap[tasks]", "without an ="), ("nap[]", "without an ="),
      ("nap[=5]", "expected key=value"), ("nap[tasks=5,tasks=6]", "set twice"),
    ] {
      #expect(message { _ = try ArmName(parsing: text) }.contains(part), "\(text)")
    }
    #expect(
      message { _ = try RandomLabels.name(ofArm: "napp[tasks=5]") }.contains("did you mean nap"))
    #expect(
      message {
        _ = try ComparisonPlan.configuration(RandomLabels.self, base, arm: "nap[taks=5]")
      }.contains("did you mean tasks"))
  }

  @Test("Settings are in the arm's configuration, whoever makes it; what is derived follows them")
  func configurations() throws {
    let text = "norm[nap.scaleAndOffset=jointProjection,updatesPerTask=40]"
    let planned = try ComparisonPlan.configuration(RandomLabels.self, base, arm: text)
    #expect(planned.nap.scaleAndOffset == .jointProjection && planned.updatesPerTask == 40)
    #expect(planned.nap.projection.roles.isEmpty)
    let trained = try [ConfigurationOverride]().configuration(
      of: RandomLabels.self, from: base, arm: text)
    #expect(trained == planned)
    let restarted = try ComparisonPlan.configuration(
      RandomLabels.self, base, arm: "nap+restart[updatesPerTask=40]")
    #expect(restarted.schedule.curve[Schedule.Decay.self]?.decayUpdates == 40)
    let rated = try ComparisonPlan.configuration(
      RandomLabels.self, base, arm: "nap[optimizer.learningRate=0.5]")
    #expect(rated.optimizer.learningRate == 0.5)
    let word = try ComparisonPlan.configuration(
      RandomLabels.self, base, arm: "nap[network=cnn]")
    #expect(word.network.kind == .cnn)
  }

  @Test(
    "An entry's own settings count above those of the arm's name, these above what is set for all")
  func precedence() throws {
    let text = "nap/l2[methods.l2.coefficient=0.5,tasks=7]"
    let configuration = try ComparisonPlan.configuration(
      RandomLabels.self, base, arm: text, overrides: ["tasks": "9"])
    #expect(configuration.tasks == 9)
    let trained = try [
      ConfigurationOverride(key: "tasks", value: "11"),
      ConfigurationOverride(key: "batchSize", value: "13"),
    ].configuration(of: RandomLabels.self, from: base, arm: text)
    #expect(trained.tasks == 7 && trained.batchSize == 13)
    let settings = MethodSettings([
      ConfigurationOverride(key: "methods.l2.coefficient", value: "0.25")
    ])
    let byArm = try settings.byArm([text, "nap/l2"], RandomLabels.self, base)
    #expect(byArm[text] == nil && byArm["nap/l2"]?.count == 1)
  }

  @Test("A description has the settings beside the arm's own words")
  func descriptions() throws {
    let own = try RandomLabels.description(ofArmNamed: "nap/redo[nap.scaleAndOffset=free]")
    #expect(own.name == "nap/redo[nap.scaleAndOffset=free]" && own.base == "nap")
    #expect(own.methods == ["redo", "nap.scaleAndOffset=free"])
    #expect(own.summary.hasSuffix(", with nap.scaleAndOffset=free"))
    #expect(
      try RandomLabels.description(ofArmNamed: "nap") == RandomLabels.description(ofArm: "nap"))
  }

  @Test("Every treatment of scale and offset can stand beside the others, norm's as given")
  func scaleAndOffset() throws {
    for (text, expected) in [
      ("none", ScaleAndOffset.none), ("free", .free), ("jointProjection", .jointProjection),
      ("decay:0.01", .decay(rate: 0.01)),
    ] {
      let arm = "nap[nap.scaleAndOffset=\(text)]"
      let configuration = try ComparisonPlan.configuration(RandomLabels.self, base, arm: arm)
      #expect(configuration.nap.scaleAndOffset == expected, "\(arm)")
      // In a base, the norm arm leaves free what nap projects, and learns nothing where nap's decay.
      let common = try [ConfigurationOverride(key: "nap.scaleAndOffset", value: text)].applied(
        to: base)
      let norm = try ComparisonPlan.configuration(RandomLabels.self, common, arm: "norm")
      let isLearned = [.free, .jointProjection].contains(expected)
      #expect(norm.nap.scaleAndOffset == (isLearned ? .free : .none), "\(arm)")
      // Asked for, it holds for every arm.
      let asked = try ComparisonPlan.configuration(
        RandomLabels.self, base, arm: "norm[nap.scaleAndOffset=\(text)]")
      #expect(asked.nap.scaleAndOffset == expected, "\(arm)")
    }
  }
}
