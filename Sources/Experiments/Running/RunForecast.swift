import Foundation
public import Torch

/// The number of threads of a run, the reason, and about how long the run takes: measured on some updates that are
/// trained beforehand and thrown away.
///
/// Threads help if an update is large. In a small update they wait for one another, and on a busy machine longer than
/// the work takes: twenty small runs at once on two cores ended 20 times sooner with one thread each.
public struct RunForecast: Hashable, Sendable {
  /// Threads of one operator.
  public var threads: Int
  /// The reason, in a few words.
  public var reason: String
  /// The measurement with these threads; `nil` if training stopped at a fault, which the run itself will report.
  public var measurement: PresetMeasurement?

  /// Remarks for a person before the run begins, if they were asked for.
  public var remarks: [String] = []

  /// Hours of the whole run; 0 if not known.
  public var hours: Double { measurement?.hours ?? 0 }

  /// An update below this many seconds is not shared between threads (our choice): waking them takes some 10 µs per
  /// operator.
  static let smallUpdateSeconds = 1e-3
  /// A run below this many seconds is too short to try several numbers of threads.
  static let shortRunSeconds = 20.0
  /// More threads have to be this many times quicker, since they are taken from other work on the machine.
  static let leastGain = 1.2

  /// A round of an agent that takes longer than this is abandoned, without a forecast (our choice).
  static let patience = Duration.seconds(10)

  /// Trains the beginning of a run with one thread and, unless updates are small or the run is short, with several,
  /// each for about `seconds`. Sets ``/Torch/Machine/threadCount`` to the choice.
  ///
  /// - Parameters:
  ///   - asked: the number of threads and its reason, if it is already decided.
  ///   - usable: processors that the process may use.
  ///   - beforeSharing: called before more than one thread is tried.
  ///   - examines: whether to check what the run needs later; a session does that itself.
  ///   - goesOn: asked before every update.
  /// - Throws: what starting throws.
  /// - Cost: starts the run twice; two seconds at most where updates are quick, and never much more than ten.
  public static func make<R: Recipe>(
    _ recipe: R.Type, arm: String, configuration: R.Configuration, device: Device,
    asked: (threads: Int, reason: String)? = nil, usable: Int = Machine.usableProcessorCount,
    seconds: Double = 0.4, examines: Bool = false, beforeSharing: () -> Void = {},
    goesOn: () -> Bool = { true }
  ) throws -> RunForecast {
    Machine.threadCount = asked?.threads ?? 1
    var rehearsed = try RehearsedRun(R.self, configuration, device: device, examines: examines)
    var forecast = RunForecast(
      threads: asked?.threads ?? 1, reason: asked?.reason ?? "",
      measurement: try? bounded {
        try rehearsed.measurement(arm: arm, seconds: seconds, goesOn: goesOn)
      })
    forecast.remarks = rehearsed.remarks
    guard asked == nil else { return forecast }
    guard let alone = forecast.measurement?.updateSeconds else {
      forecast.reason = "its beginning cannot be timed"
      return forecast
    }
    if let reason = reasonForOne(alone, whole: forecast.hours * 3_600, usable: usable) {
      forecast.reason = reason
      return forecast
    }
    beforeSharing()
    var timed = [1: alone]
    for count in counts(below: usable) where goesOn() {
      Machine.threadCount = count
      timed[count] = try? bounded {
        try rehearsed.time(seconds: seconds, goesOn: goesOn).updateSeconds
      }
    }
    (forecast.threads, forecast.reason) = choice(timed)
    forecast.measurement?.updateSeconds = timed[forecast.threads] ?? alone
    Machine.threadCount = forecast.threads
    return forecast
  }

  /// The result of `body`, which is asked to stop after ``patience``.
  private static func bounded<Result>(_ body: () throws -> Result) rethrows -> Result {
    let end = ContinuousClock.now + patience
    return try StopRequest.answering({ ContinuousClock.now > end }, body)
  }

  /// Why one thread is enough without trying more; `nil` if more should be tried.
  static func reasonForOne(_ seconds: Double, whole: Double, usable: Int) -> String? {
    if usable == 1 { return "this process may use one processor" }
    if whole < shortRunSeconds { return "the whole run takes about \(Int(whole.rounded(.up))) s" }
    if seconds < smallUpdateSeconds {
      return "an update takes \(milliseconds(seconds)), too little to share"
    }
    return nil
  }

  /// All usable processors, half of them, and so on, above one.
  static func counts(below usable: Int) -> [Int] {
    var counts: [Int] = []
    var count = usable
    while count > 1 {
      counts.append(count)
      count /= 2
    }
    return counts
  }

  /// The fewest threads that are nearly as quick as the quickest number and gain enough over one.
  static func choice(_ secondsByCount: [Int: Double]) -> (threads: Int, reason: String) {
    let sorted = secondsByCount.sorted { $0.key < $1.key }
    let alone = secondsByCount[1] ?? .infinity
    let quickest = sorted.map(\.value).min() ?? alone
    let figures = sorted.map { "\(milliseconds($0.value)) on \($0.key)" }.joined(separator: ", ")
    let reason = "an update takes \(figures)"
    guard alone >= quickest * leastGain,
      let found = sorted.first(where: { $0.value <= quickest * 1.05 })
    else { return (1, reason) }
    return (found.key, reason)
  }

  static func milliseconds(_ seconds: Double) -> String {
    String(format: seconds < 0.1 ? "%.2f ms" : "%.0f ms", seconds * 1_000)
  }
}
