import Foundation
import RunStore
import Synchronization
import Testing

/// A small run that saves after every task and records at every few updates.
enum FaultRun {
  /// The records of undisturbed runs, each made once for all tests.
  static let whole = WholeRuns()

  static func arguments(
    arm: String = "nap", tasks: Int = 12, hidden: String = "24,24", every: Int = 3
  ) -> [String] {
    [
      "train", "random-labels", "--arm", arm, "--threads", "1",
      "--set", "data.source=procedural", "--set", "data.imageCount=64", "--set", "data.size=8",
      "--set", "network.hidden=\(hidden)", "--set", "updatesPerTask=8", "--set", "tasks=\(tasks)",
      "--set", "recording.checkpointEveryTasks=1", "--set", "recording.everyUpdates=\(every)",
    ]
  }
}

extension Program {
  /// What became of a run that was asked to stop.
  struct Stopped {
    var code: Int32
    var errors: String
  }

  /// Starts a run, waits until `tasks` of its tasks are done, does something to it, and waits for its end.
  func started(
    _ arguments: [String], andAfter tasks: Int, do action: (Process) throws -> Void
  ) throws -> Stopped {
    let (process, output, errors) = try start(arguments + ["--json"])
    let reader = Reader(errors)
    var text = ""
    while text.components(separatedBy: #""event":"task""#).count <= tasks {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      text += String(decoding: data, as: UTF8.self)
    }
    try action(process)
    let rest = Reader(output)
    process.waitUntilExit()
    _ = rest.finish()
    return Stopped(code: process.terminationStatus, errors: reader.finish())
  }

  /// Waits until a run is recorded, a minute at most: before that nothing was begun that could be interrupted.
  func waitUntilRecorded() {
    let deadline = Date().addingTimeInterval(60)
    let recorded = { (try? Store.open(at: runs, for: .readOnly).runs().isEmpty) == false }
    while !recorded(), Date() < deadline { usleep(20_000) }
  }

  /// Continues a run, the only one of the folder unless given.
  func resume(_ run: StoreIdentifier? = nil) throws -> Result {
    let run = try run ?? onlyRecord(self).run
    return try self.run(["train", "--resume", run.text, "--threads", "1"])
  }

  /// The message of a failure: its lines without what the run said before.
  static func message(_ errors: String) -> [String] {
    errors.split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("nap: ") }
  }
}

extension Process {
  /// Asks for an end, and kills what has not ended by itself in time: a test then fails, and does not wait.
  func terminate(within seconds: Double) {
    terminate()
    let deadline = ContinuousClock.now + .seconds(seconds)
    while isRunning, ContinuousClock.now < deadline { usleep(10_000) }
    if isRunning { kill(processIdentifier, SIGKILL) }
  }
}

/// Checks that a failure is one sentence of nap's, holds each of the words, and nothing of a crash.
func expectOneSentence(
  _ result: (code: Int32, errors: String), code: Int32, _ words: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.code == code, "\(result.errors)", sourceLocation: sourceLocation)
  let lines = Program.message(result.errors)
  #expect(lines.count == 1, "\(result.errors)", sourceLocation: sourceLocation)
  for word in words {
    #expect(
      lines.first?.contains(word) == true, "'\(word)' is not in: \(result.errors)",
      sourceLocation: sourceLocation)
  }
}

/// Undisturbed runs by their arguments.
final class WholeRuns: Sendable {
  private let records = Mutex<[[String]: RunRecord]>([:])

  /// What a run of these arguments leaves when nothing disturbs it.
  func of(_ arguments: [String]) throws -> RunRecord {
    try records.withLock { records in
      if let record = records[arguments] { return record }
      let record = try withProgram { nap in
        let result = try nap.run(arguments)
        try #require(result.code == 0, "\(result.errors)")
        return try onlyRecord(nap)
      }
      records[arguments] = record
      return record
    }
  }
}
