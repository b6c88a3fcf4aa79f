import Environments
import Foundation
import Reinforcement
import Texts

/// What a learner asks of an actor, in order. ``play`` and ``save`` are answered.
enum ActorOrder: Codable {
  /// The first one: what the actor is.
  case begin(ActorDescription)
  /// A visit; the updates of the run where it resumed in a new episode.
  case visit(Int, resumedAt: Int?)
  /// So many steps with the weights that lie in the shared memory, after so many frames of the agent and of the visit.
  case play(steps: Int, after: Frames, inVisit: Frames)
  /// To tell its state.
  case save
  /// To go on in a visit from a state.
  case restore(ActorState, visit: Int, resumedAt: Int)
}

/// What an actor answers.
enum ActorAnswer: Codable {
  case played([PlayedStep])
  case saved(ActorState)
  /// It cannot go on, and why.
  case failed(String)
}

/// What an actor is: which one of a run's.
struct ActorDescription: Codable {
  var configuration: AgentRunConfiguration
  var specification: EnvironmentSpecification
  var seed: Int
  var index: Int
}

/// What an actor continues from.
struct ActorState: Codable {
  var actor: ValueActor.Saved
  /// What the environment's state is written in; `nil` where it cannot be saved.
  var format: String?
  var bytes = Data()
  /// Why it cannot be saved.
  var obstacle: String?
}

/// Messages between learner and actor: eight bytes that say how many there are, low byte first, and JSON.
enum ActorMessage {
  static let headCount = 8
  /// The most bytes of a message, our choice.
  static let largest = 1 << 32

  static func bytes(_ message: some Encodable) throws -> Data {
    let content = try JSONText.data(message)
    return Data((0..<headCount).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) })
      + content
  }

  /// The count that a head says; `nil` where it is none.
  static func count(_ head: some Sequence<UInt8>) -> Int? {
    let count = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return count <= UInt64(largest) ? Int(count) : nil
  }
}
