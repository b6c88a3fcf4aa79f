import Datasets
import Foundation
import RunStore
import Testing
import Torch

/// Kills runs at random moments, takes each up again, possibly killing it again, and compares what the
/// finished run left with what an undisturbed one leaves.
///
/// All moments are drawn from the time that a whole run takes, and two in three then wait for a temporary
/// file: one stops the program while the file is there, which is a kill within the writing of a checkpoint
/// however busy the machine is, and one continues for at most three milliseconds, into the transactions around it.
struct KillHarness {
  /// Where in the program's work a kill falls.
  enum Aim: CaseIterable {
    case anywhere
    case withinWriting
    case afterWriting
  }

  /// What the kills hit.
  struct Tally {
    var kills = 0
    var trials = 0
    var beforeTheRun = 0
    var betweenSeriesAndCheckpoint = 0
    var whileWriting = 0
    var ofResumedRuns = 0
    var afterTheEnd = 0
  }

  let arms: [String]
  let seed: UInt64
  private(set) var tally = Tally()
  private var generator: SeededGenerator
  private var references: [String: (record: RunRecord, seconds: Double)] = [:]

  init(arms: [String], seed: UInt64) {
    (self.arms, self.seed) = (arms, seed)
    generator = SeededGenerator(seed: seed)
  }

  /// Runs trials until `count` runs were killed, or ten times as many trials did not come to that.
  mutating func kill(_ count: Int) throws {
    while tally.kills < count, tally.trials < 10 * count {
      let arm = arms[tally.trials % arms.count]
      if references[arm] == nil { references[arm] = try reference(arm) }
      tally.trials += 1
      try trial(arm, atMost: count - tally.kills)
    }
  }

  private func reference(_ arm: String) throws -> (RunRecord, Double) {
    try withProgram { nap in
      let clock = ContinuousClock.now
      let result = try nap.run(FaultRun.arguments(arm: arm))
      try #require(result.code == 0, "\(result.errors)")
      return (try onlyRecord(nap), (ContinuousClock.now - clock) / .seconds(1))
    }
  }

  private mutating func trial(_ arm: String, atMost: Int) throws {
    guard let (whole, seconds) = references[arm] else { return }
    let trial = "seed \(seed), trial \(tally.trials), arm \(arm)"
    try withProgram { nap in
      let wanted = min(atMost, 1 + generator.index(below: 4))
      var killed = 0
      while killed < wanted {
        let before = try RunRecord(nap.runs)
        guard before?.status != .finished else { break }
        let arguments =
          before.map { ["train", "--resume", $0.run.text, "--threads", "1"] }
          ?? FaultRun.arguments(arm: arm)
        // A resumed run forecasts nothing and has less to do.
        let window = before == nil ? seconds : seconds / 3
        guard try killOnce(nap, arguments, within: window, trial) else { break }
        killed += 1
        tally.kills += 1
        if before != nil { tally.ofResumedRuns += 1 }
        try examine(nap, whole, since: before, trial)
      }
      let record = try RunRecord(nap.runs)
      let last =
        try record == nil ? nap.run(FaultRun.arguments(arm: arm)) : nap.resumeUnlessFinished()
      #expect(last == nil || last?.code == 0, "\(trial): \(last?.errors ?? "")")
      let finished = try onlyRecord(nap)
      #expect(finished.isSame(as: whole), "\(trial): the finished run differs")
      #expect(try integrityProblems(nap.runs) == [], "\(trial)")
      #expect(partialFiles(nap.runs) == [], "\(trial)")
    }
  }

  /// What must hold right after a kill.
  private mutating func examine(
    _ nap: Program, _ whole: RunRecord, since before: RunRecord?, _ trial: String
  ) throws {
    #expect(try integrityProblems(nap.runs) == [], "\(trial): the store is damaged")
    if !partialFiles(nap.runs).isEmpty { tally.whileWriting += 1 }
    // Reading the record reads the checkpoint, which throws when it is not whole.
    guard let record = try RunRecord(nap.runs) else {
      tally.beforeTheRun += 1
      return
    }
    #expect(record.problems(asBeginningOf: whole) == [], "\(trial)")
    let saved = record.state?.updates ?? 0
    #expect(saved >= before?.state?.updates ?? 0, "\(trial): the checkpoint went back")
    if record.values.contains(where: { $0.updates > saved }) {
      tally.betweenSeriesAndCheckpoint += 1
    }
  }

  /// Starts the program and kills it at a random moment; `false` when it ended before.
  private mutating func killOnce(
    _ nap: Program, _ arguments: [String], within seconds: Double, _ trial: String
  ) throws -> Bool {
    let delay = generator.uniform() * seconds
    let aim = Aim.allCases[tally.kills % Aim.allCases.count]
    let extra = useconds_t(generator.index(below: 3_000))
    let (process, output, errors) = try nap.start(arguments)
    let readers = [Reader(output), Reader(errors)]
    let deadline = ContinuousClock.now + .seconds(delay)
    while process.isRunning, ContinuousClock.now < deadline { usleep(500) }
    if aim != .anywhere {
      while process.isRunning, !isStopped(process, writingIn: nap.runs) { usleep(50) }
      if aim == .afterWriting {
        Foundation.kill(process.processIdentifier, SIGCONT)
        usleep(extra)
      }
    }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let text = readers.map { $0.finish() }.joined()
    guard process.terminationReason == .uncaughtSignal else {
      #expect(process.terminationStatus == 0, "\(trial): \(text)")
      tally.afterTheEnd += 1
      return false
    }
    return true
  }

  /// Whether the program was stopped while a temporary file was there; otherwise it continues.
  private func isStopped(_ process: Process, writingIn runs: URL) -> Bool {
    guard !partialFiles(runs).isEmpty else { return false }
    Foundation.kill(process.processIdentifier, SIGSTOP)
    usleep(1_000)  // a stop is taken at the process's next return from the kernel
    if !partialFiles(runs).isEmpty { return true }
    Foundation.kill(process.processIdentifier, SIGCONT)
    return false
  }
}

extension Program {
  /// Continues the only run of the folder; `nil` when there is nothing left to do.
  func resumeUnlessFinished() throws -> Result? {
    try onlyRecord(self).status == .finished ? nil : resume()
  }
}
