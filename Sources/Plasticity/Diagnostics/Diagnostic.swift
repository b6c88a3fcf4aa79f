/// A measurement of a network that changes nothing.
///
/// Equal subjects give equal readings, bit for bit. Parameters, buffers, recorded gradients and
/// generators are as before; what a measure draws comes from a split of the subject's generator. Where
/// there is no number the reading says why (``DiagnosticOutcome``). `TestSupport` holds this as a law.
public protocol Diagnostic: Sendable {
  /// The name in configurations, such as `dormant-units`.
  static var name: String { get }
  /// One line.
  static var summary: String { get }
  /// Authors, year and place in the paper, or where the definition is our own.
  static var source: String { get }
  /// The series that it gives, named as in `docs/metrics.md`.
  static var metrics: [String] { get }
  /// What the series of an added measure mean, for reports and for `nap list --metrics`; those left out have the
  /// measure's ``summary``.
  static var definitions: [MetricDefinition] { get }
  /// Whether it reads ``DiagnosticSubject/initial``, which is copied for such measures alone. No unless given.
  static var comparesWithInitial: Bool { get }
  /// Whether it reads ``DiagnosticSubject/reference``, which is taken for such measures alone. No unless given.
  static var comparesWithEarlier: Bool { get }

  /// Whether it reads the gradients of the outputs with respect to the inputs, which are taken along with those of the
  /// parameters for such measures alone. No unless given.
  static var readsInputGradients: Bool { get }

  /// The measure with its defaults.
  init()

  /// The measure with more patience than suits a recording. Where a recording has a number, this has the same number.
  var thorough: Self { get }

  /// One reading a series and scope; at least one of each of ``metrics`` for the whole network.
  ///
  /// - Throws: why there is no number of any series.
  func measure(_ subject: DiagnosticSubject) throws(UndefinedReason) -> [DiagnosticReading]
}

extension Diagnostic {
  /// None.
  public static var definitions: [MetricDefinition] { [] }
  /// No.
  public static var comparesWithInitial: Bool { false }
  /// No.
  public static var comparesWithEarlier: Bool { false }
  /// No.
  public static var readsInputGradients: Bool { false }
  /// The measure itself.
  public var thorough: Self { self }

  /// What ``measure(_:)`` gives, or every series undefined for the reason that it throws.
  public func readings(of subject: DiagnosticSubject) -> [DiagnosticReading] {
    do throws(UndefinedReason) {
      return try measure(subject)
    } catch {
      return Self.metrics.map { DiagnosticReading($0, .undefined(error)) }
    }
  }
}

/// What a series of a measurement is.
public struct MetricDefinition: Sendable, Hashable {
  /// The series, such as `dormant_units`.
  public var metric: String
  /// A title for people.
  public var title: String
  /// The unit, empty for a pure number.
  public var unit: String
  /// What it is, in a phrase.
  public var definition: String

  /// A definition; see the properties.
  public init(_ metric: String, title: String, unit: String = "", _ definition: String) {
    self.metric = metric
    self.title = title
    self.unit = unit
    self.definition = definition
  }
}

/// One number of a measurement, or the reason why there is none.
public struct DiagnosticReading: Sendable, Hashable, Codable {
  /// The series, such as `dormant_units`.
  public var metric: String
  /// What was measured: empty for the whole network, else the name of a layer or parameter.
  public var scope: String
  /// What it came to.
  public var outcome: DiagnosticOutcome

  /// A reading; of the whole network unless a scope is given.
  public init(_ metric: String, scope: String = "", _ outcome: DiagnosticOutcome) {
    self.metric = metric
    self.scope = scope
    self.outcome = outcome
  }
}
