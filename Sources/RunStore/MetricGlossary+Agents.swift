extension Metric {
  /// What agents in environments are measured by.
  static let agentGlossary: [Entry] = [
    Entry(
      metric: .visitScore, title: "Score of a visit", unit: "", better: .higher,
      spansDecades: false,
      definition:
        "mean return over the last tenth of a visit, 0 at a random player's and 1 at a reference player's"
    ),
    Entry(
      metric: .visitReturn, title: "Return of a visit", unit: "", better: .higher,
      spansDecades: false,
      definition: "mean return of the episodes that ended in the last tenth of a visit"),
    Entry(
      metric: .episodeReturn, title: "Return", unit: "", better: .higher, spansDecades: false,
      definition: "mean return of the episodes that ended since the last point"),
    Entry(
      metric: .evaluationReturn, title: "Evaluation return", unit: "", better: .higher,
      spansDecades: false,
      definition: "mean return of episodes played without learning, in an environment of their own"),
    Entry(
      metric: .evaluationScore, title: "Evaluation score", unit: "", better: .higher,
      spansDecades: false,
      definition:
        "mean return of an evaluation, 0 at a random player's and 1 at a reference player's"),
    Entry(
      metric: .agentLoss, title: "Agent's loss", unit: "", better: .neither, spansDecades: true,
      definition: "loss of one batch from the replay before the update that uses it"),
    Entry(
      metric: .actionValue, title: "Action value", unit: "", better: .neither,
      spansDecades: false,
      definition: "mean over a batch of the largest expected return that the network predicts"),
    Entry(
      metric: .frames, title: "Frames", unit: "", better: .neither, spansDecades: false,
      definition: "frames of the environment since the run began"),
  ]
}
