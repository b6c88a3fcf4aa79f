import Foundation
import TestSupport
import Testing

@testable import RunStore

/// Exported runs that were damaged; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct RunArchiveFuzzTests {
  /// An exported run that is sound, with the words that may stand in it.
  private static func archive(tasks: Int) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let identifier = try StoreIdentifier("run-1")
      try store.create(.fixture(identifier))
      try store.append(
        taskValues(tasks: tasks) + [
          MetricValue(.deadUnits, scope: "hidden0", task: 0, updates: 3, value: .nan),
          MetricValue(.deadUnits, scope: "hidden0", task: 0, updates: 4, value: .infinity),
        ], to: identifier)
      try store.end(identifier, as: .diverged(reason: "the loss"), wallSeconds: 2.5)
      try store.resume(identifier, fromUpdates: 5, provenance: .fixture())
      return [UInt8](try store.archive(of: identifier))
    }
  }

  /// The decoder's index, the columns, and one value a point.
  private static func law() throws -> ParserLaw {
    ParserLaw(
      "archive", seeds: [try archive(tasks: 3), try archive(tasks: 0)],
      words: [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\"nan\"", "null", "true", "\n",
        "\"+12025-06-15T15:06:40Z\"", "\"0000-01-01T00:00:00Z\"", "-", "e9", "T", "Z",
      ], factor: 100, constant: 8 << 20, large: try archive(tasks: 20_000))
  }

  @Test func `a damaged archive is refused by name, or comes in and can be given back`()
    async throws
  {
    let end = await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        let store = try Store.open(at: folder)
        try Self.law().check(isRefusal: { $0 is StoreError }) { input in
          let run = try store.importArchive(Data(input.bytes), path: input.path)
          defer { try? store.remove(run.id) }
          do {
            let read = try store.run(run.id)
            #expect(read.status == run.status && read.ended == run.ended && read.name == run.name)
            #expect(try store.runs().map(\.id) == [run.id])
            _ = try store.csv(of: [read])
            let again = try store.archive(of: run.id)
            try store.remove(run.id)
            #expect(try store.importArchive(again, path: input.path) == read)
          } catch {
            Issue.record("what came in cannot be given back: \(error)")
          }
        }
      }
    }
    try Self.law().explain(end == nil)
  }
}
