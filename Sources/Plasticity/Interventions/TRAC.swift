public import Networks
import Torch

/// TRAC: the distance from the initial values is scaled by a tuner that needs no learning rate of its own.
///
/// The optimizer moves a base iterate θᴮ from the gradients at θ. With Δ = θᴮ − θ₀ and, for each
/// discount β,
///
///     h ← ⟨g, Δ⟩      v ← β² v + h²      s ← β s − h
///     S_β = (ε / erfi(1/√2)) · erfi( s / (√2 √v + ε) )
///     θ ← θ₀ + max(0, Σ_β S_β) · (θᴮ − θ₀)
///
/// where h uses the gradient at the θ of this update and the Δ from before it, and θ the Δ from after
/// it. v starts at 0 and s at ε. What other methods and the projection do to θ moves θ₀ and θᴮ alike,
/// so that it lasts; without them θ₀ stays.
///
/// Source: Muppidi, Zhang & Yang 2024 (arXiv 2405.16642), algorithms 1 and 2. Read in the authors' code
/// (`trac_optimizer/trac.py`, commit dab0076), which takes Δ unscaled in h, as differentiating the loss
/// by the scale asks for; whether the paper prints the scaled θ − θ₀ there could not be read. Deviation:
/// that code recovers Δ by dividing by ΣS + ε, and so forgets it while ΣS is 0; here θᴮ is kept.
public struct TRAC: Intervention {
  public static let name = "trac"
  public static let summary =
    "scales the distance from the initial values by a parameter-free tuner"
  public static let source = "Muppidi, Zhang & Yang 2024, algorithms 1 and 2"

  /// The discounts; as in the source.
  public var discounts = [0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]
  /// ε; as in the source.
  public var epsilon = 1e-8

  public init() {}

  /// Hidden norms move with the scale.
  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// Discounts lie in (0, 1], ε is above 0.
  public func validate() throws(ConfigurationError) {
    try require(
      !discounts.isEmpty && discounts.allSatisfy { $0 > 0 && $0 <= 1 }, "discounts",
      "a list of numbers above 0 and at most 1", "\(discounts)")
    try requirePositive(epsilon, "epsilon")
  }

  public func hook() -> any Hook { ScaleTuner(configuration: self) }
}

/// ``TRAC`` at work.
struct ScaleTuner: Hook {
  let configuration: TRAC
  var memory: Memory
  /// θ₀.
  private var initial = InitialValues()
  /// θᴮ, one tensor a parameter.
  private var base: [Tensor] = []

  /// The tuners' sums, one for each discount.
  struct Memory: Codable, Sendable, Equatable {
    var variances: [Double]
    var sums: [Double]
    var scale = 0.0
  }

  init(configuration: TRAC) {
    self.configuration = configuration
    memory = Memory(
      variances: configuration.discounts.map { _ in 0 },
      sums: configuration.discounts.map { _ in configuration.epsilon })
  }

  var name: String { TRAC.name }
  var changesParameters: Bool { true }

  var savedTensors: [(name: String, tensor: Tensor)] {
    initial.saved + zip(initial.names, base).map { ("base.\($0)", $1) }
  }

  mutating func begin(_ site: HookSite) {
    initial.record(site.parameters)
    base = initial.tensors.map { $0.cloned() }
  }

  /// Takes in what others changed and h, and lets the optimizer see θᴮ.
  mutating func afterGradients(_ moment: inout TrainingMoment) {
    let product = withoutGradients {
      moment.parameters.indices.reduce(Tensor(0, dtype: .float64)) { sum, index in
        guard moment.parameters[index].parameter.isTrainable else { return sum }
        let distance = base[index] - initial.tensors[index]
        let term = (moment.gradients[index] * distance).sum(dtype: .float64)
        return sum.moved(to: term.device) + term
      }.item
    }
    moment.changeParameters(.all) { weight, index in
      let moved = weight - scaled(index)
      _ = initial.tensors[index].addInPlace(moved)
      _ = base[index].addInPlace(moved)
      _ = weight.copyInPlace(from: base[index])
    }
    memory.observe(product, configuration)
  }

  /// Keeps the new θᴮ and puts θ in its place.
  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    moment.changeParameters(.all) { weight, index in
      _ = base[index].copyInPlace(from: weight)
      _ = weight.copyInPlace(from: scaled(index))
    }
  }

  /// θ₀ + S · (θᴮ − θ₀).
  private func scaled(_ index: Int) -> Tensor {
    initial.tensors[index] + (base[index] - initial.tensors[index]) * memory.scale
  }
}

extension ScaleTuner.Memory {
  /// One step of every tuner.
  mutating func observe(_ product: Double, _ configuration: TRAC) {
    let epsilon = configuration.epsilon
    var total = 0.0
    for (index, discount) in configuration.discounts.enumerated() {
      variances[index] = discount * discount * variances[index] + product * product
      sums[index] = discount * sums[index] - product
      let argument =
        sums[index] / (2.0.squareRoot() * variances[index].squareRoot() + epsilon)
      total +=
        epsilon / imaginaryErrorFunction(0.5.squareRoot())
        * imaginaryErrorFunction(argument)
    }
    scale = max(0, total)
  }
}
