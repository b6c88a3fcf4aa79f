import Networks
import Torch

// Acting and learning at the same time. A round is the steps between two moments of learning. In exact order its steps come
// first and the update after them; here the update that is due begins with the round's first action, on a batch drawn at
// that moment, and is waited for at the round's end. The round's actions are chosen by a copy of the network that is
// renewed in between, so results depend on no thread's timing, and nothing is under way between rounds.

extension ValueAgent {
  /// What an overlapping agent has beside the others.
  struct Overlap {
    let thread: LearningThread
    /// The network that chooses actions: the online network's parameters of the round's beginning.
    let actor: Sequential
    /// The learner's own noise, so that it draws beside the actor.
    let noise: Generator
    /// Updates under way.
    var pending: Pending?

    enum Pending {
      case working(LearningThread.Parcel<Finished>)
      case failed(any Error)
    }

    struct Finished {
      var trainer: Trainer
      var position: TrainingPosition
      var outcomes: [ValueUpdate<Trainer>.Outcome]
    }
  }

  /// Begins the updates that are due, if there are any.
  mutating func beginOverlappedUpdates(measuring: Bool) {
    guard var overlap, overlap.pending == nil, counters.owesUpdates == true else { return }
    counters.owesUpdates = false
    // It may have been emptied since.
    guard replay.count >= configuration.learningStarts.count else { return }
    do {
      var update = valueUpdate
      let batches = try (0..<configuration.updatesPerPeriod).map { _ in try batch() }
      overlap.pending = .working(
        overlap.thread.start {
          let outcomes = try batches.map { try update.learn(from: $0, measuring: measuring) }
          return Overlap.Finished(
            trainer: update.trainer, position: update.position, outcomes: outcomes)
        })
    } catch {
      overlap.pending = .failed(error)
    }
    self.overlap = overlap
  }

  /// Waits for updates under way and takes them in; nothing where none are.
  ///
  /// To be called before anything of the agent is read, saved or evaluated; at a round's end nothing is under way. Called
  /// within a round it makes the round's later transitions meet other priorities than they would have.
  ///
  /// - Returns: the updates.
  /// - Throws: outcomes of training.
  @discardableResult
  public mutating func settle() throws -> [AgentUpdate] {
    guard let pending = overlap?.pending else { return [] }
    overlap?.pending = nil
    switch pending {
    case .failed(let error): throw error
    case .working(let parcel):
      guard let thread = overlap?.thread else { return [] }
      let finished = try thread.wait(for: parcel)
      trainer = finished.trainer
      counters.position = finished.position
      for outcome in finished.outcomes { takeIn(outcome) }
      try copyToActor()
      return finished.outcomes.map(\.update)
    }
  }

  /// Gives the network that acts the online network's parameters.
  func copyToActor() throws {
    guard let overlap else { return }
    try overlap.actor.load(
      Dictionary(uniqueKeysWithValues: trainer.network.namedTensors.map { ($0.name, $0.tensor) }))
  }
}
