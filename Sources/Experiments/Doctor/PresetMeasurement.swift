import Foundation
import RunStore
import Texts
public import Torch

/// Measurements of a run from some seconds of real training. `nap doctor` makes them in a separate process, to measure
/// its memory.
public struct PresetMeasurement: Codable, Hashable, Sendable {
  /// The arm that was trained.
  public var arm: String
  /// Updates that were timed.
  public var timedUpdates: Int
  /// Seconds before the first update: reading data, building the network.
  public var startSeconds: Double
  /// Seconds of an update within a task.
  public var updateSeconds: Double
  /// Seconds that a task boundary adds; `nil` if none was reached in time.
  public var taskSeconds: Double?
  /// Updates of the whole run.
  public var updates: Int
  /// Tasks of the whole run, as far as the recipe says.
  public var tasks: Int?
  /// The largest resident memory of the process, in bytes; 0 when the system does not say.
  public var peakMemoryBytes: Int
  /// The share of a core that the thread had while it was timed. Well below 1 on a busy machine, where times are too
  /// long.
  public var coreShare: Double
  /// Updates of the run before learning begins, and what it does beside its updates counted in these; `nil` where it
  /// learns from the first.
  public var waiting: Waiting?
  /// The most bytes that the run needs later, such as for a replay that fills.
  public var memoryToComeBytes: Int?

  /// Updates before learning begins.
  public struct Waiting: Codable, Hashable, Sendable {
    /// How many of the run's updates.
    public var updates: Int
    /// Further work that costs as much, in such updates.
    public var additionalUpdates: Int
    /// Seconds of one.
    public var seconds: Double
  }

  /// Hours of one whole run.
  public var hours: Double {
    let idle = min(waiting?.updates ?? 0, updates)
    let before = Double(idle + (waiting?.additionalUpdates ?? 0)) * (waiting?.seconds ?? 0)
    let training = updateSeconds * Double(updates - idle)
    let between = (taskSeconds ?? 0) * Double(tasks ?? 0)
    return (startSeconds + before + training + between) / 3_600
  }

  /// Memory of one whole run, in bytes.
  public var memoryBytes: Int { peakMemoryBytes + (memoryToComeBytes ?? 0) }

  /// The measurement on one line, as ``PresetSurvey`` reads it.
  public func json() throws -> String { try JSONText.encode(self) }

  /// Trains one preset for about `seconds` on one thread; see ``make(_:arm:configuration:device:seconds:goesOn:)``.
  ///
  /// - Parameters:
  ///   - arm: NaP's, where the preset has it, unless named.
  ///   - overrides: what differs from the preset.
  /// - Throws: what starting or training throws, ``UsageError`` for an unknown preset, arm or setting.
  public static func make<R: Recipe>(
    _ recipe: R.Type, preset name: String, arm: String? = nil,
    overrides: [ConfigurationOverride] = [], seconds: Double
  ) throws -> PresetMeasurement {
    Machine.threadCount = 1
    let preset = try R.preset(name)
    let arm = try R.arm(
      arm ?? preset.arms.first { $0 == "nap" } ?? preset.arms[0], methods: [])
    let configuration = try overrides.configuration(
      of: R.self, from: preset.configuration, arm: arm)
    _ = try R.validate(configuration)
    return try make(R.self, arm: arm, configuration: configuration, seconds: seconds)
  }

  /// Trains a run of a configuration for about `seconds`, which is then thrown away: at least two updates after some
  /// that are not counted, and, within three times the seconds, at least one task's end.
  ///
  /// - Parameter goesOn: called before every update. If it returns false, the timings until then count.
  /// - Throws: what starting or training throws.
  public static func make<R: Recipe>(
    _ recipe: R.Type, arm: String, configuration: R.Configuration, device: Device = .cpu,
    seconds: Double, goesOn: () -> Bool = { true }
  ) throws -> PresetMeasurement {
    var rehearsed = try RehearsedRun(R.self, configuration, device: device)
    return try rehearsed.measurement(arm: arm, seconds: seconds, goesOn: goesOn)
  }

  /// Times of updates, those at a task's end and beginning apart.
  struct Stopwatch {
    private(set) var plain: (count: Int, seconds: Double) = (0, 0)
    private(set) var boundary: (count: Int, seconds: Double) = (0, 0)
    private(set) var tasks = 0
    private var beginsTask = false

    /// Updates that were timed.
    var count: Int { plain.count + boundary.count }

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
