import Foundation
import RunStore
import Torch

/// A run that is trained for some seconds to forecast the real one, and thrown away. It records nothing.
struct RehearsedRun<R: Recipe> {
  private let rehearsal: Rehearsal<R.Configuration>
  private let device: Device
  private let updates: Int
  private let startSeconds: Double
  private let memoryToComeBytes: Int
  /// Remarks for a person before such a run begins.
  let remarks: [String]
  private var run: R.Training
  private var isWarm = false

  /// Starts the real configuration, to know its length and what starting costs, then the rehearsal's.
  ///
  /// - Parameter examines: whether what the run will need later on is looked for as well.
  /// - Throws: what starting throws.
  init(
    _ recipe: R.Type, _ configuration: R.Configuration, device: Device, examines: Bool = false
  ) throws {
    let began = ContinuousClock.now
    (updates, memoryToComeBytes, remarks) = try Self.facts(configuration, device, examines)
    // Two large runs at once would take what one alone has room for.
    Machine.releaseMemory()
    startSeconds = (ContinuousClock.now - began) / .seconds(1)
    rehearsal = R.rehearsal(configuration)
    self.device = device
    run = try R.started(rehearsal.configuration, seed: 0, device: device)
  }

  /// Length, memory to come and remarks of the real run, which is started for them and gone at the end.
  private static func facts(
    _ configuration: R.Configuration, _ device: Device, _ examines: Bool
  ) throws -> (updates: Int, bytes: Int, remarks: [String]) {
    let whole = try R.started(configuration, seed: 0, device: device)
    return (
      whole.totalUpdates, whole.bytesToCome, examines ? try whole.examination().remarks : []
    )
  }

  /// What about `seconds` of training tell.
  ///
  /// - Parameter goesOn: asked before every update.
  mutating func measurement(
    arm: String, seconds: Double, goesOn: () -> Bool
  ) throws -> PresetMeasurement {
    let began = ContinuousClock.now
    let processorTime = clock()
    let waiting = try waiting(seconds: seconds / 4, goesOn: goesOn)
    let stopwatch = try time(seconds: seconds, goesOn: goesOn)
    let worked = Double(clock() - processorTime) / Double(CLOCKS_PER_SEC)
    let elapsed = max((ContinuousClock.now - began) / .seconds(1), 1e-9)
    return PresetMeasurement(
      arm: arm, timedUpdates: stopwatch.count, startSeconds: startSeconds,
      updateSeconds: stopwatch.updateSeconds,
      taskSeconds: rehearsal.tasks == nil ? nil : stopwatch.taskSeconds, updates: updates,
      tasks: rehearsal.tasks, peakMemoryBytes: ProcessUsage.peakMemoryBytes,
      coreShare: min(1, worked / elapsed), waiting: waiting,
      memoryToComeBytes: memoryToComeBytes > 0 ? memoryToComeBytes : nil)
  }

  /// Times updates for about `seconds`: at least two after those that are skipped, and, within three times the seconds,
  /// at least one task's end.
  mutating func time(
    seconds: Double, goesOn: () -> Bool
  ) throws -> PresetMeasurement.Stopwatch {
    var stopwatch = PresetMeasurement.Stopwatch()
    if !isWarm {
      for _ in 0..<skippedUpdates where goesOn() { stopwatch.skip(try run.next()) }
      isWarm = true
    }
    let began = ContinuousClock.now
    while goesOn() {
      let start = ContinuousClock.now
      let elapsed = (start - began) / .seconds(1)
      let hasAll = stopwatch.plain.count >= 2 && (rehearsal.tasks == nil || stopwatch.tasks > 0)
      if elapsed >= seconds, stopwatch.count >= 2, hasAll || elapsed >= 3 * seconds { break }
      guard let event = try run.next() else {
        // A short run is over before the time is: the same once more.
        run = try R.started(rehearsal.configuration, seed: 0, device: device)
        for _ in 0..<skippedUpdates where goesOn() { stopwatch.skip(try run.next()) }
        continue
      }
      stopwatch.count(event, (ContinuousClock.now - start) / .seconds(1))
    }
    return stopwatch
  }

  /// Updates that are not timed at a run's start; a run that is not longer than that is timed from its last two on.
  private var skippedUpdates: Int {
    max(0, min(max(1, rehearsal.skippedUpdates), run.totalUpdates - 2))
  }

  /// Updates before learning begins.
  private func waiting(
    seconds: Double, goesOn: () -> Bool
  ) throws -> PresetMeasurement.Waiting? {
    guard let waiting = rehearsal.waiting else { return nil }
    var run = try R.started(waiting.configuration, seed: 0, device: device)
    _ = try run.next()
    let began = ContinuousClock.now
    var count = 0
    var elapsed = 0.0
    while goesOn(), elapsed < seconds || count < 2 {
      guard try run.next() != nil else { break }
      count += 1
      elapsed = (ContinuousClock.now - began) / .seconds(1)
    }
    return PresetMeasurement.Waiting(
      updates: waiting.updates, additionalUpdates: waiting.additionalUpdates,
      seconds: elapsed / Double(max(count, 1)))
  }
}
