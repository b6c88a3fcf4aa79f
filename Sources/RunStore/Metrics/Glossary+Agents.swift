extension Metric {
  static let agentMeasures: [Entry] = [
    Entry(
      .visitScore, "Score of a visit", better: .higher,
      "the return of a visit, 0 at a random player's and 1 at a reference player's",
      formula: "(return − random) / (reference − random)",
      over:
        "one visit to an environment; in Atari the reference is the human score of DQN Zoo's table",
      when: "at the end of each visit", source: "METHOD section 5"),
    Entry(
      .visitReturn, "Return of a visit", better: .higher,
      "mean return of the episodes that ended in the last tenth of a visit, or of the last episode if none did; in the "
        + "environment's unit",
      over: "the last tenth of the visit's frames", when: "at the end of each visit"),
    Entry(
      .episodeReturn, "Return", better: .higher,
      "mean return of the training episodes that ended since the last point, with the environment's own rewards, "
        + "before any clipping",
      over: "whole games, even if a life is an episode", when: Moments.rounds),
    Entry(
      .evaluationReturn, "Evaluation return", better: .higher,
      "mean return of episodes played without learning, in a separate environment",
      over: "`recording.evaluationEpisodes` episodes",
      when: "every `recording.evaluateEveryRounds` rounds"),
    Entry(
      .evaluationScore, "Evaluation score", better: .higher,
      "the evaluation return on the scale of `visit_score`: in Atari human-normalised",
      over: "the same episodes", when: "every `recording.evaluateEveryRounds` rounds"),
    Entry(
      .agentLoss, "Agent's loss", spansDecades: true,
      "weighted mean loss of one batch from the replay before the update that uses it, in nats for categorical agents",
      over: "the batch of the update", when: Moments.rounds),
    Entry(
      .actionValue, "Action value",
      "mean of the largest expected discounted return that the network predicts",
      over: "the batch of the update",
      when: Moments.rounds),
    Entry(
      .frames, "Frames", "frames of the environment since the run began, including repeated ones",
      over: "the run", when: Moments.rounds),
  ]
}
