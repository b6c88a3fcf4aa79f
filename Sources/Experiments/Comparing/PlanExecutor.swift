import DequeModule
public import Foundation
public import RunStore
import Texts
import Torch

/// Runs the entries of a plan, each in its own process, several at once.
///
/// With one process per run, a crash affects one run only, and every run has its own threads. Settled entries are
/// skipped; stopped ones are resumed from their checkpoints.
public final class PlanExecutor {
  /// What happened, in order.
  public enum Event: Sendable {
    /// A process began to train an entry.
    case started(entry: Int, isResumed: Bool)
    /// The progress of an entry.
    case progress(entry: Int, updates: Int, total: Int)
    /// A process ended. After a failure, `message` is the end of its standard error.
    case ended(entry: Int, status: RunStatus, message: String)
  }

  private struct Child {
    var process: Process
    var output: LineBuffer
    var errors: LineBuffer
  }

  private let store: Store
  private let comparison: StoreIdentifier
  private let executable: URL
  private let arguments: [String]
  private let jobs: Int
  private var waiting: Deque<Int>
  private var children: [Int: Child] = [:]
  private var events: Deque<Event> = []
  private var isStopping = false

  /// Prepares to run what is left of a plan.
  ///
  /// - Parameters:
  ///   - comparison: a plan in `store`.
  ///   - executable: the `nap` program.
  ///   - arguments: further arguments of every `nap train`, such as `--threads 1`.
  ///   - jobs: processes at once.
  ///   - entries: the entries to run, all where there are none given.
  public init(
    _ comparison: Comparison, store: Store, executable: URL, arguments: [String], jobs: Int,
    entries: [Int]? = nil
  ) {
    self.store = store
    self.comparison = comparison.id
    self.executable = executable
    self.arguments = arguments
    self.jobs = max(1, jobs)
    let asked = entries ?? Array(comparison.entries.indices)
    waiting = Deque(asked.filter { comparison.entries[$0].state != .settled })
  }

  /// Stops starting runs and asks those in progress to save and stop.
  public func interrupt() {
    isStopping = true
    waiting = []
    for child in children.values { child.process.interrupt() }
  }

  /// The next event; `nil` if none comes within about `seconds`.
  public func next(waitingAtMost seconds: Double = 0.25) throws -> Event? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      try startWaiting()
      try collect()
      if let event = events.popFirst() { return event }
      if isDone || ContinuousClock.now >= deadline { return nil }
      Thread.sleep(forTimeInterval: 0.02)
    }
  }

  /// Whether no run is in progress or waiting and every event has been read.
  public var isDone: Bool { children.isEmpty && waiting.isEmpty && events.isEmpty }

  private func startWaiting() throws {
    while children.count < jobs, let entry = waiting.popFirst() {
      let process = Process()
      process.executableURL = executable
      process.arguments = ["train", "--entry", "\(comparison)/\(entry)", "--json"] + arguments
      process.standardInput = FileHandle.nullDevice
      let output = LineBuffer()
      let errors = LineBuffer()
      process.standardOutput = output.pipe
      process.standardError = errors.pipe
      try process.run()
      children[entry] = Child(process: process, output: output, errors: errors)
      let isResumed = try store.comparison(comparison).entries[entry].run != nil
      events.append(.started(entry: entry, isResumed: isResumed))
    }
  }

  private func collect() throws {
    for (entry, child) in children.sorted(by: { $0.key < $1.key }) {
      // Checked before reading, so that all output of an ended process is read below.
      let hasEnded = !child.process.isRunning
      if hasEnded {
        child.output.drain()
        child.errors.drain()
      }
      for line in child.output.takeLines() {
        if let progress = ProgressLine(line) {
          events.append(
            .progress(entry: entry, updates: progress.updates, total: progress.total))
        }
      }
      guard hasEnded else { continue }
      children[entry] = nil
      try store.markAbandonedRunsInterrupted()
      let recorded = try store.comparison(comparison).entries[entry].status
      let errors = child.errors.takeLines().suffix(4).joined(separator: "\n")
      let process = child.process
      let end = process.terminationReason == .exit ? "code" : "signal"
      let message =
        errors.isEmpty ? "its process ended with \(end) \(process.terminationStatus)" : errors
      let status = recorded ?? .failed(message: message)
      events.append(.ended(entry: entry, status: status, message: message))
    }
  }
}

/// One line of `nap train --json` with the progress.
public struct ProgressLine: Codable, Hashable, Sendable {
  /// Always `progress`.
  public var event: String
  /// Updates completed.
  public var updates: Int
  /// Updates of the whole run.
  public var total: Int
  /// The task.
  public var task: Int

  /// A line to print.
  public init(updates: Int, total: Int, task: Int) {
    event = "progress"
    self.updates = updates
    self.total = total
    self.task = task
  }

  /// A line that was read; `nil` for other lines, and for one whose counts cannot be.
  public init?(_ line: String) {
    guard let value = try? JSONText.decode(ProgressLine.self, from: line),
      value.event == "progress", value.task >= 0, (0...max(value.total, 0)).contains(value.updates)
    else { return nil }
    self = value
  }
}
