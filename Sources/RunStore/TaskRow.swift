/// Tasks with names, of equal length, that a run goes through in a row, the whole row once or several times.
///
/// A task's number says which visit to which name it is: with N names, task t is visit ⌊t / N⌋ to name t mod N.
public struct TaskRow: Hashable, Sendable {
  /// The names, in order; no two are equal.
  public let names: [String]
  /// How often the row is gone through.
  public let visits: Int
  /// Updates of one visit to one name.
  public let updatesPerVisit: Int
  /// Metrics of which each name deserves a figure of its own.
  public let metrics: [Metric]

  /// A row; names that repeat are told apart by their place.
  ///
  /// - Precondition: there is a name, and the other numbers are above 0.
  public init(names: [String], visits: Int, updatesPerVisit: Int, metrics: [Metric]) {
    precondition(!names.isEmpty && visits > 0 && updatesPerVisit > 0, "a row of nothing")
    let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    self.names = names.enumerated().map { place, name in
      counts[name] == 1 ? name : "\(name), task \(place + 1)"
    }
    self.visits = visits
    self.updatesPerVisit = updatesPerVisit
    self.metrics = metrics
  }

  /// The tasks of the whole row, all visits counted.
  public var taskCount: Int { names.count * visits }

  /// A task in words, such as `pong (visit 2)`.
  public func words(task: Int) -> String {
    "\(names[task % names.count])" + (visits > 1 ? " (visit \(task / names.count + 1))" : "")
  }

  /// The points of one name, by the updates spent with it: those of a visit follow those of the visits before it.
  public func values(_ points: [SeriesPoint], ofName place: Int) -> [Int: Double] {
    let own = points.filter { $0.task % names.count == place }
    return Dictionary(
      own.map { point in
        (point.updates - (point.task - point.task / names.count) * updatesPerVisit, point.value)
      }, uniquingKeysWith: { _, last in last })
  }

  /// Where on the axis of ``values(_:ofName:)`` a visit ends and another begins; a value at such a place is of the
  /// visit that ends.
  public var visitEnds: [Int] { (1..<max(1, visits)).map { $0 * updatesPerVisit } }
}
