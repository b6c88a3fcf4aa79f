public import Environments
import Foundation
package import Networks
import Torch

/// One step that an actor in another process played, for the agent that learns from it.
public struct PlayedStep: Codable, Sendable {
  /// What the episode began with, if this is its first step.
  let start: Data?
  let action: Int
  let observation: Data
  let reward: Double
  let isDiscountZero: Bool
  let end: EpisodeEnd?
  /// Frames that it took.
  public let frames: Frames
  /// The return of the game, if it ended.
  public let gameReturn: Double?
}

/// The part of a value-learning agent that acts, by itself: it plays with a copy of the network that somebody else
/// trains.
///
/// The first actor of an agent draws its actions and its noise as the agent itself would.
package struct ValueActor {
  /// What decides its future beside the environment and the weights.
  package struct Saved: Codable, Sendable {
    var choices: SeededGenerator
    var noise: Data
    var stack: [Data]
    /// The episode in progress; none where it cannot go on.
    package var episode: EpisodeSummary?
  }

  /// The network that chooses actions.
  package let network: Sequential
  private let configuration: ValueAgentConfiguration
  private let policy: ValuePolicy
  private var stack: FrameStack
  private var choices: SeededGenerator
  private let noise: Generator
  private var episode: EpisodeSummary?

  /// An actor before its first step.
  ///
  /// - Parameters:
  ///   - network: of the form that the agent's has, on the CPU.
  ///   - seed: the agent's.
  ///   - index: which of the actors, from 0.
  /// - Throws: `EnvironmentError` for continuous actions.
  package init(
    _ configuration: ValueAgentConfiguration, network: Sequential,
    specification: EnvironmentSpecification, seed: UInt64, index: Int
  ) throws {
    self.configuration = configuration
    self.network = network
    policy = ValuePolicy(
      configuration.network.distribution, actionCount: try specification.discreteActionCount(),
      device: .cpu)
    stack = FrameStack(specification.observations)
    let own = index == 0 ? seed : Generator.mixed(seed, "actor-\(index)")
    choices = SeededGenerator(seed: own).split("actions")
    noise = Generator(seed: own).split("noise")
  }

  /// Takes a step, beginning an episode first where none is in progress.
  ///
  /// - Parameters:
  ///   - frames: of the agent before this step, and those of them in the task, for exploration.
  /// - Throws: the environment's errors.
  package mutating func play(
    in environment: inout any Environment, after frames: Frames, inTask taskFrames: Frames
  ) throws -> PlayedStep {
    var start: EpisodeStart?
    if episode == nil { start = try environment.beginEpisode() }
    if let start { stack.begin(start) }
    var episode = self.episode ?? EpisodeSummary()
    let exploration = configuration.exploration?.value(at: frames, inTask: taskFrames) ?? 0
    let action = policy.action(
      network, stack, exploration: exploration, choices: &choices, random: noise)
    let step = try environment.take(action, in: &episode)
    stack.append(step.observation)
    self.episode = step.end == nil ? episode : nil
    return PlayedStep(
      start: start?.observation.data, action: action, observation: step.observation.data,
      reward: step.reward, isDiscountZero: step.isDiscountZero, end: step.end, frames: step.frames,
      gameReturn: step.gameReturn(of: episode))
  }

  /// Leaves the episode in progress, if there is one.
  package mutating func leaveEpisode() { episode = nil }

  /// Its state, which ``restore(_:)`` takes.
  package var saved: Saved {
    Saved(
      choices: choices, noise: noise.state.withBytes { Data($0) },
      stack: stack.observations.map(\.data), episode: episode)
  }

  /// Continues where an actor of the same configuration was.
  ///
  /// - Throws: `TorchError` for a damaged state.
  package mutating func restore(_ saved: Saved) throws {
    try noise.restore(Tensor([UInt8](saved.noise)))
    stack.restore(saved.stack)
    choices = saved.choices
    episode = saved.episode
  }
}

extension Observation {
  /// The elements' bytes.
  var data: Data { withBytes { Data($0) } }

  /// The observation of such bytes.
  init(_ data: Data, of space: ObservationSpace) {
    switch space.element {
    case .uint8: self = .bytes([UInt8](data))
    case .float32:
      var values = [Float](repeating: 0, count: data.count / 4)
      _ = values.withUnsafeMutableBytes { data.copyBytes(to: $0) }
      self = .floats(values)
    }
  }
}
