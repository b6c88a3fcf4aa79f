public import Networks
import Torch

/// Shrink and perturb: parameters are scaled down and moved by noise.
///
///     W ← λ W + γ p
///
/// at every task boundary, or after every so many updates. p is a standard normal (so that γ is the
/// noise's deviation), a fresh draw from the network's own initializer, or its initial values.
///
/// Source: Ash & Adams 2020 (arXiv 1910.08475), section 4, with p ∼ N(0, σ²), between two stages of
/// data; the authors' code draws p as a fresh network. The form after every update, with λ =
/// 0.999999 and γ = 1e-6 towards the initial values, is Plasticine's (METHOD 3.4). The defaults for
/// boundaries, λ = 0.5 and γ = 0.01, are our choice.
public struct ShrinkAndPerturb: PeriodicIntervention {
  public static let name = "shrink-perturb"
  public static let summary =
    "scales parameters down and adds noise, at task boundaries or every so many updates"
  public static let source = "Ash & Adams 2020, section 4"

  /// What is added.
  public enum Noise: String, Sendable, Hashable, Codable, CaseIterable {
    /// A standard normal.
    case gaussian
    /// A fresh draw from the initializer.
    case fresh
    /// The values at the start of training.
    case initial
  }

  /// λ.
  public var shrink = 0.5
  /// γ.
  public var perturb = 0.01
  /// p.
  public var noise = Noise.gaussian
  /// Updates between two applications; 0 for task boundaries.
  public var everyUpdates = 0
  /// What is changed.
  public var parameters = ParameterSelection.all

  public init() {}

  public var effects: Set<InterventionEffect> { [.hiddenNorms] }

  /// λ lies in [0, 1], γ is at least 0.
  public func validate() throws(ConfigurationError) {
    try require(shrink >= 0 && shrink <= 1, "shrink", "within 0 and 1", shrink)
    try requireNotNegative(perturb, "perturb")
    try requirePeriod()
  }

  public func idleReason(on subject: InterventionSubject) -> String? {
    reasonNeverDue(on: subject) ?? subject.reasonNothingIs(in: parameters, of: Self.name)
  }

  public func hook() -> any Hook { Perturbation(configuration: self) }
}

/// ``ShrinkAndPerturb`` at work.
struct Perturbation: Hook {
  let configuration: ShrinkAndPerturb
  private(set) var initial = InitialValues()
  private(set) var site: HookSite?

  var name: String { ShrinkAndPerturb.name }
  var changesParameters: Bool { configuration.everyUpdates > 0 }
  var savedTensors: [(name: String, tensor: Tensor)] { initial.saved }

  mutating func begin(_ site: HookSite) {
    self.site = site
    if configuration.noise == .initial { initial.record(site.parameters) }
  }

  mutating func atBoundary(_ moment: inout TrainingMoment) throws {
    if configuration.everyUpdates == 0 { try apply(moment, "task-\(moment.task)") }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    let every = configuration.everyUpdates
    if every > 0, (moment.update + 1) % every == 0 {
      try apply(moment, "update-\(moment.update)")
    }
  }

  private func apply(_ moment: TrainingMoment, _ occasion: String) throws {
    guard let site else { return }
    let noise = try noise(site, occasion)
    moment.changeParameters(configuration.parameters) { weight, index in
      _ = weight.multiplyInPlace(by: .real(configuration.shrink))
        .addInPlace(noise(index), scaledBy: .real(configuration.perturb))
    }
  }

  private func noise(_ site: HookSite, _ occasion: String) throws -> (Int) -> Tensor {
    switch configuration.noise {
    case .initial: return { initial.tensors[$0] }
    case .gaussian:
      let generator = site.generator.split(occasion)
      return { site.parameters[$0].normalNoise(generator) }
    case .fresh:
      let fresh = try site.redrawn(site.generator.split(occasion))
      let values = Dictionary(
        fresh.namedParameters.map { ($0.name, $0.parameter.value.detached()) },
        uniquingKeysWith: { first, _ in first })
      return { index in
        let own = site.parameters[index]
        return values[own.name] ?? Tensor.zerosLike(own.parameter.value.detached())
      }
    }
  }
}

extension NamedParameter {
  /// A standard normal of the parameter's shape, from a generator split by its name, drawn where the parameter lies.
  func normalNoise(_ generator: Generator) -> Tensor {
    let value = parameter.value
    let dtype: DType = value.dtype == .float64 ? .float64 : .float32
    return Tensor.normal(
      value.shape, generator: generator.split(name, device: value.device), dtype: dtype,
      device: value.device
    ).converted(to: value.dtype)
  }
}
