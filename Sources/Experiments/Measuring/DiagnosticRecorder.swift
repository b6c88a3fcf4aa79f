import Networks
public import Plasticity
public import RunStore
public import Torch

/// Records a run's diagnostics when they are due, and keeps the references of measures of change.
///
/// Without diagnostics it has no cost.
public struct DiagnosticRecorder: Stateful {
  private let suite: DiagnosticSuite
  private let everyUpdates: Int
  /// The initial parameters, if a measure needs them.
  public private(set) var initial: [String: Tensor]?
  /// The response at the last measurement, if a measure needs it.
  public private(set) var reference: DiagnosticReference?

  /// A recorder of measures by name.
  ///
  /// - Parameter everyUpdates: updates between two measurements; 0 for task ends only.
  /// - Throws: ``UsageError`` for an unknown name, with the nearest ones.
  public init(_ names: [String], everyUpdates: Int) throws(UsageError) {
    suite = try Self.suite(names)
    self.everyUpdates = everyUpdates
  }

  /// Measures by name.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public static func suite(_ names: [String]) throws(UsageError) -> DiagnosticSuite {
    let known = [DiagnosticSuite.everything] + Diagnostics.all.map { $0.name }
    for name in names where !known.contains(name) {
      throw Nearest.error("there is no diagnostic", name, among: known, "the diagnostics are")
    }
    do { return try DiagnosticSuite(names) } catch { throw UsageError("\(error)") }
  }

  /// Whether there is anything to measure.
  public var isActive: Bool { !suite.isEmpty }

  /// Whether a measure compares with the initial parameters.
  var comparesWithInitial: Bool { suite.comparesWithInitial }

  /// Whether measurements are due after so many updates.
  public func isDue(after updates: Int, endsTask: Bool) -> Bool {
    !suite.isEmpty && (endsTask || (everyUpdates > 0 && updates % everyUpdates == 0))
  }

  /// Stores a network's first state as the reference of later measurements.
  public mutating func begin(_ subject: DiagnosticSubject) {
    if suite.comparesWithInitial { initial = Self.values(of: subject.network) }
    if suite.comparesWithEarlier { reference = DiagnosticReference(subject) }
  }

  /// Stores a network's parameters as the initial ones, before anything is loaded.
  mutating func restart(_ network: any Module) {
    if suite.comparesWithInitial { initial = Self.values(of: network) }
  }

  /// Sets the reference to the present state, since the inputs change now.
  mutating func rebase(_ subject: DiagnosticSubject) {
    if suite.comparesWithEarlier { reference = DiagnosticReference(subject) }
  }

  /// The values of a network's parameters, copied.
  static func values(of network: any Module) -> [String: Tensor] {
    Dictionary(
      network.namedParameters.map { ($0.name, $0.parameter.value.detached().cloned()) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The readings after an update, except for series that are measured already.
  ///
  /// - Parameters:
  ///   - values: what is measured already.
  ///   - later: metrics of this moment that the run itself measures afterwards.
  mutating func readings(
    _ subject: DiagnosticSubject, _ moment: LoopMoment, beside values: [MetricValue],
    except later: Set<Metric>
  ) -> [MetricValue] {
    let known = Set(values.map { SeriesKey($0.metric, scope: $0.scope) })
    let readings = suite.measure(subject).map {
      MetricValue($0, task: moment.task, updates: moment.updates)
    }
    if suite.comparesWithEarlier { reference = DiagnosticReference(subject) }
    return readings.filter {
      !known.contains(SeriesKey($0.metric, scope: $0.scope)) && !later.contains($0.metric)
    }
  }

  /// Saves the reference of the next measurement.
  public func save(into state: inout State) throws {
    if let reference { state.add("diagnostics", reference.namedTensors) }
  }

  /// Continues from a state; one without a reference leaves it at the start.
  ///
  /// - Throws: `StateError` for tensors that are no reference.
  public mutating func restore(_ state: State) throws {
    let saved = state.part("diagnostics").tensorsByName
    guard suite.comparesWithEarlier, !saved.isEmpty else { return }
    guard let restored = DiagnosticReference(restoring: saved) else {
      throw StateError("its 'diagnostics' tensors are not earlier activations and features")
    }
    reference = restored
  }
}

extension MetricValue {
  /// A reading for the store: NaN with its reason if there is no number.
  public init(_ reading: DiagnosticReading, task: Int, updates: Int) {
    self.init(
      Metric(reading.metric), scope: reading.scope, task: task, updates: updates,
      value: reading.outcome.number ?? .nan, reason: reading.outcome.reason?.description)
  }
}
