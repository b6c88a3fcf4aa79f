public import Networks
import Torch

/// Imitates the projection by the learning rate: a network whose norms grow takes larger steps, so that
/// its *effective* rate stays what it was at the start.
///
/// With the initial norms ρ, the norms ‖W‖ before the update and the optimizer's step Δ, the update is
///
///     layer-wise   W_l ← W_l + Δ_l (‖W_l‖ / ρ_l)^p        for each hidden weight l; others keep theirs
///     global       θ ← θ + Δ (‖W‖ / ρ)^p                  for every parameter, ‖W‖ of all hidden weights
///
/// with p = 2 for gradient descent and p = 1 for updates that do not depend on the gradient's scale
/// (Adam, RMSProp). Layer-wise, momentum-free gradient descent of a scale-invariant network then
/// computes the same functions as the projected one, exactly with the normalizations' ε = 0
/// (METHOD T6); with moments, which mix gradients taken at different norms, about the same (T7).
///
/// Source: Lyle et al. 2024 (arXiv 2407.01800), figure 3, and Lyle et al. 2025, equation 1; that the
/// global factor is taken of the joint norm of all hidden weights, and acts on the output layer too, is
/// our reading of a schedule for the whole network. Cost: a copy of every rescaled parameter, and two
/// passes over it.
public struct RateRescaling: Intervention {
  /// Which norm sets which step.
  public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each hidden weight by its own norm.
    case layerwise
    /// Everything by the joint norm of the hidden weights.
    case global
  }

  public static let name = "rate-rescaling"
  public static let summary = "steps grow with the weights' norms, so that the effective rate stays"
  public static let source = "Lyle et al. 2024, figure 3"

  /// Which norm sets which step.
  public var mode = Mode.layerwise
  /// p: 1 for Adam and RMSProp, 2 for gradient descent.
  public var exponent = 1.0

  public init() {}

  /// p is finite and at least 0.
  public func validate() throws(ConfigurationError) { try requireNotNegative(exponent, "exponent") }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIsHidden(for: Self.name)
  }

  public func hook() -> any Hook { Rescaler(settings: self) }

  /// ``RateRescaling`` at work.
  struct Rescaler: Hook {
    struct Memory: Codable, Sendable {
      /// ρ of each hidden weight, in the optimizer's order; `nil` for other parameters.
      var initialNorms: [Double?] = []
    }

    let settings: RateRescaling
    var memory = Memory()
    private var before: [Tensor?] = []

    init(settings: RateRescaling) { self.settings = settings }

    var name: String { RateRescaling.name }
    var changesParameters: Bool { true }

    mutating func begin(_ site: HookSite) throws {
      memory.initialNorms = site.parameters.map {
        ParameterSelection.hidden.includes($0.parameter) ? $0.parameter.norm : nil
      }
      if let index = memory.initialNorms.firstIndex(of: 0) {
        throw InterventionError(
          "\(name) divides by the initial norm of \(site.parameters[index].name), expected above 0, "
            + "found 0; draw the initial weights from a distribution that is not zero")
      }
    }

    mutating func afterGradients(_ moment: inout TrainingMoment) {
      before = moment.parameters.enumerated().map { index, entry in
        let isRescaled = settings.mode == .global || memory.initialNorms[index] != nil
        guard isRescaled, entry.parameter.isTrainable else { return nil }
        return withoutGradients { entry.parameter.value.detached().cloned() }
      }
    }

    mutating func afterUpdate(_ moment: inout TrainingMoment) {
      withoutGradients {
        let factors = self.factors()
        for (index, entry) in moment.parameters.enumerated() {
          guard let old = before[index], let factor = factors[index] else { continue }
          let value = entry.parameter.value.detached()
          let step = (value - old) * factor
          _ = value.copyInPlace(from: old + step)
        }
      }
      before = []
    }

    /// The factor of each parameter's step; `nil` leaves the step as it is.
    /// Float64 scalars where the weights are.
    private func factors() -> [Tensor?] {
      let norms = before.enumerated().map { index, old -> Tensor? in
        memory.initialNorms[index] == nil ? nil : old?.vectorNorm(dtype: .float64)
      }
      switch settings.mode {
      case .layerwise:
        return zip(norms, memory.initialNorms).map { norm, initial in
          guard let norm, let initial else { return nil }
          return (norm / initial).power(.real(settings.exponent))
        }
      case .global:
        guard let device = norms.lazy.compactMap({ $0 }).first?.device else {
          return before.map { _ in nil }
        }
        let square = norms.compactMap { $0 }.reduce(Tensor(0, dtype: .float64, device: device)) {
          $0 + $1.moved(to: device).squared()
        }
        let initial = memory.initialNorms.reduce(0) { $0 + ($1 ?? 0) * ($1 ?? 0) }.squareRoot()
        let factor = (square.squareRoot() / initial).power(.real(settings.exponent))
        return before.map { $0 == nil ? nil : factor }
      }
    }
  }
}
