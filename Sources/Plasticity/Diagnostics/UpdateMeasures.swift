public import Networks
import OrderedCollections

/// Readings of the weights that an update changed: everything but biases, scales and offsets.
private enum UpdateReadings {
  /// One reading per weight, and first one of all weights as one vector.
  static func make(
    _ metric: String, _ subject: DiagnosticSubject, _ value: (StepRecord.Entry) -> Double
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let weights = try entries(subject, .weights)
    guard let all = weights.joined else { throw .noLayer("trainable weight") }
    return [DiagnosticReading(metric, outcome(all, value))]
      + weights.map { DiagnosticReading(metric, scope: $0.name, outcome($0, value)) }
  }

  /// The entries of the update's parameters of chosen roles.
  static func entries(
    _ subject: DiagnosticSubject, _ selection: ParameterSelection
  ) throws(UndefinedReason) -> [StepRecord.Entry] {
    guard let update = subject.update else { throw .notGiven("an update was") }
    return update.entries.filter { selection.includes($0.role) }
  }

  /// A number of an entry, or why there is none.
  static func outcome(
    _ entry: StepRecord.Entry, _ value: (StepRecord.Entry) -> Double
  ) -> DiagnosticOutcome {
    entry.normBefore == 0
      ? .undefined(.zero("the weight's norm is zero"))
      : DiagnosticOutcome(finite: value(entry), "the measure of the update")
  }
}

/// The size of the optimizer's step u beside the weight that it moves: ‖u‖ / ‖W‖ with W before the update.
///
/// Methods and the projection are not counted; ``WeightChange`` counts them.
/// Source: the measure that You et al. 2017 (LARS) balance.
public struct UpdateToWeightRatio: Diagnostic {
  public static let name = "update-ratio"
  public static let summary = "norm of the optimizer's step by the norm of the weight before it"
  public static let source = "You et al. 2017 (arXiv 1708.03888), section 4"
  public static let metrics = ["update_ratio"]

  public init() {}

  /// Of all weights as one vector and of each. Cost: none beyond the update's record.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try UpdateReadings.make("update_ratio", subject, \.stepRatio)
  }
}

/// What a weight really moved by in one update beside its size: ‖W' − W‖ / ‖W‖, the optimizer's step, methods
/// and projection together. Definition: ours.
public struct WeightChange: Diagnostic {
  public static let name = "weight-change"
  public static let summary =
    "norm of what a weight moved by, methods and projection included, by its norm before"
  public static let source = "our definition"
  public static let metrics = ["weight_change_ratio"]

  public init() {}

  /// Of all weights as one vector and of each. Cost: none beyond the update's record.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try UpdateReadings.make("weight_change_ratio", subject, \.changeRatio)
  }
}

/// The angle between a weight before and after an update, in radians: all of the update that matters
/// to a scale-invariant weight. Methods and the projection are counted; the projection does not change it.
/// Source: Kosson et al. 2023 (arXiv 2305.17212), section 2.
public struct RotationPerUpdate: Diagnostic {
  public static let name = "rotation"
  public static let summary = "angle between a weight before and after an update"
  public static let source = "Kosson et al. 2023 (arXiv 2305.17212), section 2"
  public static let metrics = ["rotation"]

  public init() {}

  /// Of all weights as one vector and of each. Cost: none beyond the update's record.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    try UpdateReadings.make("rotation", subject, \.rotation)
  }
}

/// The effective learning rate that an update really had: ‖u‖ / (√n ‖W‖), the step that each element of
/// a weight of norm 1 would have made, with the n elements of W and the optimizer's step u.
///
/// It is η/‖W‖ where every element moves by η. Beside that it shows ε, momentum, warm-up, clipping and
/// moments that have not settled. It asks for no formula of the optimizer and for no invariance.
/// Definition: ours, after definition 1 of Lyle et al. 2024.
public struct RealisedEffectiveLearningRate: Diagnostic {
  public static let name = "effective-learning-rate"
  public static let summary = "step of each element that would move a weight of norm 1 as far"
  public static let source = "our definition, after Lyle et al. 2024, definition 1"
  public static let metrics = ["realised_effective_learning_rate"]

  public init() {}

  /// Of the network, the mean over its scale groups of hidden weights, and of each group of weights, by the
  /// name of its first. Cost: none beyond the update's record.
  public func measure(
    _ subject: DiagnosticSubject
  ) throws(UndefinedReason) -> [DiagnosticReading] {
    let metric = "realised_effective_learning_rate"
    guard let update = subject.update else { throw .notGiven("an update was") }
    let groups = update.groups(.weights)
    let hidden = update.groups(.hidden)
    guard !groups.isEmpty else { throw .noLayer("trainable weight") }
    let rates = hidden.map { UpdateReadings.outcome($0, \.realisedRate) }
    let mean: DiagnosticOutcome =
      if let reason = rates.compactMap(\.reason).first {
        .undefined(reason)
      } else if rates.isEmpty {
        .undefined(.noLayer("trainable hidden weight"))
      } else {
        .value(rates.compactMap(\.number).reduce(0, +) / Double(rates.count))
      }
    return [DiagnosticReading(metric, mean)]
      + groups.map {
        DiagnosticReading(metric, scope: $0.name, UpdateReadings.outcome($0, \.realisedRate))
      }
  }
}

extension StepRecord {
  /// The scale groups of the parameters that a selection includes, each as one vector, in the network's order.
  ///
  /// A noisy layer's mean and deviation are one group.
  public func groups(_ selection: ParameterSelection) -> [Entry] {
    OrderedDictionary(grouping: entries.filter { selection.includes($0.role) }, by: \.group)
      .values.compactMap(\.joined)
  }
}
