public import RunStore

/// What a plan's runs came to, arm by arm.
public struct ComparisonSummary: Sendable {
  /// One arm over its seeds.
  public struct ArmResult: Sendable {
    /// The arm's name.
    public var arm: String
    /// Whether the arm uses knowledge of when the task changes.
    public var knowsBoundaries: Bool
    /// The arm's own settings in the plan, such as its tuned learning rate.
    public var overrides: [String: String]
    /// Runs that finished, by seed.
    public var runs: [Int: Run]
    /// Task-end accuracy of each seed over its tasks.
    public var accuracy: [Int: Trend]
    /// Online accuracy of each seed over its tasks.
    public var online: [Int: Trend]
    /// Task-end loss of each seed over its tasks.
    public var loss: [Int: Trend]
    /// Planned seeds whose run did not finish, with where it stands (`nil` for one not begun).
    public var unfinished: [Int: RunStatus?]
  }

  /// The plan.
  public var comparison: Comparison
  /// Arms in the plan's order.
  public var arms: [ArmResult]
  /// The primary measure by arm, with paired differences to the reference.
  public var primary: ArmComparison

  /// Reads what the plan's finished runs recorded.
  ///
  /// - Parameter margin: of non-inferiority, in units of the primary measure.
  public init<R: Recipe>(
    _ recipe: R.Type, _ comparison: Comparison, store: Store,
    margin: Double = NonInferiority.accuracyMargin
  ) throws {
    self.comparison = comparison
    let measure = R.primaryMeasure
    var arms: [ArmResult] = []
    var outcomes: [ArmOutcome] = []
    for arm in comparison.arms {
      let entries = comparison.entries.filter { $0.arm == arm }
      var result = ArmResult(
        arm: arm, knowsBoundaries: R.arms.first { $0.name == arm }?.knowsBoundaries ?? false,
        overrides: entries.first?.overrides ?? [:], runs: [:], accuracy: [:], online: [:],
        loss: [:], unfinished: [:])
      var scores: [Int: Double] = [:]
      var broken: [Int: RunStatus] = [:]
      for entry in entries {
        guard entry.status == .finished, let identifier = entry.run else {
          result.unfinished[entry.seed] = .some(entry.status)
          broken[entry.seed] = entry.status ?? .interrupted
          continue
        }
        result.runs[entry.seed] = try store.run(identifier)
        func trend(_ metric: Metric) throws -> Trend? {
          Trend(try store.valueByTask(SeriesKey(metric), of: identifier))
        }
        result.accuracy[entry.seed] = try trend(.taskEndAccuracy)
        result.online[entry.seed] = try trend(.onlineAccuracy)
        result.loss[entry.seed] = try trend(.taskEndLoss)
        scores[entry.seed] = measure.score(
          try store.valueByTask(SeriesKey(measure.metric), of: identifier))
      }
      arms.append(result)
      outcomes.append(ArmOutcome(arm: arm, scoreBySeed: scores, unfinishedBySeed: broken))
    }
    self.arms = arms
    primary = ArmComparison(
      outcomes, reference: R.referenceArm, margin: margin, higherIsBetter: measure.higherIsBetter)
  }
}

extension ComparisonSummary.ArmResult {
  /// The mean over seeds of one figure of a trend; `nil` without finished runs.
  public func mean(_ trends: [Int: Trend], _ figure: (Trend) -> Double) -> Double? {
    trends.isEmpty ? nil : Sample(trends.values.map(figure)).mean
  }
}
