// Whoever plays, to learn or to look, moves an environment by these: what no agent can learn from is then the
// environment's fault, named with the step of the episode, and never a training that diverged.

extension Environment {
  /// Begins an episode.
  ///
  /// - Throws: what the environment throws, and ``EnvironmentError`` for an observation that holds NaN or an infinity.
  public mutating func beginEpisode() throws -> EpisodeStart {
    let start = try reset()
    try specification.check(start)
    return start
  }

  /// Takes an action and adds what it brought to the episode.
  ///
  /// - Throws: what the environment throws, and ``EnvironmentError`` for an observation or a reward that is not finite,
  ///   naming the step of the episode. The episode is then as it was.
  public mutating func take(_ action: Action, in episode: inout EpisodeSummary) throws -> Step {
    let step = try step(action)
    try specification.check(step, after: episode)
    episode.add(step)
    return step
  }

  /// Takes the discrete action of this number; otherwise the same.
  public mutating func take(_ action: Int, in episode: inout EpisodeSummary) throws -> Step {
    try take(.discrete(action), in: &episode)
  }
}

extension EnvironmentSpecification {
  /// Refuses a beginning that holds what is not finite.
  ///
  /// - Throws: ``EnvironmentError``.
  public func check(_ start: EpisodeStart) throws(EnvironmentError) {
    try check(start.observation, "at an episode's beginning")
  }

  /// Refuses a step whose observation or reward is not finite.
  ///
  /// - Parameter episode: the episode before the step.
  /// - Throws: ``EnvironmentError`` with the number of the step in its episode, counted from 1.
  public func check(_ step: Step, after episode: EpisodeSummary) throws(EnvironmentError) {
    let place = "after step \(episode.steps.count + 1) of the episode"
    try check(step.observation, place)
    guard step.reward.isFinite, step.rawReward.isFinite else {
      let found = step.rawReward.isFinite ? step.reward : step.rawReward
      throw broken("a finite reward", Self.words(found), place)
    }
  }

  private func check(_ observation: Observation, _ place: String) throws(EnvironmentError) {
    guard case .floats(let values) = observation else { return }
    // A sum is finite only if all are; that it may overflow where they are is settled below.
    guard !values.reduce(0, +).isFinite, let found = values.firstIndex(where: { !$0.isFinite })
    else { return }
    throw broken(
      "finite observations", "\(Self.words(Double(values[found]))) at place \(found)", place)
  }

  /// A NaN's sign says nothing.
  private static func words(_ value: Double) -> String { value.isNaN ? "NaN" : "\(value)" }

  private func broken(_ expected: String, _ found: String, _ place: String) -> EnvironmentError {
    EnvironmentError(
      name, "expected \(expected), found \(found) \(place): the environment is broken")
  }
}
