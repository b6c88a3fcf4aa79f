/// A whole number of one unit, written as a plain number. Two units are never the same type.
public protocol UnitCount: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
  /// The count.
  var count: Int { get set }

  /// So many.
  init(_ count: Int)
}

extension UnitCount {
  /// So many.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Reads a plain number.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Int.self))
  }

  /// Writes a plain number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }

  /// Which count is smaller.
  public static func < (left: Self, right: Self) -> Bool { left.count < right.count }

  /// The sum.
  public static func + (left: Self, right: Self) -> Self { Self(left.count + right.count) }

  /// Adds to the count.
  public static func += (left: inout Self, right: Self) { left.count += right.count }
}

/// A count of frames of an environment: of an emulator, those that it draws, repeated ones included.
///
/// Papers count frames, agents count their own steps.
public struct Frames: UnitCount {
  public var count: Int

  /// So many frames.
  public init(_ count: Int) { self.count = count }

  /// The agent's steps in so many frames, rounded down.
  ///
  /// - Parameter actionRepeat: frames of one step; 4 in the Arcade Learning Environment's customs.
  public func agentSteps(actionRepeat: Int) -> AgentSteps { AgentSteps(count / actionRepeat) }
}

/// A count of an agent's decisions.
public struct AgentSteps: UnitCount {
  public var count: Int

  /// So many steps.
  public init(_ count: Int) { self.count = count }

  /// The frames of so many steps.
  ///
  /// - Parameter actionRepeat: frames of one step; 4 in the Arcade Learning Environment's customs.
  public func frames(actionRepeat: Int) -> Frames { Frames(count * actionRepeat) }
}
