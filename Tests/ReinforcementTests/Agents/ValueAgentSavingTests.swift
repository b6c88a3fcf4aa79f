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

  private func state(_ run: AgentRun<Corridor, OptimizerTrainer>) throws -> State {
    try State(of: run).copied()
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
    try second.restore(state(first))
    let after = try record(&second)
    #expect(after == Array(all.dropFirst(stop)))
    let (end, expected) = (try state(second), try state(whole))
    #expect(end.tensors.map(\.name) == expected.tensors.map(\.name))
    for (name, tensor) in expected.tensors {
      #expect(try end.tensor(name).isIdentical(to: tensor), "\(name)")
    }
    #expect(end.values == expected.values)
  }

  @Test("What does not fit is refused, and nothing changes")
  func refusals() throws {
    let configuration = corridorConfiguration(.rainbow)
    var run = AgentRun(try makeAgent(configuration), in: Corridor(), end: 150)
    while try run.next() != nil {}
    let saved = try state(run)
    run.end = 160
    while try run.next() != nil {}
    let own = try state(run)

    func expectRefused(
      _ what: String, _ change: (inout State) -> Void
    ) throws {
      var changed = saved
      change(&changed)
      #expect(throws: (any Error).self, "\(what)") { try run.restore(changed) }
      let after = try state(run)
      #expect(after.values == own.values, "\(what)")
      for (name, tensor) in after.tensors {
        #expect(try own.tensor(name).isIdentical(to: tensor), "\(what): \(name)")
      }
    }
    for name in saved.tensors.map(\.name) {
      try expectRefused(name) { $0.tensors.removeAll { $0.name == name } }
    }
    for name in saved.values.keys { try expectRefused(name) { $0.values[name] = nil } }
    try expectRefused("no JSON") { $0.values["agent"] = "{" }
    try expectRefused("another stack") { state in
      state.tensors = state.tensors.map {
        $0.name == "agent.stack" ? ($0.name, Tensor.ones([1, 5])) : $0
      }
    }
    var other = configuration
    other.batchSize = 16
    let foreign = try State(of: makeAgent(other))
    try expectRefused("another configuration") { $0.values["agent"] = foreign.values["agent"] }
    try run.restore(saved)
    #expect(try state(run).values == saved.values)
  }
}
