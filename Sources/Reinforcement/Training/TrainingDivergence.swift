import Torch

/// An outcome of training: a number that has to be finite is NaN or infinite.
public struct TrainingDivergence: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is no longer finite.
  public enum Quantity: String, Hashable, Sendable {
    /// The loss of a batch, before its update.
    case loss = "the loss"
    /// The norm of all gradients together.
    case gradientNorm = "the gradients' norm"
  }

  /// Updates completed before.
  public let update: Int
  /// What is no longer finite.
  public let quantity: Quantity
  /// NaN or an infinity.
  public let value: Double

  /// An outcome; see the properties.
  public init(update: Int, _ quantity: Quantity, value: Double) {
    self.update = update
    self.quantity = quantity
    self.value = value
  }

  /// Throws for a loss that lies in the host's memory and is not finite; elsewhere the trainer finds it later.
  static func refuse(_ loss: Tensor, update: Int) throws {
    guard let value = loss.itemAtHand, !value.isFinite else { return }
    throw TrainingDivergence(update: update, .loss, value: value)
  }

  /// One sentence.
  public var description: String {
    "\(quantity.rawValue) is \(value.isNaN ? "NaN" : "\(value)") at update \(update): training diverged; "
      + "lower the learning rate or clip gradients"
  }
}
