import DequeModule
import Environments
package import Foundation
import Networks
import Reinforcement
package import Synchronization
import Texts
import Torch

/// The actors of a run, each a process of its own: copies of this program that play in environments of their own, while
/// this process learns from what they played before.
///
/// The steps of a visit are dealt to actors in turn: actor i of N plays the steps whose number leaves i when it is
/// divided by N. They are played a period at a time. When the learner takes the first step of a period, its weights go
/// into memory that all actors see, and they begin the next period with them. So what is played depends on the seed
/// alone, and actors are at most two periods behind the learner.
///
/// Cost: a process with a network and an environment each; the weights once for all, and their copy a period.
package final class ActorProcesses {
  /// The program that actors run; another one than this process's where this one is not `nap`.
  package static let program = Mutex(
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath())

  /// What actors of a run are, but for their number.
  let description: ActorDescription
  private let period: Int
  private let stepsPerVisit: Int
  private var children: [ChildProcess] = []
  private var memory: SharedMemory?
  private var place = Place()
  /// What actors that have not been started continue from.
  private var states: [ActorState] = []
  private var resumedAt: Int?

  /// Where the actors stand in a visit.
  private struct Place: Codable {
    var visit: Int?
    /// Steps of the visit that came from the actors, and those that they were asked for.
    var received = 0
    var asked = 0
    /// Frames of the agent before the visit, and of what came.
    var earlierFrames: Frames = 0
    var frames: Frames = 0
    /// What came and was not taken yet, in order; and the period after it, if it is there already.
    var steps: Deque<PlayedStep> = []
    var ahead: Deque<PlayedStep>?
  }

  private struct Saved: Codable {
    var place: Place
    var states: [ActorState]
  }

  /// What the state of actors is written in.
  static let format = "actors/1"

  /// Actors that are not started before their first step.
  init(_ description: ActorDescription, period: Int, stepsPerVisit: Int) {
    self.description = description
    self.period = period
    self.stepsPerVisit = stepsPerVisit
  }

  private var settings: AgentRunConfiguration.Actors { description.configuration.actors }
  /// The number of actors.
  var count: Int { settings.count }
  /// The numbers of the processes, for tests that kill them.
  package var processIdentifiers: [Int32] { children.map(\.processIdentifier) }

  /// The next step of a visit, which is that of the actor whose turn it is.
  ///
  /// - Parameters:
  ///   - frames: of the agent so far.
  ///   - weights: the online network's tensors.
  /// - Throws: ``ActorError`` for an actor that ended, hangs or cannot continue, and `StopRequest.Stopped` where that
  ///   takes long.
  func next(
    of visit: Int, after frames: Frames, weights: () -> [Tensor]
  ) throws -> PlayedStep {
    if children.isEmpty { try start(weights()) }
    if place.visit != visit {
      place = Place()
      (place.visit, place.earlierFrames) = (visit, frames)
      for actor in 0..<count { try send(.visit(visit, resumedAt: nil), to: actor) }
    }
    if let step = place.steps.popFirst() { return step }
    if place.asked == place.received { try ask(weights()) }
    place.steps = try place.ahead ?? received()
    place.ahead = nil
    place.frames = place.steps.reduce(place.frames) { $0 + $1.frames }
    place.received = place.asked
    try ask(weights())
    guard let step = place.steps.popFirst() else {
      throw ActorError(0, of: count, "its visit has no further step")
    }
    return step
  }

  /// Asks for the next period, if the visit has one.
  private func ask(_ weights: [Tensor]) throws {
    let end = min(place.received.saturatingSum(period), stepsPerVisit)
    guard end > place.received, let bytes = memory?.bytes else { return }
    var offset = 0
    for tensor in weights {
      tensor.withBytes {
        UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + $0.count)])
          .copyMemory(from: $0)
        offset += $0.count
      }
    }
    for actor in 0..<count {
      let order = ActorOrder.play(
        steps: turns(of: actor, until: end), after: place.earlierFrames + place.frames,
        inVisit: place.frames)
      try send(order, to: actor)
    }
    place.asked = end
  }

  /// The steps of an actor from those that came to another number.
  private func turns(of actor: Int, until end: Int) -> Int {
    func before(_ step: Int) -> Int { (step + count - 1 - actor) / count }
    return before(end) - before(place.received)
  }

  /// The period that was asked for, in the order of its steps.
  private func received() throws -> Deque<PlayedStep> {
    var played = try (0..<count).map { actor -> ArraySlice<PlayedStep> in
      guard case .played(let steps) = try answer(of: actor),
        steps.count == turns(of: actor, until: place.asked)
      else { throw error(actor, "it answered with other steps than it was asked for") }
      return steps[...]
    }
    return Deque((place.received..<place.asked).compactMap { played[$0 % count].popFirst() })
  }

  // MARK: Saving

  /// Everything that decides what actors play, and why one's environment cannot be saved, if so. Waits for the period
  /// that they are at.
  ///
  /// - Throws: ``ActorError``.
  func saved() throws -> (state: EnvironmentState, obstacle: String?) {
    // Whoever asked this process to stop waits for what is saved here.
    try StopRequest.ignoring {
      if !children.isEmpty {
        if place.asked > place.received, place.ahead == nil { place.ahead = try received() }
        for actor in 0..<count { try send(.save, to: actor) }
        states = try (0..<count).map { actor in
          guard case .saved(let state) = try answer(of: actor) else {
            throw error(actor, "it answered with something else than its state")
          }
          return state
        }
      }
      let bytes = [UInt8](try JSONText.data(Saved(place: place, states: states)))
      return (
        EnvironmentState(format: Self.format, bytes: bytes),
        states.compactMap(\.obstacle).first
      )
    }
  }

  /// Continues from what ``saved()`` gave; before the first step.
  ///
  /// - Parameter updates: of the run, for environments that begin anew.
  /// - Throws: `StateError` for another format or number of actors.
  func restore(_ state: EnvironmentState, updates: Int) throws {
    guard state.format == Self.format,
      let saved = try? JSONText.decode(Saved.self, from: Data(state.bytes))
    else {
      throw StateError(
        "its environment is not that of actors; leave actors.count as it was, or train a new run")
    }
    guard saved.states.isEmpty || saved.states.count == count else {
      throw StateError(
        "it has the state of \(saved.states.count) actors, not of \(count); leave actors.count as it was"
      )
    }
    (place, states, resumedAt) = (saved.place, saved.states, updates)
  }

  // MARK: Processes

  private func start(_ weights: [Tensor]) throws {
    do {
      let memory = try SharedMemory()
      try memory.map(weights.reduce(1) { $0 + $1.elementCount * $1.dtype.byteCount })
      self.memory = memory
      children = try (0..<count).map { _ in
        try ChildProcess(
          executable: Self.program.withLock(\.path), arguments: [ActorProgram.verb],
          memory: memory.descriptor, sendTimeout: settings.timeout)
      }
    } catch let refusal as Descriptors.Refusal {
      throw ActorError(children.count, of: count, "it could not be started: \(refusal)")
    }
    for actor in 0..<count {
      var own = description
      own.index = actor
      try send(.begin(own), to: actor)
      if let visit = place.visit, states.indices.contains(actor) {
        try send(.restore(states[actor], visit: visit, resumedAt: resumedAt ?? 0), to: actor)
      }
    }
  }

  private func send(_ order: ActorOrder, to actor: Int) throws {
    try translated(actor) { try children[actor].send(ActorMessage.bytes(order)) }
  }

  private func answer(of actor: Int) throws -> ActorAnswer {
    let answer = try translated(actor) {
      let child = children[actor]
      let head = try child.receive(ActorMessage.headCount, within: settings.timeout)
      guard let count = ActorMessage.count(head) else { throw error(actor, Self.strange) }
      let content = try child.receive(count, within: settings.timeout)
      guard let answer = try? JSONText.decode(ActorAnswer.self, from: Data(content)) else {
        throw error(actor, Self.strange)
      }
      return answer
    }
    if case .failed(let reason) = answer { throw error(actor, reason) }
    return answer
  }

  private static let strange =
    "it sent bytes that are no answer: something in it writes into its channel to the learner"

  private func translated<Result>(_ actor: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch ChildProcess.Silence.ended(let status, let lines) {
      throw error(actor, "its process ended with \(status)" + ChildProcess.quoted(lines))
    } catch ChildProcess.Silence.tooLate(let lines) {
      throw error(
        actor,
        "it did not answer within \(settings.timeout) s and was ended; raise actors.timeout if its environment needs "
          + "longer" + ChildProcess.quoted(lines))
    }
  }

  private func error(_ actor: Int, _ reason: String) -> ActorError {
    let process = children.indices.contains(actor) ? children[actor].processIdentifier : nil
    return ActorError(actor, of: count, process: process, reason)
  }
}
