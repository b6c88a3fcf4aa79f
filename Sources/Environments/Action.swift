public import Torch

/// What an agent does in one step.
public enum Action: Sendable, Hashable {
  /// One of finitely many, numbered from 0.
  case discrete(Int)
  /// One number per component.
  case continuous([Float])
}

/// The actions that an environment takes.
public enum ActionSpace: Sendable, Hashable {
  /// So many, numbered from 0.
  case discrete(count: Int)
  /// Vectors between two of the same length, bounds included. A component without a bound has the largest float32.
  case continuous(low: [Float], high: [Float])

  /// The numbers that a policy puts out: actions to choose from, or components.
  public var count: Int {
    switch self {
    case .discrete(let count): count
    case .continuous(let low, _): low.count
    }
  }

  /// Whether an action belongs here.
  public func contains(_ action: Action) -> Bool {
    switch (self, action) {
    case (.discrete(let count), .discrete(let index)): (0..<count).contains(index)
    case (.continuous(let low, let high), .continuous(let values)):
      values.count == low.count
        && values.indices.allSatisfy { low[$0] <= values[$0] && values[$0] <= high[$0] }
    default: false
    }
  }

  /// The action of a vector: each component moved to its nearest bound where it lies outside.
  ///
  /// Requires a continuous space and as many numbers as it has components.
  public func clipped(_ values: [Float]) -> Action {
    guard case .continuous(let low, let high) = self, values.count == low.count else {
      preconditionFailure("clipped: \(values.count) numbers for \(self)")
    }
    return .continuous(values.indices.map { max(low[$0], min(high[$0], values[$0])) })
  }

  /// An action that is always there: the first, or the vector nearest to zero.
  public var simplest: Action {
    switch self {
    case .discrete: .discrete(0)
    case .continuous(let low, _): clipped([Float](repeating: 0, count: low.count))
    }
  }

  /// An action by chance: uniform, where a component has no bound from -1 to 1.
  public func drawn(_ generator: inout SeededGenerator) -> Action {
    switch self {
    case .discrete(let count): return .discrete(generator.index(below: count))
    case .continuous(let low, let high):
      return clipped(
        zip(low, high).map { low, high in
          let isBounded = max(-low, high) < 1e30
          let (from, to) = isBounded ? (Double(low), Double(high)) : (-1, 1)
          return Float(from + generator.uniform() * (to - from))
        })
    }
  }
}

extension ActionSpace: CustomStringConvertible {
  /// The number of discrete actions; the bounds of continuous ones.
  public var description: String {
    switch self {
    case .discrete(let count): "\(count)"
    case .continuous(let low, let high): "continuous from \(low) to \(high)"
    }
  }
}

extension ActionSpace: Codable {
  private enum Keys: String, CodingKey { case low, high }

  /// Reads a plain number for discrete actions, `low` and `high` for continuous ones.
  public init(from decoder: any Decoder) throws {
    if let count = try? decoder.singleValueContainer().decode(Int.self) {
      self = .discrete(count: count)
      return
    }
    let values = try decoder.container(keyedBy: Keys.self)
    self = .continuous(
      low: try values.decode([Float].self, forKey: .low),
      high: try values.decode([Float].self, forKey: .high))
  }

  /// Writes what is read.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .discrete(let count):
      var container = encoder.singleValueContainer()
      try container.encode(count)
    case .continuous(let low, let high):
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(low, forKey: .low)
      try container.encode(high, forKey: .high)
    }
  }
}
