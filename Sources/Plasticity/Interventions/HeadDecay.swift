public import Networks
import Torch

/// Decoupled weight decay of the output layer's weights alone.
///
///     W ← (1 − η λ) W, then the optimizer's update
///
/// Task-blind: in a task of n updates at a constant rate the share exp(−n η λ) of an old head is left. η is the run's
/// learning rate, whatever factor the head's own has.
///
/// Source: the output layer's decay in CrossQ + WN (Palenicek et al. 2025, arXiv 2502.07523), 1e-2 beside projected
/// hidden layers; METHOD 6. That it is decoupled, and λ, are our choice.
public struct HeadDecay: Intervention {
  public static let name = "head-decay"
  public static let summary = "shrinks the weights of the output layer alone by rate x lambda"
  public static let source = "Palenicek et al. 2025 (CrossQ + WN)"

  /// λ.
  public var coefficient = 1.0

  public init() {}

  public var effects: Set<InterventionEffect> { [.outputNorms] }

  /// λ is at least 0.
  public func validate() throws(ConfigurationError) {
    try requireNotNegative(coefficient, "coefficient")
  }

  public func hook() -> any Hook { HeadShrinking(coefficient: coefficient) }
}

/// ``HeadDecay`` at work.
struct HeadShrinking: Hook {
  let coefficient: Double
  private(set) var places = OutputPlaces()

  var name: String { HeadDecay.name }

  mutating func begin(_ site: HookSite) throws {
    places = try OutputPlaces(site, for: name)
  }

  mutating func afterGradients(_ moment: inout TrainingMoment) {
    let factor = 1 - moment.learningRate * coefficient
    withoutGradients {
      for place in places.weights where moment.parameters[place].parameter.isTrainable {
        _ = moment.parameters[place].parameter.value.detached().multiplyInPlace(by: .real(factor))
      }
    }
  }
}
