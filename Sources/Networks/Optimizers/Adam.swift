import Foundation
package import Torch

/// Adam (Kingma & Ba 2015), and AdamW when the decay is decoupled (Loshchilov & Hutter 2019).
///
/// With the gradient `g`, after `t` updates:
///
///     m ← β₁ m + (1 − β₁) g          v ← β₂ v + (1 − β₂) g²
///     W ← W − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
///
/// The decay λ adds `λ W` to `g`, or, decoupled, first takes `W ← (1 − η λ) W`. As PyTorch's.
/// State: `first_moment` and `second_moment`, zero at first.
public struct Adam: Optimizer {
  /// Updates taken, and both moments.
  public var state: OptimizerState
  /// β₁, β₂, ε and λ.
  public var settings: OptimizerConfiguration.AdamSettings
  /// Whether the decay acts on the weights directly (AdamW).
  public var isDecoupled: Bool
  private let parameterCount: Int

  /// An optimizer at its first update; the defaults are PyTorch's.
  public init(
    for parameters: [Parameter], _ settings: OptimizerConfiguration.AdamSettings = .init(),
    isDecoupled: Bool = false
  ) {
    state = OptimizerState(zerosNamed: ["first_moment", "second_moment"], for: parameters)
    self.settings = settings
    self.isDecoupled = isDecoupled
    parameterCount = parameters.count
  }

  @discardableResult
  public mutating func step(_ request: UpdateRequest) throws(OptimizerError) -> UpdateReport? {
    var pass = try UpdatePass(
      request, state: state, parameterCount: parameterCount,
      isDivided: UpdatePass.takesTwo(settings.weightDecay, settings.decayed))
    state.stepCount += 1
    pass.run(weightDecay: settings.weightDecay, of: settings.decayed) { all, step in
      FusedOperators.adam(
        all.weights, gradients: all.gradients, firstMoments: all.slots[0],
        secondMoments: all.slots[1], beta1: settings.beta1, beta2: settings.beta2,
        epsilon: settings.epsilon, update: state.stepCount, isDecoupled: isDecoupled, step: step,
        constraint: all.constraint)
    }
    return try pass.finish()
  }

  /// The share of √v̂ in √v̂ + ε, with √v̂ = √v / √(1 − β₂ᵗ); see ``Optimizer``.
  public func updateScaling(at index: Int) -> UpdateScaling {
    Self.scaling(
      state.slots[1].tensors[index], updates: state.stepCount, beta2: settings.beta2,
      epsilon: settings.epsilon)
  }

  /// The scaling of Adam's step with the second moment v after so many updates.
  package static func scaling(
    _ secondMoment: Tensor?, updates: Int, beta2: Double, epsilon: Double
  ) -> UpdateScaling {
    let correction = (1 - pow(beta2, Double(max(updates, 1)))).squareRoot()
    return .adaptive(
      share: scaleFreeShare(secondMoment, epsilon: epsilon * correction), epsilon: epsilon, gain: 1)
  }

  /// The mean of √v / (√v + ε) over the elements of `squares`, v, that are above 0: an element that never had a
  /// gradient does not move, whatever ε is. 1 where ε is 0 or no element had one.
  static func scaleFreeShare(_ squares: Tensor?, epsilon: Double) -> Double {
    guard let squares, epsilon > 0, squares.elementCount > 0 else { return 1 }
    return withoutGradients {
      let roots = squares.detached().converted(to: .float64).squareRoot()
      let count = roots.greater(than: .real(0)).converted(to: .float64).sum().item
      return count > 0 ? (roots / (roots + epsilon)).sum().item / count : 1
    }
  }
}
