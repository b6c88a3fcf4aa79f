import Environments
import Networks
import Reinforcement
import Testing
import Torch

@Suite("A run goes on bit for bit")
struct ValueAgentSavingTests {
  private func record(_ run: inout AgentRun<Corridor, OptimizerTrainer>) throws -> [String] {
    var lines: [String] = []
    while let event = try run.next() {
      let losses = event.updates.map { "\($0.loss) \($0.network.learningRate)" }
      lines.append("\(event.steps) \(losses) \(event.episode?.rawReturn ?? -1)")
    }
    return lines
  }

  private func tensors(_ run: AgentRun<Corridor, OptimizerTrainer>) throws -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: try run.savedTensors().map { ($0.name, $0.tensor.cloned()) })
  }

  @Test(
    "N + M steps are N steps, a stop, and M steps", arguments: ["dqn", "iqn", "rainbow"],
    [false, true])
  func resumes(_ name: String, overlaps: Bool) throws {
    let preset = try #require(ValueAgentConfiguration.presets.first { $0.name == name })
    var configuration = corridorConfiguration(preset.configuration)
    configuration.overlapsLearning = overlaps
    func make(_ seed: UInt64, end: AgentSteps) throws -> AgentRun<Corridor, OptimizerTrainer> {
      AgentRun(try makeAgent(configuration, seed: seed), in: Corridor(), end: end)
    }
    var whole = try make(1, end: 400)
    let all = try record(&whole)
    // Overlapping, nothing is in progress at a round's end alone.
    let stop = overlaps ? 204 : 203
    var first = try make(1, end: AgentSteps(stop))
    let before = try record(&first)
    #expect(before == Array(all.prefix(stop)))
    var second = try make(2, end: 400)
    second.agent.replay = first.agent.replay
    try second.restore(tensors: try tensors(first), values: try first.savedValues())
    let after = try record(&second)
    #expect(after == Array(all.dropFirst(stop)))
    let (end, expected) = (try tensors(second), try tensors(whole))
    #expect(Set(end.keys) == Set(expected.keys))
    for (name, tensor) in expected {
      #expect(end[name]?.isIdentical(to: tensor) == true, "\(name)")
    }
    #expect(try second.savedValues() == whole.savedValues())
  }

  @Test("What does not fit is refused, and nothing changes")
  func refusals() throws {
    let configuration = corridorConfiguration(.rainbow)
    var run = AgentRun(try makeAgent(configuration), in: Corridor(), end: 150)
    while try run.next() != nil {}
    let (saved, values) = (try tensors(run), try run.savedValues())
    run.end = 160
    while try run.next() != nil {}
    let (own, ownValues) = (try tensors(run), try run.savedValues())

    func expectRefused(
      _ what: String, _ change: (inout [String: Tensor], inout [String: String]) -> Void
    ) throws {
      var (tensors, texts) = (saved, values)
      change(&tensors, &texts)
      #expect(throws: (any Error).self, "\(what)") {
        try run.restore(tensors: tensors, values: texts)
      }
      #expect(try run.savedValues() == ownValues, "\(what)")
      for (name, tensor) in try self.tensors(run) {
        #expect(own[name]?.isIdentical(to: tensor) == true, "\(what): \(name)")
      }
    }
    for name in saved.keys.sorted() {
      try expectRefused(name) { tensors, _ in tensors[name] = nil }
    }
    for name in values.keys { try expectRefused(name) { _, values in values[name] = nil } }
    try expectRefused("no JSON") { _, values in values["agent"] = "{" }
    try expectRefused("another stack") { tensors, _ in tensors["stack"] = Tensor.ones([1, 5]) }
    var other = configuration
    other.batchSize = 16
    let foreign = try makeAgent(other).savedValues()
    try expectRefused("another configuration") { _, values in values["agent"] = foreign["agent"] }
    try run.restore(tensors: saved, values: values)
    #expect(try run.savedValues() == values)
  }
}
