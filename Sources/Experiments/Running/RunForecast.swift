import Foundation
public import Torch

/// How many threads a run gets, why, and about how long it takes: from some updates that are trained beforehand and
/// thrown away.
///
/// Threads are worth having where an update is large. In a small one they wait for one another, and on a machine that
/// others use, too, for longer than the work takes: twenty small runs at once on two cores ended 20 times sooner with a
/// thread each.
public struct RunForecast: Hashable, Sendable {
  /// Threads of one operator.
  public var threads: Int
  /// Why so many, in a few words.
  public var reason: String
  /// What was timed with them; `nil` where training stopped at a fault, which is the run's own to tell.
  public var measurement: PresetMeasurement?

  /// What a person should know of such a run before it begins, where that was asked for.
  public var remarks: [String] = []

  /// Hours of the whole run, 0 where they are not known.
  public var hours: Double { measurement?.hours ?? 0 }

  /// An update below this many seconds is not shared between threads (our choice): waking them takes some 10 µs an
  /// operator.
  static let smallUpdateSeconds = 1e-3
  /// A run below this many seconds is not worth trying what is quicker.
  static let shortRunSeconds = 20.0
  /// More threads have to be this many times quicker: they are taken from what else runs here.
  static let leastGain = 1.2

  /// A round of an agent that takes longer than this is not waited for: the forecast is then not known (our choice).
  static let patience = Duration.seconds(10)

  /// Trains the beginning of a run on one thread and, unless its updates are small or the whole is short, on several,
  /// each for about `seconds`; leaves ``/Torch/Machine/threadCount`` as it chose.
  ///
  /// - Parameters:
  ///   - asked: the number of threads where it is decided already, and why.
  ///   - usable: processors that may be kept busy.
  ///   - beforeSharing: called before more than one thread is tried.
  ///   - examines: whether what the run will need later on is looked for as well, which a session does by itself.
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
      forecast.reason = "its beginning cannot be tried"
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

  /// What `body` gives, which is asked to stop once ``patience`` is over.
  private static func bounded<Result>(_ body: () throws -> Result) rethrows -> Result {
    let end = ContinuousClock.now + patience
    return try StopRequest.answering({ ContinuousClock.now > end }, body)
  }

  /// Why one thread is enough before any other number was tried; `nil` where it is to be tried.
  static func reasonForOne(_ seconds: Double, whole: Double, usable: Int) -> String? {
    if usable == 1 { return "one processor is this process's to use" }
    if whole < shortRunSeconds { return "the whole run takes some \(Int(whole.rounded(.up))) s" }
    if seconds < smallUpdateSeconds {
      return "an update takes \(milliseconds(seconds)), too little to share"
    }
    return nil
  }

  /// All that may be used, half of them, and so on, above one.
  static func counts(below usable: Int) -> [Int] {
    var counts: [Int] = []
    var count = usable
    while count > 1 {
      counts.append(count)
      count /= 2
    }
    return counts
  }

  /// The fewest threads that come near the quickest and gain enough over one.
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
