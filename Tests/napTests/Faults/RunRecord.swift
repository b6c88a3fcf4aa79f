import Experiments
import Foundation
import GRDB
import RunStore
import Testing
import Torch
import Training

/// Everything that a run left behind, for comparing byte by byte.
struct RunRecord: Equatable, Sendable {
  /// One recorded value; the bits of the number, since NaN equals nothing.
  struct Value: Hashable, Sendable {
    var metric: String
    var scope: String
    var task: Int
    var updates: Int
    var bits: UInt64
  }

  var run: StoreIdentifier
  var status: RunStatus
  /// But for those of the machine, which differ between equal runs.
  var values: [Value]
  /// The checkpoint's counters and positions, and the bytes of every tensor in order; `nil` without a
  /// checkpoint.
  var state: State?

  struct State: Equatable, Sendable {
    var updates: Int
    var values: [String: String]
    var names: [String]
    var bytes: [Data]

    init(reading url: URL) throws {
      let checkpoint = try Checkpoint(reading: url)
      updates = checkpoint.identity.updates
      values = checkpoint.snapshot.values
      names = checkpoint.snapshot.tensors.map { "\($0.name) \($0.tensor.summary)" }
      bytes = checkpoint.snapshot.tensors.map { $0.tensor.withBytes { Data($0) } }
    }
  }

  /// The only run of a folder of runs; `nil` when it has none. The checkpoint must be readable.
  init?(_ runs: URL) throws {
    guard FileManager.default.fileExists(atPath: runs.appending(path: Store.fileName).path) else {
      return nil
    }
    let store = try Store.open(at: runs)
    let found = try store.runs()
    guard let run = found.first else { return nil }
    try #require(found.count == 1, "\(found.count) runs instead of one")
    self.run = run.id
    status = run.status
    values = try store.values(of: run.id).filter { !Metric.ofTheMachine.contains($0.metric) }.map {
      Value(
        metric: $0.metric.name, scope: $0.scope, task: $0.task, updates: $0.updates,
        bits: $0.value.bitPattern)
    }
    let url = Self.checkpoint(of: run.id, in: runs)
    if FileManager.default.fileExists(atPath: url.path) { state = try State(reading: url) }
  }

  static func checkpoint(of run: StoreIdentifier, in runs: URL) -> URL {
    runs.appending(path: "\(run)/\(Checkpoint.fileName)")
  }

  /// Whether two runs, which bear different identifiers, recorded and saved the same bytes.
  func isSame(as other: RunRecord) -> Bool {
    status == other.status && values == other.values && state == other.state
  }

  /// What a record of an unfinished run owes to that of the whole run: every value is the whole run's,
  /// and none is missing up to the checkpoint.
  func problems(asBeginningOf whole: RunRecord) -> [String] {
    let expected = Set(whole.values)
    let known = Set(values)
    let wrong = known.subtracting(expected).count
    let saved = state?.updates ?? 0
    // The loss of a batch counts the updates before it, so the update after the checkpoint records it. A checkpoint
    // comes before its evaluation, which is then still owed; what the update itself did is recorded by then.
    let isOwed = state?.values["evaluation"] != nil
    let ofUpdate = [Metric.gradientNorm, .parameterNorm, .updateNorm].map(\.name)
    let missing = expected.filter { value in
      let isDue =
        isOwed ? ofUpdate.contains(value.metric) : value.metric != Metric.trainingLoss.name
      return (value.updates < saved || value.updates == saved && isDue) && !known.contains(value)
    }.count
    return [
      known.count == values.count ? nil : "values are doubled",
      wrong == 0 ? nil : "\(wrong) values differ from the whole run's",
      missing == 0 ? nil : "\(missing) values up to the checkpoint at \(saved) are missing",
    ].compactMap { $0 }
  }
}

/// What SQLite finds wrong with a store, by its own check of every page and index.
func integrityProblems(_ runs: URL) throws -> [String] {
  let file = runs.appending(path: Store.fileName)
  guard FileManager.default.fileExists(atPath: file.path) else { return [] }
  return try DatabaseQueue(path: file.path).inDatabase { database in
    let pages = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    let keys = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").map { "\($0)" }
    return pages + keys
  }
}

/// Names of temporary files below a folder of runs.
func partialFiles(_ runs: URL) -> [String] {
  let names = FileManager.default.enumerator(atPath: runs.path)?.compactMap { $0 as? String } ?? []
  return names.filter { $0.hasSuffix(".partial") }
}

/// The only run of a folder of runs, which must have one.
func onlyRecord(_ nap: Program) throws -> RunRecord { try #require(try RunRecord(nap.runs)) }
