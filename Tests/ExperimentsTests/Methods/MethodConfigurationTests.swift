import Datasets
import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Testing
import Texts
import Training

@testable import Experiments

@Suite struct MethodConfigurationTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `an arm with methods has one name, whatever order they are given in`() throws {
    let one = try RandomLabels.arm("nap+restart", methods: ["l2", "redo"])
    #expect(one == "nap+restart/redo+l2")
    #expect(try RandomLabels.arm("nap+restart", methods: ["redo", "l2"]) == one)
    #expect(try RandomLabels.arm("nap+restart/l2", methods: ["redo"]) == one)
    #expect(try Arm(one).description == one)
    #expect(try RandomLabels.arm("nap", methods: []) == "nap")
    #expect(try RandomLabels.arm("nap/none", methods: []) == "nap")
  }

  @Test func `an unknown method is refused with the nearest`() {
    #expect(
      message { _ = try Arm("nap/redos") }.contains("there is no method 'redos'; did you mean redo")
    )
    #expect(message { _ = try Arm("napp/redo") }.contains("did you mean nap"))
    #expect(
      message { _ = try MethodNames.parse("", separator: ",") }.contains("there is no method"))
  }

  @Test func `an arm that uses the boundary through a method says so`() throws {
    #expect(try RandomLabels.description(ofArm: "nap/reset-head").knowsBoundaries)
    #expect(try !RandomLabels.description(ofArm: "nap/redo+l2").knowsBoundaries)
    let description = try RandomLabels.description(ofArm: "norm+cyclic/redo")
    #expect(description.base == "norm+cyclic")
    #expect(description.summary.contains("with redo"))
  }

  @Test func `an arm's methods are in its configuration, where settings reach them`() throws {
    let base = RandomLabels.presets[0].configuration
    let configuration = try RandomLabels.configuration(base, arm: "nap/l2+redo")
    #expect(configuration.methods.names == ["redo", "l2"])
    func set(_ text: String) throws -> ContinualConfiguration {
      try [ConfigurationOverride(parsing: text)].applied(to: configuration)
    }
    let changed = try set("methods.l2.coefficient=0.25")
    #expect((changed.methods.members[1] as? L2Regularization)?.coefficient == 0.25)
    #expect(
      message { _ = try set("methods.l2.coeficient=1") }.contains(
        "did you mean methods.l2.coefficient"))
    #expect(
      message { _ = try set("methods.redo.everyUpdates=soon") }.contains("expected a whole number"))
    #expect(message { _ = try set("methods.crelu.keepsWidth=true") }.contains("there is no key"))
    let invalid = try set("methods.redo.everyUpdates=0")
    #expect(
      message { _ = try invalid.validated() }.contains(
        "methods.redo.everyUpdates must be at least 1"))
  }

  @Test func `settings of a base configuration are kept when an arm names the method too`() throws {
    var base = RandomLabels.presets[0].configuration
    var l2 = L2Regularization()
    l2.coefficient = 7
    base.methods = InterventionSet([l2])
    let configuration = try RandomLabels.configuration(base, arm: "nap/l2+redo")
    #expect((configuration.methods.members[1] as? L2Regularization)?.coefficient == 7)
  }

  @Test func `a configuration stored before there were methods decodes, and its text is the same`()
    throws
  {
    let base = RandomLabels.presets[0].configuration
    let text = try JSONText.encode(base)
    #expect(!text.contains("methods"))
    #expect(try JSONText.decode(ContinualConfiguration.self, from: text) == base)
    let with = try RandomLabels.configuration(base, arm: "nap/redo")
    let back = try JSONText.decode(
      ContinualConfiguration.self, from: JSONText.encode(with))
    #expect(back == with && back.methods.names == ["redo"])
  }

  @Test func `settings of methods go to the arms that have the method, and else are refused`()
    throws
  {
    let base = RandomLabels.presets[0].configuration
    let settings = MethodSettings([
      ConfigurationOverride(key: "methods.l2.coefficient", value: "0.5")
    ])
    let byArm = try settings.byArm(["nap", "nap/l2", "norm/l2+redo"], RandomLabels.self, base)
    #expect(byArm["nap"] == nil)
    #expect(byArm["nap/l2"] == ["methods.l2.coefficient": "0.5"])
    #expect(byArm["norm/redo+l2"] == nil && byArm["norm/l2+redo"] != nil)
    #expect(
      message { _ = try settings.byArm(["nap", "plain"], RandomLabels.self, base) }
        .contains("no arm has the method 'l2'"))
    let wrong = MethodSettings([ConfigurationOverride(key: "methods.l2.rate", value: "1")])
    #expect(
      message { _ = try wrong.byArm(["nap/l2"], RandomLabels.self, base) }
        .contains("there is no key 'methods.l2.rate'"))
  }

  @Test func `a sweep's entries keep the settings of the arm beside the one it tunes`() throws {
    let entries = ComparisonPlan.sweepEntries(
      arms: ["nap", "nap/l2"], grid: try SweepGrid(parsing: ["optimizer.learningRate=1,2"]),
      seeds: [ComparisonPlan.firstTuningSeed],
      overrides: ["nap/l2": ["methods.l2.coefficient": "0.5"]])
    #expect(entries.map(\.overrides.count) == [1, 1, 2, 2])
    #expect(entries[3].overrides["optimizer.learningRate"] == "2")
  }

  private func warnings(_ arm: String) throws -> [String] {
    try RandomLabels.configuration(RandomLabels.presets[0].configuration, arm: arm).validated()
  }

  @Test func `redundant combinations are warned of, and others are not`() throws {
    for method in ["l2", "weight-decay", "shrink-perturb", "weight-norm"] {
      #expect(try warnings("nap/\(method)").contains { $0.contains(method) }, "\(method)")
      #expect(try warnings("norm/\(method)").isEmpty, "\(method)")
    }
    #expect(try warnings("nap/redo+l2-initial+clip-norm").isEmpty)
    // To its own initial norm Parseval pulls beside the projection, to another one against it.
    #expect(try warnings("nap/parseval").isEmpty)
    #expect(try warnings("nap/scale-decay").contains { $0.contains("nap.scaleAndOffset=free") })
    #expect(try warnings("plain/spectral-norm+weight-norm").contains { $0.contains("constrain") })
  }

  @Test func `every method is described with its settings`() {
    #expect(MethodDescription.all.count == Interventions.all.count)
    let redo = MethodDescription.all.first { $0.name == "redo" }
    #expect(
      redo?.settings.map { "\($0.key)=\($0.value)" } == [
        "methods.redo.everyUpdates=100", "methods.redo.threshold=0.025",
      ])
  }
}
