import Environments
import Dispatch
import Networks
import Torch

// Acting and learning at the same time. A round is the steps between two moments of learning. In exact order its steps
// come first and the update after them; here the update that is due begins with the round's first action, on a batch
// drawn at that moment, and is waited for at the round's end. The round's actions are chosen by a copy of the network
// as it was when the round began, so results depend on no thread's timing, and nothing is in progress between rounds.
// The copy is made while the update computes its loss, which only reads the network; before it writes, it waits for the
// copy.

extension ValueAgent {
  /// What an overlapping agent has beside the others.
  struct Overlap {
    let thread: LearningThread
    /// The network that chooses actions: the online network's parameters of the round's beginning.
    let actor: Sequential
    /// Each of the online network's tensors with the actor's. Both are the same for life.
    let tensors: [(online: Tensor, actor: Tensor)]
    /// The learner's own noise, so that it draws beside the actor.
    let noise: Generator
    /// Updates in progress.
    var pending: Pending?
    /// Whether the online network has changed since the actor was its copy.
    var actorIsStale = false

    /// - Throws: `LoadingError` for an actor of another form than the online network.
    init(actor: Sequential, online: Sequential, seed: UInt64, device: Device) throws {
      thread = LearningThread()
      noise = Generator(seed: seed).split("noise of learning", device: device)
      self.actor = actor
      let tensors = online.namedTensors
      try actor.load(Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
      let own = Dictionary(uniqueKeysWithValues: actor.namedTensors.map { ($0.name, $0.tensor) })
      self.tensors = tensors.compactMap { name, online in own[name].map { (online, $0) } }
    }

    /// Makes the actor the online network's copy, if it is not.
    mutating func renewActor() {
      guard actorIsStale else { return }
      actorIsStale = false
      withoutGradients {
        for (online, actor) in tensors {
          _ = actor.detached().copyInPlace(from: online.detached())
        }
      }
    }

    enum Pending {
      case working(LearningThread.Parcel<Finished>)
      case failed(any Error)
    }

    struct Finished {
      var trainer: Trainer
      var position: TrainingPosition
      var outcomes: [ValueUpdate<Trainer>.Outcome]
      /// What ended a row of updates before its last.
      var failure: (any Error)?
    }
  }

  /// Begins the updates that are due, if there are any, and sees to the network that acts.
  mutating func beginOverlapping(measuring: Bool) {
    guard overlap != nil else { return }
    let isCopied = DispatchSemaphore(value: 0)
    beginUpdates(measuring: measuring, writingAfter: isCopied)
    overlap?.renewActor()
    isCopied.signal()
  }

  /// Begins the updates that are due, if there are any.
  ///
  /// - Parameter isCopied: is waited for before the first of them writes.
  mutating func beginUpdates(measuring: Bool, writingAfter isCopied: DispatchSemaphore) {
    guard var overlap, overlap.pending == nil, counters.owesUpdates == true else { return }
    counters.owesUpdates = false
    // It may have been emptied since.
    guard replay.count >= configuration.learningStarts.count else { return }
    do {
      var update = valueUpdate
      let batches = try (0..<configuration.updatesPerPeriod).map { _ in try batch() }
      overlap.pending = .working(
        overlap.thread.start {
          var outcomes: [ValueUpdate<Trainer>.Outcome] = []
          var failure: (any Error)?
          do {
            for batch in batches {
              let outcome = try update.learn(from: batch, measuring: measuring) {
                if outcomes.isEmpty { isCopied.wait() }
              }
              outcomes.append(outcome)
            }
          } catch {
            failure = error
          }
          return Overlap.Finished(
            trainer: update.trainer, position: update.position, outcomes: outcomes,
            failure: failure)
        })
    } catch {
      overlap.pending = .failed(error)
    }
    self.overlap = overlap
  }

  /// Waits for updates in progress and takes them in; nothing where none are.
  ///
  /// To be called before anything of the agent is read, saved or evaluated; at a round's end nothing is in progress.
  /// Called within a round it makes the round's later transitions meet other priorities than they would have; its later
  /// actions are still those of the network of its beginning.
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
      if let failure = finished.failure { throw failure }
      return finished.outcomes.map(\.update)
    }
  }
}
