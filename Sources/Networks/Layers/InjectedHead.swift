public import Torch

/// The head of a network with room for plasticity injection.
///
///     before:  h(z; θ)
///     after:   h(z; θ) + h(z; θ′₁) − h(z; θ′₂)        (Nikishin et al. 2023, expression 1)
///
/// θ′₁ and θ′₂ start equal, so the function does not change at the injection, to the last bit. After
/// it θ and θ′₂ are frozen and θ′₁ learns. Which of both holds is told by whether θ′₁ is trainable;
/// before the injection θ′₁ and θ′₂ cost memory and no time.
public struct InjectedHead: Layer {
  /// h(·; θ).
  public let original: Sequential
  /// h(·; θ′₁).
  public let learning: Sequential
  /// h(·; θ′₂).
  public let frozen: Sequential
  /// The three heads.
  public var parts: [Part] {
    [.module("original", original), .module("learning", learning), .module("frozen", frozen)]
  }

  /// A head before its injection; `learning` and `frozen` hold equal values in storage of their own,
  /// and the parameters of `frozen` are frozen for good.
  public init(original: Sequential, learning: Sequential, frozen: Sequential) {
    self.original = original
    self.learning = learning
    self.frozen = frozen
    frozen.setTrainable(false)
  }

  /// Whether θ′₁ learns.
  public var isInjected: Bool { learning.parameters.contains(where: \.isTrainable) }

  /// Before (false) or after the injection: freezes and thaws.
  public func setInjected(_ injected: Bool) {
    original.setTrainable(!injected)
    learning.setTrainable(injected)
  }

  /// The head's output; see above.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let base = original(input)
    return isInjected ? base + (learning(input) - frozen(input)) : base
  }
}
