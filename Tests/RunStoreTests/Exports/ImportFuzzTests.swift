import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import RunStore

/// Damaged tables and event files; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct ImportFuzzTests {
  /// What `text` makes of a run with so many tasks.
  private static func export(
    tasks: Int, _ bytes: (Store, Run) throws -> Data
  ) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      let run = Run.fixture(try StoreIdentifier("run-1"))
      try store.create(run)
      try store.append(
        taskValues(tasks: tasks) + [
          MetricValue(.deadUnits, scope: "hidden0", task: 0, updates: 3, value: .nan)
        ], to: run.id)
      return [UInt8](try bytes(store, run))
    }
  }

  /// Reads an input, and gives back what came in.
  private static func check(_ law: ParserLaw, ending: String) throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      law.check(isRefusal: { $0 is StoreError }, naming: { _ in "input" }) { input in
        let file = folder.appending(path: "input\(ending)")
        try Data(input.bytes).write(to: file)
        let runs = try store.importRuns(from: file, provenance: .fixture())
        defer { for run in runs { try? store.remove(run.id) } }
        do {
          for run in runs {
            #expect(try store.run(run.id).purpose == .imported)
            _ = try store.archive(of: run.id)
          }
          _ = try store.wideCSV(of: runs)
          _ = try store.writeEventFiles(of: runs, below: folder.appending(path: "board"))
        } catch {
          Issue.record("what came in cannot be given back: \(error)")
        }
      }
    }
  }

  private static func tables() throws -> ParserLaw {
    ParserLaw(
      "table",
      seeds: [
        try export(tasks: 3) { Data(try $0.wideCSV(of: [$1]).utf8) },
        try export(tasks: 3) { Data(try $0.csv(of: [$1]).utf8) },
        Array("step,acc\n1,0.5\n".utf8),
      ],
      words: [
        ",", "\"", "\r\n", "\n", "'=", "nan", "inf", "1e999", "-1", "9223372036854775808", "run",
        "[", "]",
      ],
      factor: 100, constant: 8 << 20,
      large: try export(tasks: 5_000) { Data(try $0.csv(of: [$1]).utf8) },
      share: 0.15)
  }

  @Test func `a damaged table is refused by name, or comes in and can be given back`() async throws
  {
    let end = await #expect(processExitsWith: .success) {
      try Self.check(Self.tables(), ending: ".csv")
    }
    try Self.tables().explain(end == nil)
  }

  private static func events() throws -> ParserLaw {
    func bytes(_ tasks: Int) throws -> [UInt8] {
      try export(tasks: tasks) { store, run in
        try Data(
          contentsOf: store.writeEventFiles(
            of: [run], below: store.folder.appending(path: "board"))[0])
      }
    }
    // Whole records with a sound frame, so that damage reaches what is inside.
    return ParserLaw(
      "events", seeds: [try bytes(3), try bytes(0)], words: ["hparams", "task", "seed"],
      factor: 100, constant: 8 << 20, large: try bytes(5_000), share: 0.15)
  }

  @Test func `a damaged event file is refused by name, or comes in and can be given back`()
    async throws
  {
    let end = await #expect(processExitsWith: .success) {
      try Self.check(Self.events(), ending: ".tfevents")
    }
    try Self.events().explain(end == nil)
  }

  private static func payloads() throws -> ParserLaw {
    let own = try export(tasks: 2) { store, run in
      try Data(
        contentsOf: store.writeEventFiles(of: [run], below: store.folder.appending(path: "board"))[
          0])
    }
    let records = try RecordFile.payloads(of: Data(own), path: "own").map { [UInt8]($0) }
    return ParserLaw(
      "events-inside", seeds: records, words: ["hparams", "task"], factor: 100, constant: 8 << 20)
  }

  @Test func `a damaged event in a sound frame is refused by name, or read`() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.payloads().check(isRefusal: { $0 is StoreError }) { input in
        // A scalar beside it, since an event alone need not have one.
        var sound = BoardEvent()
        var value = BoardSummary.Value()
        (value.tag, value.simpleValue) = ("loss", 1)
        sound.summary.value = [value]
        let file =
          RecordFile.framed(Data(input.bytes)) + RecordFile.framed(try sound.serializedData())
        _ = try Store.boardRun([(input.path, file)], name: "run", RunLabels(), .fixture())
      }
    }
    try Self.payloads().explain(end == nil)
  }
}
