import Environments
import Networks
import NormalizeAndProject
import Reinforcement
import RunStore
import Testing
import Torch
import Training

@testable import Experiments

@Suite("Agents are measured, and switched between environments")
struct AgentMeasuringTests {
  private func measured(_ configuration: AgentRunConfiguration) throws -> [MetricValue] {
    var training = try AgentTraining(configuration, seed: 3, device: .cpu)
    var values: [MetricValue] = []
    while let event = try training.next() { values += event.measurements }
    return values
  }

  @Test("Evaluations come when they are due, with return and score, and change nothing else")
  func evaluation() throws {
    var configuration = try AgentTrainingTests.tiny()
    let without = try measured(configuration)
    configuration.recording.evaluateEveryRounds = 50
    configuration.recording.evaluationEpisodes = 2
    configuration.environments.scales = Array(
      repeating: ScoreScale(random: 1, reference: 3), count: 3)
    let with = try measured(configuration)
    let own: Set<Metric> = [.evaluationReturn, .evaluationScore]
    let scored: Set<Metric> = own.union([.visitScore])
    #expect(
      with.filter { !scored.contains($0.metric) } == without.filter { !scored.contains($0.metric) })
    #expect(!without.contains { own.contains($0.metric) })
    let returns = with.filter { $0.metric == .evaluationReturn }
    let scores = with.filter { $0.metric == .evaluationScore }
    #expect(returns.map(\.updates) == [50, 100, 150, 200, 250, 300, 350])
    #expect(returns.map(\.task) == [0, 1, 2, 3, 4, 4, 5])
    #expect(scores.map(\.value) == returns.map { ($0.value - 1) / 2 })
  }

  @Test(
    "An evaluation ends where its frames do; without a limit of episodes it plays as many as they allow"
  )
  func evaluationFrames() throws {
    func evaluated(_ episodes: Int, _ frames: Frames?) throws -> [Double] {
      var configuration = try AgentTrainingTests.tiny("plain")
      configuration.environments.gridworld.stepLimit = 10
      configuration.recording.evaluateEveryRounds = 60
      configuration.recording.evaluationEpisodes = episodes
      configuration.recording.evaluationFrames = frames
      return try measured(configuration).filter { $0.metric == .evaluationReturn }.map(\.value)
    }
    // An episode has at most 10 steps. One alone, however many frames: the same as by number.
    let one = try evaluated(1, nil)
    #expect(one.count == 6)
    #expect(try evaluated(1, 200) == one)
    #expect(try evaluated(0, 200) == evaluated(200, 200))
    #expect(try evaluated(0, 200) != one)
    // A step that finds no goal costs 0.01: a first episode that is cut counts as far as it came.
    #expect(try evaluated(1, 1).allSatisfy { [-0.01, 0.99, 1].contains($0) })
    #expect(try evaluated(0, 1) == evaluated(1, 1))
    // What is cut after a whole one is left out: where the first takes all ten steps, eleven frames are those ten.
    let eleven = try evaluated(0, 11)
    let long = one.indices.filter { one[$0] < 0 }
    #expect(!long.isEmpty)
    for index in long { #expect(eleven[index] == one[index]) }
    var configuration = try AgentTrainingTests.tiny()
    configuration.recording.evaluateEveryRounds = 60
    configuration.recording.evaluationEpisodes = 0
    #expect { _ = try configuration.validated() } throws: {
      "\($0)".contains("recording.evaluationEpisodes: expected at least 1")
    }
    configuration.recording.evaluationFrames = 10
    _ = try configuration.validated()
  }

  /// The run's tensors by name, after a number of rounds.
  private func tensors(
    _ rounds: Int, _ change: (inout AgentRunConfiguration) -> Void = { _ in }
  ) throws -> (AgentTraining, [String: Tensor]) {
    var configuration = try AgentTrainingTests.tiny("plain")
    change(&configuration)
    var training = try AgentTraining(configuration, seed: 3, device: .cpu)
    for _ in 0..<rounds { _ = try training.next() }
    let saved = try training.snapshot().tensors
    return (training, Dictionary(uniqueKeysWithValues: saved.map { ($0.name, $0.tensor.cloned()) }))
  }

  @Test("At a switch optimizer and replay stay, unless they are told to be cleared")
  func boundary() throws {
    // Round 60 is the last of the first visit: nothing differs before the switch.
    let (_, before) = try tensors(60)
    let (kept, _) = try tensors(61)
    let (cleared, _) = try tensors(61) { $0.boundary.clearsReplay = true }
    #expect(try #require(kept.agent.memory).count > 100)
    #expect(try #require(cleared.agent.memory).count <= 2)
    let (_, own) = try tensors(60) { $0.boundary.clearsOptimizer = true }
    for (name, tensor) in before {
      let other = try #require(own[name])
      #expect(other.equal(to: tensor).all().item == 1, "\(name)")
    }
    // One update after the switch: Adam without a past moves every weight by about the whole rate.
    func moved(_ clears: Bool) throws -> Double {
      let (training, after) = try tensors(61) { $0.boundary.clearsOptimizer = clears }
      let names = Set(training.agent.trainer.parameters.map(\.name))
      var (sum, count) = (0.0, 0.0)
      for (name, tensor) in after {
        guard let own = names.first(where: { name.hasSuffix($0) && !name.contains("target") }),
          !own.isEmpty, let earlier = before[name], tensor.dtype == .float32,
          earlier.shape == tensor.shape, !name.contains("moment")
        else { continue }
        sum += (tensor - earlier).absolute().sum().item
        count += Double(tensor.elementCount)
      }
      return sum / max(count, 1)
    }
    let (continued, anew) = try (moved(false), moved(true))
    #expect(continued > 0 && anew > 1.5 * continued, "\(continued) and \(anew)")
  }

  @Test(
    "Figure 4's arms: decay shrinks the plain agent's weights; a projection every n updates waits for its turn"
  )
  func figure4() throws {
    func norms(_ arm: String, _ change: (inout AgentRunConfiguration) -> Void) throws -> [Double] {
      var configuration = try AgentTrainingTests.tiny(arm)
      configuration.recording.everyRounds = 1
      change(&configuration)
      return try measured(configuration).filter {
        $0.metric == .parameterNorm && $0.scope == "dense0.weight"
      }.map(\.value)
    }
    let plain = try norms("plain") { _ in }
    let decayed = try norms("plain") {
      $0.agent.optimizer.rule[OptimizerConfiguration.AdamSettings.self]?.weightDecay = 10
    }
    #expect(plain.count > 200 && decayed.count == plain.count)
    #expect(try #require(decayed.last) < 0.8 * #require(plain.last))
    let every = try norms("nap") { $0.nap.projection.every = 50 }
    let first = try #require(try norms("nap") { _ in }.first)
    let kept = every.indices.filter { abs(every[$0] - first) < 1e-5 }
    // Update 50, 100, …: the norm is the first one's there, and nearly nowhere else.
    #expect(kept.contains(49) && kept.contains(99) && kept.contains(149))
    #expect(kept.count < every.count / 5)
  }
}
