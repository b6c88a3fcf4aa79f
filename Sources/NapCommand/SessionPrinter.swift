import Experiments
import Foundation
import RunStore
import Torch

/// Trains a session to its end and shows its progress.
struct SessionPrinter {
  /// JSON lines instead of a bar.
  var json: Bool
  /// The process that started the run. When it ends, the run saves and stops.
  var parent: pid_t?
  /// Where event files of TensorBoard are written meanwhile.
  var board: URL?

  /// - Throws: ``Failure/Interrupted`` or ``Failure/Outcome`` when the run did not finish.
  func run<R: Recipe>(_ start: TrainingSession<R>) throws {
    let parent = parent
    let isAsked = { @Sendable in
      Interruption.isRequested || (parent.map { getppid() != $0 } ?? false)
    }
    try StopRequest.answering(isAsked) { try train(start) }
  }

  private func train<R: Recipe>(_ start: TrainingSession<R>) throws {
    var session = start
    let total = session.training.totalUpdates
    var progress = Progress(
      json ? .silent : Progress.automatic, unit: "updates", startedAt: session.resumedAt)
    if json {
      try print(
        RunLine(run: "\(session.run)", resumedAt: session.resumedAt, protocol: session.manifest))
    } else {
      let from = session.resumedAt > 0 ? ", resumed at update \(session.resumedAt)" : ""
      Console.error("run \(session.run): \(total) updates\(from)")
    }
    // A plan says it once, for all of its runs.
    if parent == nil {
      for remark in session.remarks { Console.error("warning: \(remark)") }
    }
    var events = try board.map { try session.eventFile(below: $0) }
    var shown: ContinuousClock.Instant?
    var note = ""
    var saysCapture = parent == nil && CaptureChoice.isOn
    while let event = try told(&session, clearing: &progress, { try $0.next() }) {
      if event.endsTask || event.measurements.contains(where: { $0.metric == .episodeReturn }) {
        note = Self.note(event)
      }
      if event.endsTask, json { try printTask(event) }
      if saysCapture, let problem = Self.captureProblem(session) {
        saysCapture = false
        progress.clear()
        Console.error("note: \(problem)")
      }
      record(event, in: &events)
      if event.updates % 16 == 0 || event.endsTask {
        progress.show(event.updates, of: total, note)
        if json, shown.map({ ContinuousClock.now - $0 >= .milliseconds(500) }) ?? true {
          shown = .now
          try print(ProgressLine(updates: event.updates, total: total, task: event.task))
        }
      }
      if let outcome = event.outcome {
        progress.clear()
        throw Self.outcome(outcome, of: session.run)
      }
      if session.isStopDue {
        progress.clear()
        let status = try told(&session, clearing: &progress) { try $0.interrupt() }
        guard status == .interrupted else { throw Self.outcome(status, of: session.run) }
        throw Failure.Interrupted(
          advice: "Continue with: \(session.command("train --resume \(session.run)"))",
          saved: session.isSaved
            ? "everything is saved"
            : "the update in progress was abandoned, and the state at update \(session.savedAt) is saved"
        )
      }
    }
    progress.clear()
    try? events?.end(as: .finished)
    if json {
      try print(ProgressLine(updates: total, total: total, task: 0))
    } else {
      Console.error(
        "run \(session.run) finished in \(Progress.duration(session.wallSeconds)); \(note)")
    }
  }

  /// What of a session's updates is not replayed, and why; `nil` where all is.
  private static func captureProblem<R: Recipe>(_ session: TrainingSession<R>) -> String? {
    (session.training as? any CapturingRun)?.captureProblem
  }

  /// Adds an event to the event file. A file that cannot be written is given up, and the run goes on: the store has
  /// its values.
  private func record(_ event: TrainingEvent, in events: inout EventFile?) {
    guard let file = events, !event.measurements.isEmpty || event.outcome != nil else { return }
    do {
      if !event.measurements.isEmpty { try file.add(event.measurements) }
      if let outcome = event.outcome { try file.end(as: outcome) }
    } catch {
      events = nil
      Console.error(
        "warning: \(error) The run goes on without event files; nap runs export writes them later.")
    }
  }

  /// The result of a step of a session. A fault gets advice on how to continue, except in a plan, which gives it.
  private func told<R: Recipe, Value>(
    _ session: inout TrainingSession<R>, clearing progress: inout Progress,
    _ step: (inout TrainingSession<R>) throws -> Value
  ) throws -> Value {
    do {
      return try step(&session)
    } catch {
      progress.clear()
      if parent != nil { throw error }
      let run = session.run
      let saved = session.savedAt
      throw Failure.Stopped(
        fault: error,
        advice: "run \(run) stays "
          + (saved > 0
            ? "at its checkpoint of update \(saved)" : "at its start, without a checkpoint")
          + "; once the cause is removed, continue with: "
          + session.command("train --resume \(run)"))
    }
  }

  private static func outcome(_ status: RunStatus, of run: StoreIdentifier) -> Failure.Outcome {
    Failure.Outcome(description: "run \(run) ended early: \(status)")
  }

  private static func note(_ event: TrainingEvent) -> String {
    func text(_ metric: Metric) -> String? {
      event.measurements.first { $0.metric == metric && $0.scope.isEmpty }
        .map { String(format: "%.3f", $0.value) }
    }
    return [
      "task \(event.task + 1)", text(.taskEndLoss).map { "loss \($0)" },
      text(.taskEndAccuracy).map { "accuracy \($0)" },
      text(.onlineAccuracy).map { "online \($0)" }, text(.episodeReturn).map { "return \($0)" },
    ].compactMap { $0 }.joined(separator: "  ")
  }

  private struct RunLine: Encodable {
    var event = "run"
    var run: String
    var resumedAt: Int
    /// The facts that the run's numbers depend on, by name, by group.
    var `protocol`: [String: [String: String]]
  }

  private struct TaskLine: Encodable {
    var event = "task"
    var task: Int
    var updates: Int
    var measurements: [String: Double]
  }

  private func printTask(_ event: TrainingEvent) throws {
    var values: [String: Double] = [:]
    for value in event.measurements where value.scope.isEmpty && value.value.isFinite {
      values[value.metric.name] = value.value
    }
    try print(TaskLine(task: event.task, updates: event.updates, measurements: values))
  }

  private func print(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    Console.line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
