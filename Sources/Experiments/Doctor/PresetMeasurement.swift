import Foundation
import RunStore
import Torch

/// What some seconds of real training told of a preset. Made in a process of its own, so that its
/// memory is its own.
public struct PresetMeasurement: Codable, Hashable, Sendable {
  /// The arm that was trained.
  public var arm: String
  /// Updates that were timed.
  public var timedUpdates: Int
  /// Seconds from nothing to the first update: reading data, building the network.
  public var startSeconds: Double
  /// Seconds of an update within a task.
  public var updateSeconds: Double
  /// Seconds that a task's end and the next one's beginning add; `nil` when none came up in time.
  public var taskSeconds: Double?
  /// Updates of the whole run.
  public var updates: Int
  /// Tasks of the whole run, as far as the recipe says.
  public var tasks: Int?
  /// The largest resident memory of the process, in bytes; 0 when the system does not say.
  public var peakMemoryBytes: Int
  /// The share of a core that the thread had while it was timed; well below 1 on a busy machine, whose
  /// times are then longer than they would be alone.
  public var coreShare: Double

  /// Hours of one whole run on one thread.
  public var hours: Double {
    let training = updateSeconds * Double(updates)
    let between = (taskSeconds ?? 0) * Double(tasks ?? 0)
    return (startSeconds + training + between) / 3_600
  }

  /// The measurement on one line, as ``PresetSurvey`` reads it.
  public func json() throws -> String { try JSONText.encode(self) }

  /// Trains one preset for about `seconds` on one thread: at least two updates after two that are not
  /// counted, and, within three times the seconds, at least one task's end.
  ///
  /// - Throws: what starting or training throws, ``UsageError`` for an unknown preset.
  public static func make<R: Recipe>(
    _ recipe: R.Type, preset name: String, seconds: Double
  ) throws -> PresetMeasurement {
    Machine.threadCount = 1
    let began = Date()
    let preset = try R.preset(name)
    let arm = preset.arms.first { $0 == "nap" } ?? preset.arms[0]
    let configuration = try R.configuration(preset.configuration, arm: arm)
    let updates = try R.start(configuration, seed: 0, device: .cpu).totalUpdates
    let startSeconds = Date().timeIntervalSince(began)
    let rehearsal = R.rehearsal(configuration)
    var run = try R.start(rehearsal.configuration, seed: 0, device: .cpu)
    var stopwatch = Stopwatch()
    for _ in 0..<2 { stopwatch.skip(try run.next()) }
    let measured = Date()
    let processorTime = clock()
    while true {
      let elapsed = Date().timeIntervalSince(measured)
      let hasAll = stopwatch.plain.count >= 2 && (rehearsal.tasks == nil || stopwatch.tasks > 0)
      let timed = stopwatch.plain.count + stopwatch.boundary.count
      if elapsed >= seconds, timed >= 2, hasAll || elapsed >= 3 * seconds { break }
      let start = Date()
      guard let event = try run.next() else {
        // A short run is over before the time is: the same once more.
        run = try R.start(rehearsal.configuration, seed: 0, device: .cpu)
        stopwatch.skip(try run.next())
        continue
      }
      stopwatch.count(event, Date().timeIntervalSince(start))
    }
    let worked = Double(clock() - processorTime) / Double(CLOCKS_PER_SEC)
    return PresetMeasurement(
      arm: arm, timedUpdates: stopwatch.plain.count + stopwatch.boundary.count,
      startSeconds: startSeconds, updateSeconds: stopwatch.updateSeconds,
      taskSeconds: rehearsal.tasks == nil ? nil : stopwatch.taskSeconds,
      updates: updates, tasks: rehearsal.tasks,
      peakMemoryBytes: ProcessUsage.peakMemoryBytes,
      coreShare: min(1, worked / max(Date().timeIntervalSince(measured), 1e-9)))
  }

  /// Times of updates, those at a task's end and beginning apart.
  struct Stopwatch {
    private(set) var plain: (count: Int, seconds: Double) = (0, 0)
    private(set) var boundary: (count: Int, seconds: Double) = (0, 0)
    private(set) var tasks = 0
    private var beginsTask = false

    /// Notes an update that is not timed.
    mutating func skip(_ event: TrainingEvent?) { beginsTask = event?.endsTask ?? false }

    /// Adds one update.
    mutating func count(_ event: TrainingEvent, _ seconds: Double) {
      if beginsTask || event.endsTask {
        boundary = (boundary.count + 1, boundary.seconds + seconds)
        if event.endsTask { tasks += 1 }
      } else {
        plain = (plain.count + 1, plain.seconds + seconds)
      }
      beginsTask = event.endsTask
    }

    /// The mean of updates within a task; of all when there were no others.
    var updateSeconds: Double {
      let timed = plain.count > 0 ? plain : boundary
      return timed.count > 0 ? timed.seconds / Double(timed.count) : 0
    }

    /// What a boundary adds to the updates beside it; `nil` when no task ended.
    var taskSeconds: Double? {
      guard tasks > 0 else { return nil }
      return max(0, boundary.seconds - Double(boundary.count) * updateSeconds) / Double(tasks)
    }
  }
}
