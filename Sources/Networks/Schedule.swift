import Foundation

/// The learning rate as a function of the number of updates taken.
///
/// With the weights' norm fixed, the effective learning rate is the explicit one up to a constant, so
/// what used to happen by itself has to be said here.
///
/// Every kind begins with an optional warm-up: linear from ``warmUpRate`` at update 0 to the base rate
/// at update ``warmUpUpdates``. With `t` updates taken, `w` of warm-up, `d` of `decayUpdates` and
/// progress `p = (t − w) / (d − w)` within 0 … 1:
///
///     constant   base
///     linear     base + (final − base) p
///     cosine     final + (base − final) (1 + cos π p) / 2
///     step       base · factor^⌊(t − w) / stepUpdates⌋
///     cyclic     as cosine, with t counted again every d updates; from `cycleEnd` on, the final rate
///     trapezoid  base until b = max(w, d − f d), then base + (final − base) (t − b) / (d − b); f is `fallFraction`
///     points     the straight lines through (`atUpdates`, `rates`), constant outside them, whatever the base is
///
/// Written flat: the curve's word under `kind` beside its settings.
///
/// Rates are absolute, not shares of the base. ``restartsAtTask`` counts `t` from the task's start: a
/// run that uses it knows the boundary. `cyclic` is its counterpart that does not.
public struct Schedule: Sendable, Hashable, Codable {
  /// The form of the curve after the warm-up, with its settings.
  public var curve = Curve.constant
  /// Updates of linear warm-up; 0 for none.
  public var warmUpUpdates = 0
  /// The rate at update 0 when there is a warm-up.
  public var warmUpRate = 0.0
  /// Whether updates are counted from the start of the task.
  public var restartsAtTask = false

  /// A schedule; see the properties. Without arguments the base rate, always.
  public init(
    _ curve: Curve = .constant, warmUpUpdates: Int = 0, warmUpRate: Double = 0,
    restartsAtTask: Bool = false
  ) {
    self.curve = curve
    self.warmUpUpdates = warmUpUpdates
    self.warmUpRate = warmUpRate
    self.restartsAtTask = restartsAtTask
  }

  /// A period that relates to the length of a task and does not fall in step with its boundaries: 7/10 of a task, at
  /// least 10 updates (our choice).
  ///
  /// - Parameter updates: the updates of a task.
  public static func taskBlindPeriod(ofTask updates: Int) -> Int {
    let sevenfold = updates.multipliedReportingOverflow(by: 7)
    return max(10, (sevenfold.overflow ? .max : sevenfold.partialValue) / 10)
  }

  /// The rate of the next update.
  ///
  /// - Parameters:
  ///   - update: updates taken in the run; 0 for the first.
  ///   - updateInTask: updates taken in this task.
  ///   - base: the optimizer's learning rate, the highest of the curve.
  public func rate(update: Int, updateInTask: Int, base: Double) -> Double {
    var time = restartsAtTask ? updateInTask : update
    if case .cyclic(let cycle) = curve, cycle.decayUpdates > 0 {
      if let end = cycle.cycleEnd, time >= end { return cycle.finalRate }
      time %= cycle.decayUpdates
    }
    if time < warmUpUpdates {
      return warmUpRate + (base - warmUpRate) * Double(time) / Double(warmUpUpdates)
    }
    func cosine(to final: Double, _ updates: Int) -> Double {
      final + (base - final) * (1 + cos(.pi * progress(time, of: updates))) / 2
    }
    switch curve {
    case .constant: return base
    case .linear(let decay):
      let share = progress(time, of: decay.decayUpdates)
      return base * (1 - share) + decay.finalRate * share
    case .cosine(let decay): return cosine(to: decay.finalRate, decay.decayUpdates)
    case .cyclic(let cycle): return cosine(to: cycle.finalRate, cycle.decayUpdates)
    case .trapezoid(let fall):
      let updates = Double(fall.decayUpdates)
      let start = max(Double(warmUpUpdates), updates * (1 - fall.fallFraction))
      guard Double(time) >= start else { return base }
      guard time < fall.decayUpdates else { return fall.finalRate }
      return base + (fall.finalRate - base) * (Double(time) - start) / (updates - start)
    case .points(let points): return points.rate(at: time)
    case .step(let steps):
      guard steps.stepUpdates > 0 else { return base }
      return base * pow(steps.stepFactor, Double((time - warmUpUpdates) / steps.stepUpdates))
    }
  }

  /// The share of the decay that is over, 0 at the end of the warm-up and 1 from its last update on.
  private func progress(_ time: Int, of decayUpdates: Int) -> Double {
    guard time < decayUpdates else { return 1 }
    return Double(time - warmUpUpdates) / Double(decayUpdates - warmUpUpdates)
  }

  /// Checks every setting of the kind.
  ///
  /// - Throws: ``ConfigurationError`` naming the first that cannot be used.
  public func validate() throws(ConfigurationError) {
    try ConfigurationError.requireCount(warmUpUpdates, "schedule.warmUpUpdates", from: 0)
    try ConfigurationError.requireNumber(warmUpRate, "schedule.warmUpRate")
    func require(descentOf updates: Int, to rate: Double) throws(ConfigurationError) {
      try ConfigurationError.require(
        updates > warmUpUpdates, "schedule.decayUpdates",
        "more than schedule.warmUpUpdates, \(warmUpUpdates)", "\(updates)")
      try ConfigurationError.requireCount(updates, "schedule.decayUpdates", from: 0)
      try ConfigurationError.requireNumber(rate, "schedule.finalRate")
    }
    switch curve {
    case .constant: break
    case .linear(let decay), .cosine(let decay):
      try require(descentOf: decay.decayUpdates, to: decay.finalRate)
    case .trapezoid(let trapezoid):
      try ConfigurationError.requireNumber(
        trapezoid.fallFraction, "schedule.fallFraction", to: 1)
      try require(descentOf: trapezoid.decayUpdates, to: trapezoid.finalRate)
    case .cyclic(let cycle):
      try require(descentOf: cycle.decayUpdates, to: cycle.finalRate)
      try ConfigurationError.requireCount(cycle.cycleEnd ?? 0, "schedule.cycleEnd", from: 0)
    case .points(let points): try points.validate()
    case .step(let steps):
      try ConfigurationError.requireCount(
        steps.stepUpdates, "schedule.stepUpdates", from: 1, "above 0, at most 10^12")
      try ConfigurationError.requireNumber(steps.stepFactor, "schedule.stepFactor", isOpen: true)
    }
  }
}

/// Schedules of the paper, each with how it is known.
extension Schedule {
  /// The base rate, always.
  public static let constant = Schedule()

  /// Linear to 1e-6, from a base of 6.25e-5: the decay that stands in for the growth of Rainbow's
  /// norms (a reading of the paper's appendix B.2).
  ///
  /// - Parameter updates: the length of training.
  public static func rainbowLinear(updates: Int) -> Schedule {
    Schedule(.linear(.init { ($0.decayUpdates, $0.finalRate) = (updates, 1e-6) }))
  }

  /// Warm-up over 1,000 updates from 1e-8 to the base, then a cosine to 1e-6, again at every task:
  /// the sequential Arcade experiment (two readings of appendix B.2, which give a base of 6.25e-4;
  /// a dropped zero, 6.25e-5, is possible).
  ///
  /// - Parameter updates: the length of a task; 20M frames are 1.25M updates at one every 16 frames.
  public static func sequentialArcade(updatesPerTask updates: Int) -> Schedule {
    Schedule(
      .cosine(.init { ($0.decayUpdates, $0.finalRate) = (updates, 1e-6) }), warmUpUpdates: 1_000,
      warmUpRate: 1e-8, restartsAtTask: true)
  }
}
