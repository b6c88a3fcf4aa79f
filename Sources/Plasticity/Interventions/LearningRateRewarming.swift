import Foundation
public import Networks

/// Re-warming the learning rate: it falls within a cycle and is raised again, every so many updates or
/// when the loss jumps.
///
/// With τ updates since the last reset, w of warm-up, d of decay and f the final share, the scheduled
/// rate is multiplied by
///
///     f + (1 − f) (τ + 1) / w                              τ < w
///     f + (1 − f) (1 + cos π min(1, (τ − w) / (d − w))) / 2    after
///
/// The signal is a one-sided CUSUM of the standardized loss, with running mean m and variance v:
///
///     S ← max(0, S + (loss − m) / √v − drift);   reset when S > threshold, then S = 0
///
/// Neither form knows the task boundary.
/// Source: Lyle et al. 2025 ("effective learning rate re-warming" on a cycle or on a CUSUM change
/// signal of the loss; METHOD 3.7); CUSUM is Page 1954. That source's curve and constants are not
/// known: the form and every default here is our choice.
public struct LearningRateRewarming: Intervention {
  /// `rewarm`.
  public static let name = "rewarm"
  /// One line.
  public static let summary =
    "lets the learning rate fall and raises it again, on a cycle or when the loss jumps"
  /// Where it comes from.
  public static let source = "Lyle et al. 2025; Page 1954"

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
  /// d, warm-up included; the period of a cycle.
  public var decayUpdates = 200
  /// f.
  public var finalShare = 0.01
  /// Deviations that the loss may lie above its mean without raising S.
  public var drift = 0.5
  /// S above which the rate is raised.
  public var threshold = 5.0
  /// How slowly mean and variance forget: the weight of what they were.
  public var smoothing = 0.98
  /// Updates after a reset during which mean and variance are learned and no signal is given.
  public var settlingUpdates = 50

  /// A cycle of 200 updates, 10 of warm-up, down to a hundredth.
  public init() {}

  /// Ranges of all of them.
  public func validate() throws(ConfigurationError) {
    try requireCount(warmUpUpdates, "warmUpUpdates", from: 0)
    try require(
      decayUpdates > warmUpUpdates, "decayUpdates", "more than warmUpUpdates, \(warmUpUpdates)",
      decayUpdates)
    try requireCount(decayUpdates, "decayUpdates", from: 1)
    try require(
      finalShare >= 0 && finalShare <= 1, "finalShare", "within 0 and 1", finalShare)
    try requireNotNegative(drift, "drift")
    try requireNotNegative(threshold, "threshold")
    try require(
      smoothing >= 0 && smoothing < 1, "smoothing", "at least 0 and below 1", smoothing)
    try requireCount(settlingUpdates, "settlingUpdates", from: 0)
  }

  /// The factor at its start.
  public func hook() -> any Hook { Rewarming(configuration: self) }

  /// The share of the scheduled rate, `time` updates after a reset.
  func share(at time: Int) -> Double {
    if time < warmUpUpdates {
      return finalShare + (1 - finalShare) * Double(time + 1) / Double(warmUpUpdates)
    }
    let progress = min(1, Double(time - warmUpUpdates) / Double(decayUpdates - warmUpUpdates))
    return finalShare + (1 - finalShare) * (1 + cos(.pi * progress)) / 2
  }
}

/// ``LearningRateRewarming`` at work.
struct Rewarming: Hook {
  let configuration: LearningRateRewarming
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

  init(configuration: LearningRateRewarming) { self.configuration = configuration }

  var name: String { LearningRateRewarming.name }

  func learningRateFactor(at update: Int) -> Double {
    switch configuration.trigger {
    case .cycle: configuration.share(at: update % configuration.decayUpdates)
    case .cusum: configuration.share(at: update - memory.resetAt)
    }
  }

  mutating func afterUpdate(_ moment: inout TrainingMoment) {
    guard configuration.trigger == .cusum else { return }
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
