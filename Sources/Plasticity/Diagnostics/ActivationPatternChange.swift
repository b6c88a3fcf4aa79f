import Networks
import Torch

/// How many units switched sides since the reference.
///
///     ‖A_t − A_{t+T}‖_F = √(number of entries that differ),   A_ni = [pre-activation i of input n > 0]
///
/// over probes, units and positions; of each nonlinearity and of all. Source: Lyle et al. 2025
/// (CoLLAs), METHOD section 4. T is the time since the reference: the last measurement of a recording.
public struct ActivationPatternChange: Diagnostic {
  public static let name = "activation-pattern-change"
  public static let summary = "root of the number of units that switched sides"
  public static let source = "Lyle et al. 2025 (CoLLAs)"
  public static let metrics = ["activation_pattern_change"]
  public static let comparesWithEarlier = true

  public init() {}

  /// Of the network and of each nonlinearity. Cost: a forward pass over the probes.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try subject.require(examples: 1)
    guard let reference = subject.reference else { throw .notGiven("an earlier moment was") }
    let steps = subject.trace.activations
    guard !steps.isEmpty else { throw .noLayer("nonlinearity") }
    var counts: [Double] = []
    for step in steps {
      guard let before = reference.patterns.first(where: { $0.name == step.name })?.tensor,
        before.shape == step.input.shape
      else { throw .notGiven("an earlier pattern of \(step.name) over these probes was") }
      counts.append(
        withoutGradients {
          step.input.detached().greater(than: 0).notEqual(to: before).sum(dtype: .int64).item
        })
    }
    return [
      DiagnosticReading(
        "activation_pattern_change", .value(counts.reduce(0, +).squareRoot()))
    ]
      + zip(steps, counts).map {
        DiagnosticReading("activation_pattern_change", scope: $0.name, .value($1.squareRoot()))
      }
  }
}
