import RunStore
import Statistics

extension HTMLPage {
  /// Explains the numbers of the table.
  var tableExplanation: String {
    let measure = input.measure
    let noun = "\(measure.axis.noun)s"
    var sentences = ["\(measure.words.prefix(1).uppercased())\(measure.words.dropFirst())."]
    if input.isSequence {
      sentences.append("First half: mean over the \(noun) before those that count.")
      if let words = input.solvedWords {
        sentences.append(
          "Solved: \(noun) that count with a value \(words), of all seeds together.")
      }
      sentences.append(
        "The interquartile mean leaves out the best and the worst quarter of these \(noun) in each run. It is "
          + "shown in addition; the mean is the measure."
      )
    } else {
      sentences.append(
        "First and last fifth are means over those \(noun), the slope is per 100 of them (± its 95 % interval)."
      )
    }
    let rows = input.comparison.rows
    guard rows.contains(where: { $0.difference != nil }) else {
      return sentences.joined(separator: " ")
    }
    let pairs = input.isSequence ? "seed and \(measure.axis.noun)" : "seed"
    sentences.append(
      "Differences to \(input.reference) are paired by \(pairs); each interval is of one difference alone."
    )
    if rows.contains(where: { $0.nonInferiority == .tooFewSeeds }) {
      sentences.append(
        "There is no interval for fewer than \(Evidence.minimumSeedCount) seeds that both arms finished."
      )
    }
    sentences.append(
      "Holm p tests that an arm does not differ from \(input.reference). Verdict: whether an arm is worse than "
        + "\(input.reference) by more than \(Format.plain(measure.margin)) (harm) or not (no harm), with the p that "
        + "decides it. Both are corrected by Holm over the arms of this table, so a verdict may be undecided "
        + "where one interval alone would decide."
    )
    return sentences.joined(separator: " ")
  }
}
