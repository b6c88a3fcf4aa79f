/// The seeds of a plan, as `--seeds` has them: a number of seeds, or the seeds themselves.
///
///     5        five seeds: 0 to 4
///     0-9,20   these eleven
///     7-7      this one
public enum SeedList: Hashable, Sendable {
  /// So many, from the first on.
  case count(Int)
  /// These, in order, each once.
  case these([Int])

  /// The most seeds of a plan.
  private static let limit = 10_000

  /// A list from its text.
  ///
  /// - Throws: ``UsageError`` for what is none, a seed that stands twice, and more than 10,000 seeds.
  public init(parsing text: String) throws(UsageError) {
    let problem =
      "--seeds \(text): expected a number of seeds, 1 to \(Self.limit), or seeds such as 0-9,20"
    if let count = Int(text) {
      guard (1...Self.limit).contains(count) else { throw UsageError(problem) }
      self = .count(count)
      return
    }
    var seeds: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
        first >= 0, first <= last, last - first < Self.limit
      else { throw UsageError(problem) }
      seeds += first...last
      guard seeds.count <= Self.limit else { throw UsageError(problem) }
    }
    guard Set(seeds).count == seeds.count else {
      throw UsageError("--seeds \(text): expected each seed once")
    }
    self = .these(seeds)
  }

  /// Seeds as a list that is read back, each by itself: `7-7,9-9`.
  public static func text(_ seeds: [Int]) -> String {
    seeds.map { "\($0)-\($0)" }.joined(separator: ",")
  }

  /// The seeds, of which a number of them begin at `first`.
  ///
  /// - Throws: ``UsageError`` for a named seed below `first`.
  public func seeds(from first: Int = 0) throws(UsageError) -> [Int] {
    switch self {
    case .count(let count): return Array(first..<first + count)
    case .these(let seeds):
      guard let low = seeds.min(), low < first else { return seeds }
      throw UsageError(
        "--seeds: expected tuning seeds from \(first) on, apart from those that are reported, found \(low)"
      )
    }
  }
}
