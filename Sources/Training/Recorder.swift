public import Networks
public import NormalizeAndProject
public import Torch

/// Is handed what a learner's updates did. Needs no store: it may print, draw, append to a file.
///
///     learner.recorder = RateRecorder(ledger, everyUpdates: 100) { update, rows in print(update, rows) }
public protocol Recorder {
  /// Whether an update is measured, which reads norms from the device.
  func wants(_ position: TrainingPosition) -> Bool

  /// Takes in an update, measured where it was wanted or was asked for.
  ///
  /// - Parameter position: where it stood.
  mutating func record(_ update: Learner.Update, at position: TrainingPosition) throws
}

/// Hands over the ledger of every so many updates: norms, and declared and realised effective learning rates.
public struct RateRecorder: Recorder {
  private let ledger: EffectiveLearningRateLedger
  private let everyUpdates: Int
  private let receive: (Int, [EffectiveLearningRateLedger.Row]) throws -> Void

  /// A recorder.
  ///
  /// - Parameters:
  ///   - ledger: knows which weights are scale-invariant.
  ///   - everyUpdates: updates from one measurement to the next, the first update included.
  ///   - receive: is given the updates completed before it, and a row per weight.
  public init(
    _ ledger: EffectiveLearningRateLedger, everyUpdates: Int,
    _ receive: @escaping (Int, [EffectiveLearningRateLedger.Row]) throws -> Void
  ) {
    precondition(everyUpdates > 0, "everyUpdates: at least 1, got \(everyUpdates)")
    self.ledger = ledger
    self.everyUpdates = everyUpdates
    self.receive = receive
  }

  /// Whether it is one of every so many.
  public func wants(_ position: TrainingPosition) -> Bool { position.update % everyUpdates == 0 }

  /// Hands over its rows.
  public func record(_ update: Learner.Update, at position: TrainingPosition) throws {
    guard wants(position), let record = update.record else { return }
    try receive(position.update, ledger.rows(record))
  }
}

extension Learner {
  /// A ledger for this network's scale-invariant weights, of a few of its inputs; for no weights where the
  /// audit cannot be taken.
  ///
  /// Cost: three passes over the inputs in float64.
  public func ledger(over inputs: Tensor) -> EffectiveLearningRateLedger {
    let noise = Noise.frozen(seed: 0)
    let found = try? ScaleInvariance(of: network, input: inputs) { input in
      noise.during { network(input) }
    }
    return EffectiveLearningRateLedger(found ?? ScaleInvariance())
  }
}
