public import Statistics

/// What one arm of a comparison gave: a score a seed, and the seeds that gave none.
public struct ArmOutcome: Codable, Hashable, Sendable {
  /// The arm.
  public let arm: String
  /// The primary measure of each seed that finished.
  public let scoreBySeed: [Int: Double]
  /// The seeds that did not finish, with what became of them.
  public let unfinishedBySeed: [Int: RunStatus]
  /// For each seed the values by task whose differences count instead of the scores'; empty for most measures.
  public let pairedValuesBySeed: [Int: [Int: Double]]

  /// States an arm's outcome.
  public init(
    arm: String, scoreBySeed: [Int: Double], unfinishedBySeed: [Int: RunStatus] = [:],
    pairedValuesBySeed: [Int: [Int: Double]] = [:]
  ) {
    self.arm = arm
    self.scoreBySeed = scoreBySeed
    self.unfinishedBySeed = unfinishedBySeed
    self.pairedValuesBySeed = pairedValuesBySeed
  }

  /// This minus another, seed by seed: of the scores, or, where values by task are paired, the average over the tasks
  /// that both have of their differences, so that a task that one of them lacks moves nothing.
  ///
  /// - Parameter average: how paired values by task become one difference a seed.
  public func difference(
    from other: ArmOutcome, by average: TaskAverage = .mean
  ) -> PairedDifference {
    guard !pairedValuesBySeed.isEmpty, !other.pairedValuesBySeed.isEmpty else {
      return PairedDifference(scoreBySeed, minus: other.scoreBySeed)
    }
    var differences: [Int: Double] = [:]
    for (seed, values) in pairedValuesBySeed {
      guard let base = other.pairedValuesBySeed[seed] else { continue }
      let shared = values.sorted { $0.key < $1.key }
        .compactMap { task, value in base[task].map { value - $0 } }
      if !shared.isEmpty { differences[seed] = average.of(shared) }
    }
    return PairedDifference(
      differences: differences,
      unpaired: Set(scoreBySeed.keys).symmetricDifference(other.scoreBySeed.keys))
  }

  /// The finished seeds' scores, by rising seed.
  public var sample: Sample {
    Sample(scoreBySeed.sorted { $0.key < $1.key }.map(\.value))
  }
}

/// Arms beside a reference arm: paired differences, and p-values corrected for their number.
///
/// Each arm is asked two things, and each is corrected by Holm over the arms that have enough seeds: whether it differs
/// from the reference (``Row/adjustedP``), and whether it does harm (``Row/nonInferiority``, decided by
/// ``Row/nonInferiorityP``).
///
/// A seed that did not finish has no score and takes part in no difference: with such seeds the
/// differences speak of the seeds that survived, and ``Row/unpairedSeeds`` says which are missing.
public struct ArmComparison: Hashable, Sendable {
  /// One arm beside the reference.
  public struct Row: Hashable, Sendable {
    /// The arm's outcome.
    public let outcome: ArmOutcome
    /// Arm minus reference over shared seeds; `nil` for the reference itself.
    public let difference: PairedDifference?
    /// Holm's adjusted two-sided p over the arms that have one; `nil` with too few seeds.
    public let adjustedP: Double?
    /// Whether the arm does no harm next to the reference, by the corrected p; `nil` for the reference itself.
    public let nonInferiority: NonInferiority?
    /// Holm's adjusted two-sided p of the difference against the margin, which decides ``nonInferiority``; `nil` with
    /// too few seeds.
    public let nonInferiorityP: Double?

    /// The seeds that only one of arm and reference has a score for.
    public var unpairedSeeds: [Int] { difference?.unpairedSeeds ?? [] }
  }

  /// The arm that the others are measured against; `nil` when no outcome has it.
  public let reference: String?
  /// One row per arm, in the order given.
  public let rows: [Row]

  /// Compares arms with the one called `reference`.
  ///
  /// - Parameters:
  ///   - margin: the largest worsening that counts as none, in the score's unit.
  ///   - average: how paired values by task become one difference a seed.
  public init(
    _ outcomes: [ArmOutcome], reference: String, margin: Double, higherIsBetter: Bool,
    by average: TaskAverage = .mean
  ) {
    let base = outcomes.first { $0.arm == reference }
    let differences = outcomes.map { outcome -> PairedDifference? in
      guard let base, outcome.arm != reference else { return nil }
      return outcome.difference(from: base, by: average)
    }
    let compared = differences.indices.filter { differences[$0] != nil }
    func answers(_ margin: Double) -> [Int: BoundTest] {
      let questions = compared.compactMap { index in
        differences[index].map {
          BoundTest.Question($0, margin: margin, higherIsBetter: higherIsBetter)
        }
      }
      return Dictionary(uniqueKeysWithValues: zip(compared, BoundTest.answers(to: questions)))
    }
    let (differing, harming) = (answers(0), answers(margin))
    self.reference = base?.arm
    self.rows = outcomes.indices.map { index in
      Row(
        outcome: outcomes[index], difference: differences[index],
        adjustedP: differing[index]?.adjustedP,
        nonInferiority: harming[index].map { NonInferiority($0) },
        nonInferiorityP: harming[index]?.adjustedP)
    }
  }
}
