public import Networks
import Torch

/// Gradient clipping of each element.
///
///     g ← max(−limit, min(limit, g))
///
/// Source: Mikolov 2012 (thesis, section 3.2.2), as told by Pascanu, Mikolov & Bengio 2013, section
/// 3.2; the limit is our choice.
public struct ValueClipping: Intervention, Hook {
  public static let name = "clip-value"
  public static let summary = "limits each element of the gradients"
  public static let source = "Pascanu, Mikolov & Bengio 2013, section 3.2"

  /// The largest magnitude.
  public var limit = 0.01

  public init() {}

  /// The limit is above 0.
  public func validate() throws(ConfigurationError) {
    try requirePositive(limit, "limit")
  }

  public func hook() -> any Hook { self }

  /// Limits every element.
  public mutating func afterGradients(_ moment: inout TrainingMoment) {
    withoutGradients {
      moment.gradients = moment.gradients.map {
        $0.clamped(from: .real(-limit), to: .real(limit))
      }
    }
  }
}
