import Foundation
public import Networks
import Torch

/// Utility-based perturbed gradient descent: useful weights are held back, the others are also moved by noise.
///
/// A weight's utility is how much the loss would rise, to first order, if it were zero. With u its running mean, t the
/// updates taken and the optimizer's step Δ, which for gradient descent is −η g:
///
///     u ← β u + (1 − β) (−g · W)
///     s = sigmoid( (u / (1 − β^t)) / max u )          the maximum over all weights of the network
///     W ← (1 − η λ) W + c (1 − s) (Δ − η σ ξ),   ξ ∼ N(0, I)
///
/// for every parameter. One of utility 0 has s = ½, so that c = 2 gives it the optimizer's own step. With gradient
/// descent this is UPGD, with Adam, whose moments see the plain gradient, AdaptiveUPGD.
///
/// Source: Elsayed & Mahmood 2024 (ICLR 2024, arXiv 2404.00781); everything as in the authors' code
/// (`mohmdelsayed/upgd`, README and `core/run/rl/adaupgd.py`, commit 998f48b), with their defaults: the maximum is that
/// of the running means before their correction, and c is 2 (1 in `core/optim`). Deviations: g is the gradient that the
/// optimizer sees, other methods' terms and clipping included; where the maximum is 0 every s is ½, where that code
/// divides by 0; frozen parameters take no part. The utilities of second order and of features are not built. Cost: a
/// copy of every parameter, and a draw of its size, an update.
public struct UPGD: Intervention {
  public static let name = "upgd"
  public static let summary = "holds useful weights back and moves the others by noise as well"
  public static let source = "Elsayed & Mahmood 2024"

  /// β.
  public var utilityDecay = 0.999
  /// σ.
  public var noise = 0.001
  /// λ.
  public var decay = 0.001
  /// c.
  public var factor = 2.0

  public init() {}

  /// Hidden norms shrink by the decay.
  public var effects: Set<InterventionEffect> { decay > 0 ? [.hiddenNorms] : [] }

  /// β lies in [0, 1), σ and λ are at least 0, c above 0.
  public func validate() throws(ConfigurationError) {
    try require(
      utilityDecay >= 0 && utilityDecay < 1, "utilityDecay", "at least 0 and below 1",
      utilityDecay)
    try requireNotNegative(noise, "noise")
    try requireNotNegative(decay, "decay")
    try requirePositive(factor, "factor")
  }

  public func hook() -> any Hook { UtilityGate(configuration: self) }
}

/// ``UPGD`` at work.
struct UtilityGate: Hook {
  let configuration: UPGD
  var memory = Memory()
  /// u of each parameter, in the optimizer's order.
  private(set) var utilities: [Tensor] = []
  private(set) var names: [String] = []
  private(set) var site: HookSite?
  /// Each parameter before the optimizer's step; `nil` for frozen ones.
  private(set) var before: [Tensor?] = []

  struct Memory: Codable, Sendable, Equatable {
    /// t.
    var updateCount = 0
  }

  var name: String { UPGD.name }
  var changesParameters: Bool { true }

  var savedTensors: [(name: String, tensor: Tensor)] {
    zip(names, utilities).map { ("utility.\($0)", $1) }
  }

  mutating func begin(_ site: HookSite) {
    self.site = site
    names = site.parameters.map(\.name)
    utilities = site.parameters.map { Tensor.zerosLike($0.parameter.value.detached()) }
  }

  /// Takes the gradients into the utilities, and keeps what the optimizer will move.
  mutating func afterGradients(_ moment: inout TrainingMoment) {
    memory.updateCount += 1
    let share = 1 - configuration.utilityDecay
    before = withoutGradients {
      moment.parameters.enumerated().map { index, named in
        guard named.parameter.isTrainable else { return nil }
        let value = named.parameter.value.detached()
        _ = utilities[index].multiplyInPlace(by: .real(configuration.utilityDecay))
          .addProductInPlace(moment.gradients[index], value, scaledBy: .real(-share))
        return value.cloned()
      }
    }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    guard let site, before.count == moment.parameters.count else { return }
    let generator = site.generator.split("update-\(moment.update)")
    let correction = 1 - pow(configuration.utilityDecay, Double(memory.updateCount))
    let noise = moment.learningRate * configuration.noise
    let kept = 1 - moment.learningRate * configuration.decay
    withoutGradients {
      let maxima = utilities.indices.filter { before[$0] != nil }
        .map { utilities[$0].maximum().converted(to: .float64) }
      guard !maxima.isEmpty else { return }
      // 1 − sigmoid(x) = sigmoid(−x); without any utility every gate is half open.
      let largest = Tensor.stacked(maxima).maximum()
      let slope = (-1 / (largest * correction)).filled(where: largest.equal(to: 0), with: 0)
      for (index, old) in before.enumerated() {
        guard let old else { continue }
        let named = moment.parameters[index]
        let value = named.parameter.value.detached()
        let gate = (utilities[index] * slope).sigmoid()
        let step = (value - old) - named.normalNoise(generator) * noise
        _ = value.copyInPlace(from: old * kept + step * gate * configuration.factor)
      }
    }
    before = []
  }
}
