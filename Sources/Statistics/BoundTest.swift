/// Whether differences lie beyond bounds: the one place where a word such as "no harm" or "as expected" is decided.
///
/// Each question is a two-sided paired t test of H₀: the mean difference is the bound. The p-values of all questions
/// that are asked at once are corrected by ``Holm``, and a word is said where the corrected p is at most 1 −
/// ``Evidence/confidence``. A question that is asked alone is decided exactly where the difference's interval does not
/// hold the bound; of several, an interval may exclude the bound and the word still be "undecided".
public struct BoundTest: Hashable, Sendable {
  /// One question: is an arm better than another one made worse by a margin?
  public struct Question: Hashable, Sendable {
    /// Arm minus other.
    public let difference: PairedDifference
    /// How much worse the arm may be, from 0, in the difference's unit; 0 asks whether it is better.
    public let margin: Double
    /// Whether a positive difference is good.
    public let higherIsBetter: Bool

    /// States a question.
    public init(_ difference: PairedDifference, margin: Double, higherIsBetter: Bool) {
      self.difference = difference
      self.margin = margin
      self.higherIsBetter = higherIsBetter
    }

    /// The bound that the difference is tested against: −margin where more is better, else +margin.
    public var bound: Double { higherIsBetter ? -margin : margin }
  }

  /// On which side of the bound a difference lies.
  public enum Side: String, Codable, Hashable, Sendable {
    /// Fewer pairs than ``Evidence/minimumSeedCount``.
    case tooFewSeeds
    /// On neither side for sure: more seeds are needed.
    case undecided
    /// On the better side.
    case better
    /// On the worse side.
    case worse
  }

  /// On which side of the bound the difference lies.
  public let side: Side
  /// The p-value, corrected over all questions that were asked at once; `nil` with too few pairs.
  public let adjustedP: Double?

  /// Answers questions that are asked at once, in their order.
  public static func answers(to questions: [Question]) -> [BoundTest] {
    let pValues = questions.map { $0.difference.pValue(against: $0.bound) }
    var adjusted = Holm.adjusted(pValues.compactMap { $0 })[...]
    return zip(questions, pValues).map { question, p in
      guard p != nil, let corrected = adjusted.popFirst() else {
        return BoundTest(side: .tooFewSeeds, adjustedP: nil)
      }
      guard corrected <= 1 - Evidence.confidence else {
        return BoundTest(side: .undecided, adjustedP: corrected)
      }
      let isAbove = question.difference.mean > question.bound
      return BoundTest(
        side: isAbove == question.higherIsBetter ? .better : .worse, adjustedP: corrected)
    }
  }
}
