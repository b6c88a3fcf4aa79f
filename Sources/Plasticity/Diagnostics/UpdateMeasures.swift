import Networks
import Torch

/// Readings of each weight of an update.
private enum UpdateReadings {
  /// One reading a weight, and first one of the network.
  ///
  /// - Parameters:
  ///   - all: from ‖W‖² and ‖u‖² over the weights and the readings of each.
  ///   - each: from the weight's place in the update.
  static func make(
    _ metric: String, _ subject: DiagnosticSubject,
    all: (MeasuredUpdate, [Int]) -> DiagnosticOutcome,
    each: (MeasuredUpdate, Int) -> DiagnosticOutcome
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    guard let update = subject.update else { throw .notGiven("an update was") }
    let weights = update.weights
    guard !weights.isEmpty else { throw .noLayer("trainable weight") }
    return [DiagnosticReading(metric, all(update, weights))]
      + weights.map {
        DiagnosticReading(metric, scope: update.parameters[$0].name, each(update, $0))
      }
  }

  static func quotient(_ top: Double, _ bottom: Double, _ what: String) -> DiagnosticOutcome {
    bottom == 0
      ? .undefined(.zero("\(what) is zero"))
      : DiagnosticOutcome(finite: top / bottom, "the quotient by \(what)")
  }

  static func norm(_ values: [Double], _ places: [Int]) -> Double {
    places.reduce(0) { $0 + values[$1] * values[$1] }.squareRoot()
  }
}

/// The size of an update beside the weight that it moves: ‖u‖ / ‖W‖ with W before the update and u the
/// optimizer's step, a projection not counted. Source: the measure that You et al. 2017 (LARS) balance.
public struct UpdateToWeightRatio: Diagnostic {
  /// `update-ratio`.
  public static let name = "update-ratio"
  /// One line.
  public static let summary = "norm of an update by the norm of the weight before it"
  /// Where it comes from.
  public static let source = "You et al. 2017 (arXiv 1708.03888), section 4"
  /// `update_ratio`.
  public static let metrics = ["update_ratio"]

  /// The measure.
  public init() {}

  /// Of all weights as one vector and of each. Cost: none beyond the update's report.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    readings { () throws(UndefinedReason) in
      try UpdateReadings.make("update_ratio", subject) { update, places in
        UpdateReadings.quotient(
          UpdateReadings.norm(update.report.updateNorms, places),
          UpdateReadings.norm(update.report.normsBefore, places), "the weights' norm")
      } each: { update, place in
        UpdateReadings.quotient(
          update.report.updateNorms[place], update.report.normsBefore[place], "the weight's norm")
      }
    }
  }
}

/// The angle between a weight before and after an update, in radians: all of the update that matters
/// to a scale-invariant weight. A projection does not change it. Source: Kosson et al. 2023 (arXiv
/// 2305.17212), section 2.
public struct RotationPerUpdate: Diagnostic {
  /// `rotation`.
  public static let name = "rotation"
  /// One line.
  public static let summary = "angle between a weight before and after an update"
  /// Where it comes from.
  public static let source = "Kosson et al. 2023 (arXiv 2305.17212), section 2"
  /// `rotation`.
  public static let metrics = ["rotation"]

  /// The measure.
  public init() {}

  /// Of all weights as one vector and of each. Cost: none beyond the update's report.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    readings { () throws(UndefinedReason) in
      try UpdateReadings.make("rotation", subject) { update, places in
        Self.angle(
          UpdateReadings.norm(update.report.normsBefore, places),
          UpdateReadings.norm(update.report.normsAfter, places),
          UpdateReadings.norm(update.report.updateNorms, places))
      } each: { update, place in
        Self.angle(
          update.report.normsBefore[place], update.report.normsAfter[place],
          update.report.updateNorms[place])
      }
    }
  }

  private static func angle(
    _ before: Double, _ after: Double, _ step: Double
  ) -> DiagnosticOutcome {
    guard before > 0, after > 0 else { return .undefined(.zero("the weight's norm is zero")) }
    return DiagnosticOutcome(
      finite: UpdateReport.angle(between: before, and: after, opposite: step), "the angle")
  }
}

/// The effective learning rate that an update really had: the step size that would have moved a weight
/// of norm 1 as far.
///
///     gradient descent:            ‖u‖ / (‖g‖ ‖W‖²), which is η/‖W‖² for plain SGD
///     scale-free (Adam, RMSProp):  ‖u‖ / (√n ‖W‖), which is η/‖W‖ when every element moves by η
///
/// with the n elements of W and the gradient g as the optimizer saw it. Beside the declared η/‖W‖ or
/// η/‖W‖² it shows momentum, warm-up, clipping and moments that have not settled. Definition: ours,
/// after definition 1 of Lyle et al. 2024.
public struct RealisedEffectiveLearningRate: Diagnostic {
  /// `effective-learning-rate`.
  public static let name = "effective-learning-rate"
  /// One line.
  public static let summary = "step size that would move a weight of norm 1 as far"
  /// Where it comes from.
  public static let source = "our definition, after Lyle et al. 2024, definition 1"
  /// `realised_effective_learning_rate`.
  public static let metrics = ["realised_effective_learning_rate"]

  /// The measure.
  public init() {}

  /// Of the network, the mean over its weights, and of each. Cost: one pass over the gradients.
  public func measure(_ subject: DiagnosticSubject) -> [DiagnosticReading] {
    readings { () throws(UndefinedReason) in
      let gradients = subject.update.map { Norms($0.gradients).each } ?? []
      let each = { (update: MeasuredUpdate, place: Int) -> DiagnosticOutcome in
        let norm = update.report.normsBefore[place]
        let size = Double(update.parameters[place].parameter.value.elementCount)
        let bottom =
          update.isScaleFree ? size.squareRoot() * norm : gradients[place] * norm * norm
        return UpdateReadings.quotient(
          update.report.updateNorms[place], bottom, "the weight's norm or gradient")
      }
      return try UpdateReadings.make("realised_effective_learning_rate", subject) {
        update, places in
        let rates = places.map { each(update, $0) }
        if let reason = rates.compactMap(\.reason).first { return .undefined(reason) }
        return .value(rates.compactMap(\.number).reduce(0, +) / Double(rates.count))
      } each: {
        each($0, $1)
      }
    }
  }
}
