/// One episode, over.
public struct EpisodeSummary: Sendable, Hashable, Codable {
  /// The sum of rewards as the environment gave them.
  public var rawReturn: Double
  /// The sum of rewards as they were learned from.
  public var learningReturn: Double
  /// Decisions.
  public var steps: AgentSteps
  /// Frames.
  public var frames: Frames
  /// How it ended; `nil` while it continues.
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

  /// Joins the lives of a game: after a step that ended a life and not the game, begins the next one and counts the
  /// episode as continuing; after one that ended the game, takes its return.
  ///
  /// - Parameter begin: is given what the next life begins with.
  package mutating func joinLives<SomeEnvironment: Environment>(
    after step: Step, in environment: inout SomeEnvironment, _ begin: (EpisodeStart) -> Void
  ) throws {
    guard step.end != nil, case .part(let gameReturn) = step.scope else { return }
    if let gameReturn {
      rawReturn = gameReturn
    } else {
      end = nil
      begin(try environment.beginEpisode())
    }
  }
}
