import Environments
import Foundation
import Reinforcement
import RunStore
import TestSupport
import Testing
import Torch
import Training

@testable import Experiments

@Suite("An agent plays from its checkpoint")
struct AgentPlayerTests {
  /// A run of some rounds that was stopped, and its checkpoint.
  private static func checkpoint(_ folder: URL, rounds: Int, arm: String = "nap") throws -> (
    URL, AgentTraining
  ) {
    let store = try Store.open(at: folder)
    var session = try TrainingSession<Control>(
      .init(
        preset: "gridworld", arm: arm, configuration: AgentTrainingTests.tiny(arm), seed: 3,
        device: .cpu), store: store)
    for _ in 0..<rounds { _ = try session.next() }
    try session.interrupt()
    return (session.checkpointURL, session.training)
  }

  @Test("It plays what the run's own evaluation plays, without the replay, and shows every moment")
  func plays() throws {
    try withTemporaryFolder { folder in
      let (url, training) = try Self.checkpoint(folder, rounds: 100)
      try FileManager.default.removeItem(
        at: url.deletingLastPathComponent().appendingPathComponent("replay"))
      let player = try AgentPlayer(checkpoint: url)
      #expect(player.place == 1 && player.environments.count == 3)
      var (starts, steps) = (0, 0)
      var images: Set<RenderedImage> = []
      let episodes = try player.play(place: 2, episodes: 4, seed: 7) { moment in
        if moment.step == nil { starts += 1 } else { steps += 1 }
        images.insert(moment.image)
      }
      #expect(episodes.count == 4 && starts == 4)
      #expect(steps == episodes.reduce(0) { $0 + $1.steps.count })
      #expect(images.count > 4)

      let root = SeededGenerator(seed: 7).split("play")
      var world = try training.configuration.environments.environment(
        visit: 2, seed: root.split("world").firstWord)
      let same = try training.agent.evaluate(
        in: &world, episodes: 4, seed: root.split("agent").firstWord)
      #expect(same == episodes)
      var others: Set<RenderedImage> = []
      _ = try player.play(place: 2, episodes: 4, seed: 8) { others.insert($0.image) }
      #expect(others != images)
    }
  }

  @Test("The last episode is cut where frames run out, and is there all the same")
  func limit() throws {
    try withTemporaryFolder { folder in
      let player = try AgentPlayer(checkpoint: Self.checkpoint(folder, rounds: 5).0)
      let episodes = try player.play(place: 0, episodes: 1_000, frames: 3, seed: 0) { _ in }
      #expect(episodes.reduce(0) { $0 + $1.frames.count } == 3)
      let more = try player.play(place: 0, episodes: 1_000, frames: 215, seed: 0) { _ in }
      #expect(more.count > 1 && more.dropLast().allSatisfy { $0.end != nil })
      #expect(more.reduce(0) { $0 + $1.frames.count } == 215)
    }
  }

  @Test("Environments are named by number or name; another is refused with those there are")
  func places() throws {
    try withTemporaryFolder { folder in
      let player = try AgentPlayer(checkpoint: Self.checkpoint(folder, rounds: 70).0)
      #expect(try player.place(of: "2") == 2)
      #expect(try player.place(of: "GridWorld") == 0)
      #expect { try player.place(of: "3") } throws: { "\($0)".contains("2 gridworld") }
      #expect { try player.place(of: "pong") } throws: { "\($0)".contains("0 gridworld") }
    }
  }

  @Test(
    "A checkpoint of another recipe, and an agent that does not fit its own settings, are refused by path"
  )
  func refusals() throws {
    try withTemporaryFolder { folder in
      let (url, _) = try Self.checkpoint(folder, rounds: 60)
      var checkpoint = try Checkpoint(reading: url)
      let altered = folder.appendingPathComponent("altered.safetensors")
      checkpoint.identity.recipe = RandomLabels.name
      try checkpoint.write(to: altered)
      #expect { try AgentPlayer(checkpoint: altered) } throws: {
        "\($0)".contains(altered.path) && "\($0)".contains("control, atari, sequential-atari")
      }
      // An agent of five actions.
      checkpoint = try Checkpoint(reading: url)
      for (index, tensor) in checkpoint.snapshot.tensors.enumerated()
      where tensor.name.contains("advantage") {
        checkpoint.snapshot.tensors[index].tensor = Tensor.ones([7, 3])
      }
      try checkpoint.write(to: altered)
      #expect { try AgentPlayer(checkpoint: altered) } throws: {
        "\($0)".contains(altered.path) && "\($0)".contains("advantage")
      }
    }
  }
}
