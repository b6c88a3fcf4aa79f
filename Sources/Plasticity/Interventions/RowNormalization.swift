public import Networks
import Torch

/// Weight normalization as a projection: after every update each row of a weight returns to its sphere.
///
///     W_o ← r W_o / ‖W_o‖
///
/// A row is one output unit's incoming weights; of a kernel, one output channel's. r is 1, or the row's
/// initial norm. With r = 1 the rows are brought there before the first update.
///
/// Source: nGPT (Loshchilov et al. 2024, arXiv 2410.01131, section 2) and SimbaV2 (Lee et al. 2025,
/// arXiv 2502.15280, section 4), which project to unit norm along the embedding dimension, beside
/// learned scalers that are not built here. Stronger than NaP's one norm per matrix, which leaves the
/// rows' ratios free. A row of norm 0 stays.
public struct RowNormalization: Intervention {
  public static let name = "weight-norm"
  public static let summary = "returns each row of a weight to its sphere after every update"
  public static let source =
    "Loshchilov et al. 2024 (nGPT), section 2; Lee et al. 2025 (SimbaV2), section 4"

  /// The norm of a row.
  public enum Radius: String, Sendable, Hashable, Codable, CaseIterable {
    /// 1, as in the sources.
    case unit
    /// The row's norm when training began.
    case initial
  }

  /// The norm of a row.
  public var radius = Radius.unit
  /// Which weights: hidden ones, or `weights` with the output layer's too; `all` means the same.
  public var parameters = ParameterSelection.hidden

  public init() {}

  public var effects: Set<InterventionEffect> { [.hiddenNorms, .constrainedWeights] }

  public func idleReason(on subject: InterventionSubject) -> String? {
    subject.reasonNothingIs(in: parameters, of: Self.name)
  }

  public func hook() -> any Hook { RowProjection(configuration: self) }
}

/// ``RowNormalization`` at work.
struct RowProjection: Hook {
  let configuration: RowNormalization
  /// One norm per row of each chosen parameter, by the parameter's place.
  private(set) var targetNorms: [(index: Int, name: String, radius: Tensor)] = []

  var name: String { RowNormalization.name }
  var changesParameters: Bool { true }

  var savedTensors: [(name: String, tensor: Tensor)] {
    targetNorms.map { ("radius.\($0.name)", $0.radius) }
  }

  mutating func begin(_ site: HookSite) {
    targetNorms = []
    for (index, named) in site.parameters.enumerated() {
      let role = named.parameter.role
      guard configuration.parameters.includes(named.parameter), role != .bias, role != .scale,
        role != .offset, named.parameter.value.dimensionCount > 1
      else { continue }
      let norms = Self.rowNorms(named.parameter.value)
      let radius = configuration.radius == .initial ? norms : Tensor.onesLike(norms)
      targetNorms.append((index, named.name, radius))
    }
    for entry in targetNorms { project(site.parameters[entry.index].parameter, to: entry.radius) }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    for entry in targetNorms where moment.parameters[entry.index].parameter.isTrainable {
      project(moment.parameters[entry.index].parameter, to: entry.radius)
    }
  }

  private func project(_ parameter: Parameter, to radius: Tensor) {
    withoutGradients {
      let norms = Self.rowNorms(parameter.value)
      let factor = (radius / norms).choosing(where: norms.greater(than: 0), otherwise: 1)
      _ = parameter.value.detached().multiplyInPlace(
        by: UnitReset.shaped(factor, axis: 0, like: parameter.value).converted(
          to: parameter.value.dtype))
    }
  }

  /// ‖W_o‖ of each row, in float64.
  static func rowNorms(_ weight: Tensor) -> Tensor {
    withoutGradients {
      weight.detached().reshaped(to: [weight.shape[0], -1])
        .vectorNorm(axes: [1], dtype: .float64)
    }
  }
}
