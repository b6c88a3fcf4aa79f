/// What a measurement came to: a number, or the name of the reason why there is none.
///
/// A failure is never a number: not zero, which would look like a perfect network, and not a bare NaN,
/// which says nothing.
public enum DiagnosticOutcome: Sendable, Hashable {
  /// A finite number.
  case value(Double)
  /// No number, and why.
  case undefined(UndefinedReason)

  /// The number when it is finite, and otherwise its absence.
  ///
  /// - Parameter what: what was computed, for the reason.
  public init(finite number: Double, _ what: String) {
    self = number.isFinite ? .value(number) : .undefined(.notFinite("\(what) is \(number)"))
  }

  /// The number, `nil` where there is none.
  public var number: Double? {
    if case .value(let number) = self { number } else { nil }
  }

  /// The reason, `nil` where there is a number.
  public var reason: UndefinedReason? {
    if case .undefined(let reason) = self { reason } else { nil }
  }
}

/// Encoded as the number, or as `{"undefined": …, "reason": "words"}`.
extension DiagnosticOutcome: Codable {
  private enum CodingKeys: String, CodingKey { case undefined, reason }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    if let number = try? decoder.singleValueContainer().decode(Double.self) {
      self = .value(number)
    } else {
      self = .undefined(
        try decoder.container(keyedBy: CodingKeys.self)
          .decode(UndefinedReason.self, forKey: .undefined))
    }
  }

  /// Writes the number, or the reason as a case and in words.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .value(let number):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .undefined(let reason):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(reason, forKey: .undefined)
      try container.encode(reason.description, forKey: .reason)
    }
  }
}

/// Why a measurement has no value.
public enum UndefinedReason: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// There is no input to measure on.
  case emptyBatch
  /// The measure compares examples and needs more of them.
  case tooFewExamples(found: Int, needed: Int)
  /// The network has no such layer or parameter.
  case noLayer(String)
  /// The measure needs something that the caller did not give, such as labels.
  case notGiven(String)
  /// A parameter, an activation or a result is NaN or infinite.
  case notFinite(String)
  /// A quotient by something that is zero.
  case zero(String)
  /// An iteration that did not settle; the last estimate is no result.
  case notConverged(iterations: Int, estimate: Double)
  /// More memory or time than the measure allows itself.
  case tooLarge(String)

  /// The reason in words, without a full stop.
  public var description: String {
    switch self {
    case .emptyBatch: "the batch is empty"
    case .tooFewExamples(let found, let needed):
      "\(found) example\(found == 1 ? "" : "s") where at least \(needed) are needed"
    case .noLayer(let layer): "the network has no \(layer)"
    case .notGiven(let what): "\(what) not given"
    case .notFinite(let what): "not finite: \(what)"
    case .zero(let what): "division by zero: \(what)"
    case .notConverged(let iterations, let estimate):
      "not converged after \(iterations) iterations, the last estimate \(estimate)"
    case .tooLarge(let what): "too large: \(what)"
    }
  }
}
