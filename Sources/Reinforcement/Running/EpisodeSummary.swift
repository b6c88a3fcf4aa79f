/// One episode, over.
public struct EpisodeSummary: Sendable, Hashable, Codable {
  /// The sum of rewards as the world gave them.
  public var rawReturn: Double
  /// The sum of rewards as they were learned from.
  public var learningReturn: Double
  /// Decisions.
  public var steps: AgentSteps
  /// Frames.
  public var frames: Frames
  /// How it ended; `nil` while it goes on.
  public var end: EpisodeEnd?

  /// An episode before its first step.
  public init() {
    rawReturn = 0
    learningReturn = 0
    steps = 0
    frames = 0
  }

  /// Adds a step.
  public mutating func add(_ step: Step) {
    rawReturn += step.rawReward
    learningReturn += step.reward
    steps += 1
    frames += step.frames
    end = step.end
  }
}
