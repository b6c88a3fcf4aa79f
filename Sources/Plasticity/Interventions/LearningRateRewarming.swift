import Foundation
public import Networks

/// Re-warming the learning rate: it falls within a cycle and is raised again, every so many updates or
/// when the loss jumps. With norms projected this is the effective rate.
///
/// With τ updates since the last raise, w of warm-up, d of decay, f the final share and p the peak, which is 1
/// until the first raise, the scheduled rate is multiplied by
///
///     f + (p − f) (τ + 1) / w                              τ < w
///     f + (p − f) (1 + cos π min(1, (τ − w) / (d − w))) / 2    after
///
/// The signal is a one-sided CUSUM of the standardized loss, with running mean m and variance v:
///
///     S ← max(0, S + (loss − m) / √v − drift);   raised when S > threshold, then S = 0
///
/// Neither form knows the task boundary. By default d relates to the length of a task without falling in step with it:
/// it is ``/Networks/Schedule/taskBlindPeriod(ofTask:)``, 7/10 of a task, and w is at most a fifth of it.
///
/// Source: Lyle et al. 2025 (arXiv 2507.20057, METHOD 3.7), section 3.2 and algorithm 1: after the update and the
/// projection the rate is set again, on a fixed schedule such as a cycle or by an adaptive criterion such as CUSUM of
/// the loss (Page 1954). Linear warm-up and cosine are its section 4.2's, ending the cycles its section 6.2's (there
/// after ten cycles), and a peak above the first one its appendix B.5's. Periods and the CUSUM's constants are not
/// given there: the standardization and every default here are our choice.
public struct LearningRateRewarming: Intervention {
  public static let name = "rewarm"
  public static let summary =
    "lets the learning rate fall and raises it again, on a cycle or when the loss jumps"
  public static let source = "Lyle et al. 2025, section 3.2, algorithm 1; Page 1954"

  /// What raises the rate.
  public enum Trigger: String, Sendable, Hashable, Codable, CaseIterable {
    /// Every ``LearningRateRewarming/decayUpdates`` updates.
    case cycle
    /// A CUSUM signal of the loss.
    case cusum
  }

  /// What raises the rate.
  public var trigger = Trigger.cycle
  /// w.
  public var warmUpUpdates = 10
  /// d, warm-up included; the period of a cycle. 0 takes 7/10 of a task, and 200 where its length is not known.
  public var decayUpdates = 0
  /// f.
  public var finalShare = 0.01
  /// p after the first raise.
  public var laterPeak = 1.0
  /// Cycles, or raises by a signal, after which the rate stays at the final share; 0 for no end.
  public var stopAfterCycles = 0
  /// Deviations that the loss may lie above its mean without raising S.
  public var drift = 0.5
  /// S above which the rate is raised.
  public var threshold = 5.0
  /// How slowly mean and variance forget: the weight of what they were.
  public var smoothing = 0.98
  /// Updates after a raise during which mean and variance are learned and no signal is given.
  public var settlingUpdates = 50

  public init() {}

  /// Reads the settings; those that were not there before have their defaults.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    trigger = try values.decode(Trigger.self, forKey: .trigger)
    warmUpUpdates = try values.decode(Int.self, forKey: .warmUpUpdates)
    decayUpdates = try values.decode(Int.self, forKey: .decayUpdates)
    finalShare = try values.decode(Double.self, forKey: .finalShare)
    laterPeak = try values.decodeIfPresent(Double.self, forKey: .laterPeak) ?? 1
    stopAfterCycles = try values.decodeIfPresent(Int.self, forKey: .stopAfterCycles) ?? 0
    drift = try values.decode(Double.self, forKey: .drift)
    threshold = try values.decode(Double.self, forKey: .threshold)
    smoothing = try values.decode(Double.self, forKey: .smoothing)
    settlingUpdates = try values.decode(Int.self, forKey: .settlingUpdates)
  }

  /// Ranges of all of them.
  public func validate() throws(ConfigurationError) {
    try requireCount(warmUpUpdates, "warmUpUpdates", from: 0)
    try require(
      decayUpdates == 0 || decayUpdates > warmUpUpdates, "decayUpdates",
      "0 (7/10 of a task) or more than warmUpUpdates, \(warmUpUpdates)", decayUpdates)
    try requireCount(decayUpdates, "decayUpdates", from: 0)
    try require(
      finalShare >= 0 && finalShare <= 1, "finalShare", "within 0 and 1", finalShare)
    try require(
      laterPeak >= finalShare, "laterPeak", "at least finalShare, \(finalShare)", laterPeak)
    try requirePositive(laterPeak, "laterPeak")
    try requireCount(stopAfterCycles, "stopAfterCycles", from: 0)
    try requireNotNegative(drift, "drift")
    try requireNotNegative(threshold, "threshold")
    try require(
      smoothing >= 0 && smoothing < 1, "smoothing", "at least 0 and below 1", smoothing)
    try requireCount(settlingUpdates, "settlingUpdates", from: 0)
  }

  public func hook() -> any Hook { Rewarming(configuration: self) }

  /// This with a length of decay, where it has none of its own, for tasks of so many updates.
  func resolved(updatesPerTask: Int?) -> LearningRateRewarming {
    guard decayUpdates == 0 else { return self }
    var result = self
    result.decayUpdates = updatesPerTask.map(Schedule.taskBlindPeriod(ofTask:)) ?? 200
    result.warmUpUpdates = min(warmUpUpdates, result.decayUpdates / 5)
    return result
  }

  /// The share of the scheduled rate, `time` updates after a raise to `peak`.
  func share(at time: Int, peak: Double = 1) -> Double {
    if time < warmUpUpdates {
      return finalShare + (peak - finalShare) * Double(time + 1) / Double(warmUpUpdates)
    }
    let progress = min(1, Double(time - warmUpUpdates) / Double(decayUpdates - warmUpUpdates))
    return finalShare + (peak - finalShare) * (1 + cos(.pi * progress)) / 2
  }
}

/// ``LearningRateRewarming`` at work.
struct Rewarming: Hook {
  /// With the length of decay that is in force.
  private(set) var configuration: LearningRateRewarming
  var memory = Memory()

  struct Memory: Codable, Sendable, Equatable {
    /// Updates completed when the rate was last raised.
    var resetAt = 0
    /// How often a signal raised it.
    var signalCount = 0
    /// Losses seen since, and their running statistics.
    var lossCount = 0
    var mean = 0.0
    var variance = 0.0
    /// S.
    var sum = 0.0
  }

  private let given: LearningRateRewarming

  init(configuration: LearningRateRewarming) {
    given = configuration
    self.configuration = configuration.resolved(updatesPerTask: nil)
  }

  var name: String { LearningRateRewarming.name }

  mutating func begin(_ site: HookSite) {
    configuration = given.resolved(updatesPerTask: site.updatesPerTask)
  }

  func learningRateFactor(at update: Int) -> Double {
    let (cycle, time) =
      switch configuration.trigger {
      case .cycle: update.quotientAndRemainder(dividingBy: configuration.decayUpdates)
      case .cusum: (memory.signalCount, update - memory.resetAt)
      }
    // By signals there is nothing to cut short: after the last one the decay ends at the final share.
    let end = configuration.stopAfterCycles
    if configuration.trigger == .cycle, end > 0, cycle >= end { return configuration.finalShare }
    return configuration.share(at: time, peak: cycle == 0 ? 1 : configuration.laterPeak)
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    let end = configuration.stopAfterCycles
    guard configuration.trigger == .cusum, end == 0 || memory.signalCount < end else { return }
    if memory.observe(moment.loss, configuration) {
      memory = Memory(resetAt: moment.update + 1, signalCount: memory.signalCount + 1)
    }
  }
}

extension Rewarming.Memory {
  /// Takes one loss in.
  ///
  /// - Returns: whether S passed the threshold.
  mutating func observe(_ loss: Double, _ configuration: LearningRateRewarming) -> Bool {
    if lossCount >= configuration.settlingUpdates, lossCount > 1, variance > 0 {
      sum = max(0, sum + (loss - mean) / variance.squareRoot() - configuration.drift)
      if sum > configuration.threshold { return true }
    }
    // Plain averages until the running ones would weigh less than that.
    let keep = min(configuration.smoothing, Double(lossCount) / Double(lossCount + 1))
    let deviation = loss - mean
    mean += (1 - keep) * deviation
    variance = keep * (variance + (1 - keep) * deviation * deviation)
    lossCount += 1
    return false
  }
}
