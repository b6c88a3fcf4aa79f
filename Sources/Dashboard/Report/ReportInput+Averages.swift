import RunStore
import Statistics

extension ReportInput {
  /// One sentence per disagreement of mean and interquartile mean over tasks in sign or verdict; none if a report has
  /// only the mean.
  ///
  /// The mean is the measure. The interquartile mean leaves out the best and the worst quarter of a run's tasks. The
  /// two disagree if few tasks decide, which a reader has to know.
  var disagreements: [String] {
    guard isSequence else { return [] }
    let pairs = zip(comparison(by: .mean).rows, comparison(by: .interquartileMean).rows)
    let rows = pairs.compactMap { mean, other -> String? in
      guard let left = mean.difference?.mean, let right = other.difference?.mean,
        left * right < 0 || mean.nonInferiority != other.nonInferiority
      else { return nil }
      let name = "\(mean.outcome.arm) − \(reference)"
      return "\(name) is \(Format.signed(left)) by the mean (\(ArmTable.verdict(mean))) and "
        + "\(Format.signed(right)) by the interquartile mean (\(ArmTable.verdict(other)))"
    }
    let judged = zip(
      Finding.judged(hypotheses, arms: arms, measure: measure),
      Finding.judged(hypotheses, arms: arms, measure: measure, by: .interquartileMean))
    let findings = judged.compactMap { mean, other -> String? in
      guard mean.verdict != other.verdict else { return nil }
      let hypothesis = mean.hypothesis
      return "whether \(hypothesis.arm) is \(hypothesis.relation.words) \(hypothesis.other): "
        + "\(mean.verdict.words) by the mean, \(other.verdict.words) by the interquartile mean"
    }
    guard !(rows + findings).isEmpty else { return [] }
    return [
      "The mean over tasks (the measure) and the interquartile mean disagree: "
        + (rows + findings).joined(separator: "; ") + "."
    ]
  }

  /// What counts as a solved task, such as `above 0`; `nil` where nothing does.
  var solvedWords: String? {
    guard isSequence, let threshold = measure.solvedBeyond else { return nil }
    return (measure.higherIsBetter ? "above " : "below ") + Format.plain(threshold)
  }
}

extension Hypothesis.Relation {
  /// What stands between the two arms.
  var words: String {
    switch self {
    case .better: "better than"
    case .noWorse: "no worse than"
    }
  }
}
