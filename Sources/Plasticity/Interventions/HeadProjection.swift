public import Networks
import Torch

/// The output layer's weights return to their initial norm after every update.
///
///     W ← W ρ / ‖W‖,  ρ = ‖W(0)‖     each weight of an output layer, Frobenius norms
///
/// A baseline, and no part of Normalize-and-Project: nothing normalizes what an output layer computes, so that its
/// norm is not a symmetry but the size of the logits. `Projection` cannot name outputs on purpose. Task-blind.
///
/// Source: the libraries that project every weight (Plasticine; METHOD 6); Lyle et al. 2024 leave the output out.
public struct HeadProjection: Intervention {
  public static let name = "head-projection"
  public static let summary =
    "returns the output layer's weights to their initial norm after every update"
  public static let source = "Plasticine projects the output layer; Lyle et al. 2024 leave it out"

  public init() {}

  public var effects: Set<InterventionEffect> { [.outputNorms] }

  public func hook() -> any Hook { OutputProjection() }
}

/// ``HeadProjection`` at work.
struct OutputProjection: Hook {
  /// ρ of each output weight, in the optimizer's order.
  struct Memory: Codable, Sendable, Equatable { var initialNorms: [Double] = [] }

  var memory = Memory()
  private var places = OutputPlaces()

  var name: String { HeadProjection.name }
  var changesParameters: Bool { true }

  mutating func begin(_ site: HookSite) throws {
    places = try OutputPlaces(site, for: name)
    memory.initialNorms = places.weights.map { site.parameters[$0].parameter.norm }
    if let index = memory.initialNorms.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw InterventionError(
        "\(name) returns \(site.parameters[places.weights[index]].name) to its initial norm, expected a "
          + "finite one above 0, found \(memory.initialNorms[index]); draw the initial weights from a "
          + "distribution that is not zero")
    }
  }

  /// - Throws: ``/Networks/OptimizerError`` for a norm that became zero or is not finite: an outcome of training; on
  ///   devices other than the CPU only at a measured update.
  mutating func afterUpdate(_ moment: inout TrainingMoment) throws {
    let chosen = zip(places.weights, memory.initialNorms)
      .filter { moment.parameters[$0.0].parameter.isTrainable }
    guard !chosen.isEmpty else { return }
    let report = withoutGradients {
      FusedOperators.project(
        chosen.map { moment.parameters[$0.0].parameter.value.detached() },
        constraint: FusedOperators.Constraint(targetNorms: chosen.map { $0.1 }),
        readsBack: moment.isMeasured)
    }
    guard let group = report.failedGroup else { return }
    let index = chosen[group].0
    throw report.normsBefore[group] == 0
      ? OptimizerError.zeroNorm(index: index) : .notFiniteNorm(index: index)
  }
}
