import Foundation
import Networks
import Plasticity
import Testing

@Suite("A set of methods")
struct InterventionSetTests {
  private struct Box: Codable, Equatable { var methods = InterventionSet() }

  private func text(_ box: Box) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(box), as: UTF8.self)
  }

  @Test("stands in one order, whatever order it was made in")
  func order() throws {
    let one = InterventionSet([L2Regularization(), ReDo(), CReLUMethod()])
    let other = InterventionSet([ReDo(), CReLUMethod(), L2Regularization()])
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
    #expect(one.names == ["crelu", "redo", "l2"])
    #expect(one.hookChain().hooks.map(\.name) == one.names)
  }

  @Test("holds one method of a name, the later one")
  func replaces() {
    var strong = L2Regularization()
    strong.coefficient = 1
    let set = InterventionSet([L2Regularization(), strong])
    #expect(set == InterventionSet([strong]))
    #expect(set != InterventionSet([L2Regularization()]))
  }

  @Test("comes back from its text with every setting", arguments: Lively.names)
  func coding(name: String) throws {
    let box = Box(methods: InterventionSet([Lively.named(name), NoisyUpdates()]))
    let decoded = try JSONDecoder().decode(Box.self, from: Data(text(box).utf8))
    #expect(decoded == box)
  }

  @Test("leaves no trace in a text when it is empty, and is empty where there is none")
  func empty() throws {
    #expect(try text(Box()) == "{}")
    #expect(try JSONDecoder().decode(Box.self, from: Data("{}".utf8)) == Box())
  }

  @Test("refuses a name that is no method's, with the names")
  func unknown() {
    #expect {
      try JSONDecoder().decode(Box.self, from: Data("{\"methods\":{\"redux\":{}}}".utf8))
    } throws: { "\($0)".contains("there is no method 'redux'") && "\($0)".contains("redo") }
  }

  @Test("every method says what it is, and its defaults are valid")
  func descriptions() throws {
    #expect(Set(Interventions.all.map { $0.name }).count == Interventions.all.count)
    for kind in Interventions.all {
      #expect(!kind.summary.isEmpty && !kind.source.isEmpty, "\(kind)")
      try kind.init().validate()
    }
  }

  @Test("two methods that replace the nonlinearity exclude one another, and both are named")
  func incompatible() throws {
    let kinds: [any Intervention] = [LeakyReLUMethod(), CReLUMethod(), FourierFeaturesMethod()]
    for (index, one) in kinds.enumerated() {
      #expect(throws: Never.self) { try InterventionSet([one, ReDo()]).requireCompatible() }
      for other in kinds[(index + 1)...] {
        #expect {
          try InterventionSet([other, L2Regularization(), one]).requireCompatible()
        } throws: { "\($0)".contains("\(one.name) and \(other.name)") }
      }
    }
  }

  @Test("settings that were stored before there were some go on meaning what they meant")
  func earlier() throws {
    func read<M: Intervention>(_ kind: M.Type, _ text: String) throws -> M {
      let json = "{\"methods\":{\"\(M.name)\":\(text)}}"
      let members = try JSONDecoder().decode(Box.self, from: Data(json.utf8)).methods.members
      return try #require(members.first as? M)
    }
    #expect(
      try read(ParsevalRegularization.self, "{\"coefficient\":0.001,\"scale\":2}").scale == 2)
    let wide = try read(CReLUMethod.self, "{\"keepsWidth\":false}")
    #expect(!wide.equalParameters && wide.remark == "twice the inputs")
    let half = try read(FourierFeaturesMethod.self, "{\"keepsWidth\":true}")
    #expect(!half.equalParameters && half.remark == "half the units")
    let cycle = try read(
      LearningRateRewarming.self,
      """
      {"trigger":"cycle","warmUpUpdates":10,"decayUpdates":200,"finalShare":0.01,"drift":0.5,\
      "threshold":5,"smoothing":0.98,"settlingUpdates":50}
      """)
    #expect(cycle.decayUpdates == 200 && cycle.laterPeak == 1 && cycle.stopAfterCycles == 0)
  }

  @Test("methods say what their settings make of the network")
  func remarks() {
    var wide = CReLUMethod()
    wide.equalParameters = false
    #expect(InterventionSet([CReLUMethod(), ReDo()]).remarks == ["crelu with equal parameters"])
    #expect(InterventionSet([wide]).remarks == ["crelu with twice the inputs"])
    #expect(
      InterventionSet([FourierFeaturesMethod()]).remarks
        == ["fourier-features with equal parameters"])
    #expect(InterventionSet([ReDo()]).remarks == [])
  }

  @Test("an invalid setting is named by its key")
  func invalid() {
    var redo = ReDo()
    redo.everyUpdates = 0
    #expect {
      try InterventionSet([redo]).validate()
    } throws: { "\($0)".contains("methods.redo.everyUpdates must be at least 1, but is 0") }
    var trac = TRAC()
    trac.discounts = []
    #expect(throws: ConfigurationError.self) { try trac.validate() }
    var rewarming = LearningRateRewarming()
    rewarming.decayUpdates = 5
    #expect(throws: ConfigurationError.self) { try rewarming.validate() }
    var decay = L2Initial()
    decay.coefficient = -.infinity
    #expect(throws: ConfigurationError.self) { try decay.validate() }
  }
}
