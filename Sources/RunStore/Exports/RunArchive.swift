public import Foundation
import Texts

/// A run with all of its measurements, as one JSON file that another store takes in.
///
/// Checkpoints are not part of it.
public struct RunArchive: Codable, Hashable, Sendable {
  /// One series: its points as columns of equal length.
  public struct Series: Codable, Hashable, Sendable {
    /// What was measured, and on what.
    public let key: SeriesKey
    /// The task of each point.
    public let tasks: [Int]
    /// The update count of each point.
    public let updates: [Int]
    /// The value of each point; those that are not finite are `"nan"`, `"inf"`, `"-inf"` in JSON.
    public let values: [Double]
    /// Why a value is not finite, by the point's place; absent where no reason is known.
    public let reasons: [Int: String]?
  }

  /// The version of the file's layout that this program writes.
  public static let currentVersion = 1

  /// The version of the file's layout.
  public let version: Int
  /// The run.
  public let run: Run
  /// Its series, sorted by key.
  public let series: [Series]

  init(run: Run, values: [MetricValue]) {
    self.version = RunArchive.currentVersion
    self.run = run
    let groups = Dictionary(grouping: values) { SeriesKey($0.metric, scope: $0.scope) }
    self.series = groups.sorted { $0.key < $1.key }.map { key, values in
      Series(
        key: key, tasks: values.map(\.task), updates: values.map(\.updates),
        values: values.map(\.value), reasons: Self.reasons(values))
    }
  }

  private static func reasons(_ values: [MetricValue]) -> [Int: String]? {
    let known = values.enumerated().compactMap { place, value in
      value.reason.map { (place, $0) }
    }
    return known.isEmpty ? nil : Dictionary(known, uniquingKeysWith: { first, _ in first })
  }

  var values: [MetricValue] {
    series.flatMap { series in
      series.values.indices.map { index in
        MetricValue(
          series.key.metric, scope: series.key.scope, task: series.tasks[index],
          updates: series.updates[index], value: series.values[index],
          reason: series.reasons?[index])
      }
    }
  }
}

extension Store {
  /// A run with all of its measurements as pretty-printed JSON.
  public func archive(of run: StoreIdentifier) throws -> Data {
    try JSONText.data(RunArchive(run: self.run(run), values: values(of: run)), pretty: true)
  }

  /// Takes in a run that ``archive(of:)`` wrote, under its own identifier.
  ///
  /// A run that was running when it was exported comes in as interrupted, and one of an earlier build's arm `fresh`
  /// under its name of today (``FreshArm``).
  ///
  /// Memory: at most 100 times the file's size, and SQLite's page cache.
  ///
  /// - Parameter path: named in errors.
  /// - Throws: ``StoreError/unreadableArchive(path:reason:)``, and
  ///   ``StoreError/exists(identifier:path:)`` when the run is already here.
  @discardableResult
  public func importArchive(_ data: Data, path: String) throws -> Run {
    func refusal(_ reason: String) -> StoreError {
      .unreadableArchive(path: path, reason: Excerpt.of(reason, atMost: 300))
    }
    struct Header: Decodable { let version: Int }
    let archive: RunArchive
    do {
      let header = try JSONText.decode(Header.self, from: data)
      guard header.version == RunArchive.currentVersion else {
        throw refusal("it has layout \(header.version), expected \(RunArchive.currentVersion)")
      }
      archive = try JSONText.decode(RunArchive.self, from: data)
    } catch let error as DecodingError {
      throw refusal(error.sentence)
    } catch StoreError.invalidIdentifier(let text) {
      throw refusal("\(StoreError.invalidIdentifier(text: text))")
    }
    if let problem = archive.problem { throw refusal(problem) }
    var run = archive.run
    if run.status == .running { run.status = .interrupted }
    run.takeTodaysArm()
    try insert(run, points: archive.values)
    return run
  }
}
