import Torch

/// Every sum x + y modulo p as a row of tokens and a class, split into training and test pairs.
///
/// Tokens 0 ..< p stand for the numbers; signs come after them. The p² pairs are shuffled by a seed, and the first
/// `trainingShare` of them are trained on.
///
/// Source: Power et al. 2022 (arXiv 2201.02177) for the task; METHOD 3.7 (Lyle et al. 2025) for p = 117, a share of
/// 0.2 and rows of 5 tokens, whose layout it does not give.
public struct ModularAddition: Sendable, Hashable {
  /// What a row holds. Which one the source uses is not known; the default is our choice.
  public enum Layout: String, Sendable, Hashable, Codable, CaseIterable {
    /// `x + y = _`: five tokens, the answer read at the blank.
    case blank
    /// `x + y =`: four tokens, the answer read at the sign.
    case equation
    /// `x y`: two tokens, the answer read at the second.
    case operands

    /// Signs beside the numbers.
    var signs: Int {
      switch self {
      case .blank: 3
      case .equation: 2
      case .operands: 0
      }
    }
  }

  /// Rows with their classes.
  public struct Examples: Sendable, Hashable {
    /// (N · length), row after row.
    public var tokens: [Int]
    /// x + y modulo p of each row.
    public var sums: [Int]
  }

  /// p, the number of classes.
  public let modulus: Int
  /// The share of the pairs that are trained on.
  public let trainingShare: Double
  /// What a row holds.
  public let layout: Layout

  /// The pairs of one modulus.
  ///
  /// - Throws: ``DatasetError`` for a modulus outside 2 ... 2,048 (our choice), or a share outside (0, 1).
  public init(
    modulus: Int = 117, trainingShare: Double = 0.2, layout: Layout = .blank
  ) throws(DatasetError) {
    func require(
      _ condition: Bool, _ expected: String, _ found: String, _ remedy: String
    ) throws(DatasetError) {
      guard condition else {
        throw DatasetError(
          .invalidRequest, path: "modular addition", expected: expected, found: found,
          remedy: remedy)
      }
    }
    try require(
      (2...2_048).contains(modulus), "a modulus of 2 to 2,048", "\(modulus)", "set the modulus")
    try require(
      trainingShare > 0 && trainingShare < 1, "a training share above 0 and below 1",
      "\(trainingShare)", "set the training share")
    self.modulus = modulus
    self.trainingShare = trainingShare
    self.layout = layout
  }

  /// Tokens of one row.
  public var length: Int { layout.signs + 2 }

  /// Different tokens.
  public var vocabulary: Int { modulus + layout.signs }

  /// Pairs that are trained on: the share rounded, at least 1 and at most all but one.
  public var trainingCount: Int {
    let count = modulus * modulus
    return min(max(Int((trainingShare * Double(count)).rounded()), 1), count - 1)
  }

  /// The row of one pair.
  public func row(_ x: Int, _ y: Int) -> [Int] {
    let (plus, equals, blank) = (modulus, modulus + 1, modulus + 2)
    return switch layout {
    case .blank: [x, plus, y, equals, blank]
    case .equation: [x, plus, y, equals]
    case .operands: [x, y]
    }
  }

  /// Training and test pairs: a seed fixes both, and every pair is in one of them once.
  public func split(seed: UInt64) -> (training: Examples, test: Examples) {
    var draws = SeededGenerator(seed: seed).split("modular-addition")
    let order = draws.permutation(of: modulus * modulus)
    return (examples(order.prefix(trainingCount)), examples(order.dropFirst(trainingCount)))
  }

  private func examples(_ pairs: some Collection<Int>) -> Examples {
    var examples = Examples(tokens: [], sums: [])
    examples.tokens.reserveCapacity(pairs.count * length)
    for pair in pairs {
      let (x, y) = (pair / modulus, pair % modulus)
      examples.tokens += row(x, y)
      examples.sums.append((x + y) % modulus)
    }
    return examples
  }
}
