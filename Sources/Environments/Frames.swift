/// A count of frames of an environment: of an emulator, those that it draws, repeated ones included.
///
/// Papers count frames, agents count their own steps; the two are never the same type here.
public struct Frames: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
  /// The count.
  public var count: Int

  /// So many frames.
  public init(_ count: Int) { self.count = count }

  /// So many frames.
  public init(integerLiteral value: Int) { count = value }

  /// Reads a plain number.
  public init(from decoder: any Decoder) throws {
    count = try decoder.singleValueContainer().decode(Int.self)
  }

  /// Writes a plain number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }

  /// The agent's steps in so many frames, rounded down.
  ///
  /// - Parameter actionRepeat: frames of one step; 4 in the Arcade Learning Environment's customs.
  public func agentSteps(actionRepeat: Int) -> AgentSteps { AgentSteps(count / actionRepeat) }

  /// Which count is smaller.
  public static func < (left: Frames, right: Frames) -> Bool { left.count < right.count }

  /// The sum.
  public static func + (left: Frames, right: Frames) -> Frames { Frames(left.count + right.count) }

  /// Adds to the count.
  public static func += (left: inout Frames, right: Frames) { left.count += right.count }
}

/// A count of an agent's decisions.
public struct AgentSteps: Sendable, Hashable, Comparable, Codable, ExpressibleByIntegerLiteral {
  /// The count.
  public var count: Int

  /// So many steps.
  public init(_ count: Int) { self.count = count }

  /// So many steps.
  public init(integerLiteral value: Int) { count = value }

  /// Reads a plain number.
  public init(from decoder: any Decoder) throws {
    count = try decoder.singleValueContainer().decode(Int.self)
  }

  /// Writes a plain number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(count)
  }

  /// The frames of so many steps.
  ///
  /// - Parameter actionRepeat: frames of one step; 4 in the Arcade Learning Environment's customs.
  public func frames(actionRepeat: Int) -> Frames { Frames(count * actionRepeat) }

  /// Which count is smaller.
  public static func < (left: AgentSteps, right: AgentSteps) -> Bool { left.count < right.count }

  /// The sum.
  public static func + (left: AgentSteps, right: AgentSteps) -> AgentSteps {
    AgentSteps(left.count + right.count)
  }

  /// Adds to the count.
  public static func += (left: inout AgentSteps, right: AgentSteps) { left.count += right.count }
}
