extension Metric {
  static let updateMeasures: [Entry] = [
    Entry(
      .learningRate, "Learning rate", spansDecades: true,
      "the learning rate η of the update, by the schedule and every method's factor",
      over: "the update", when: Moments.measured),
    Entry(
      .updateNorm, "Update norm", spansDecades: true,
      "Euclidean norm of the optimizer's step alone, before methods and projection",
      formula: "‖u‖", over: "all trainable parameters as one vector", when: Moments.measured),
    Entry(
      .updateRatio, "Update ratio", spansDecades: true,
      "norm of the optimizer's step divided by the norm of the weight before it",
      formula: "‖u‖ / ‖W‖",
      over: Subjects.weights, when: Moments.measured,
      source: "You et al. 2017 (arXiv 1708.03888), section 4"),
    Entry(
      .weightChangeNorm, "Weight change", spansDecades: true,
      "Euclidean norm of the change of the parameters: the step, methods and projection together",
      formula: "‖W' − W‖",
      over: "all trainable parameters as one vector", when: Moments.measured, source: "ours"),
    Entry(
      .weightChangeRatio, "Weight change ratio", spansDecades: true,
      "norm of the change of a weight, including methods and projection, divided by its norm before",
      formula: "‖W' − W‖ / ‖W‖", over: Subjects.weights, when: Moments.measured, source: "ours"),
    Entry(
      .rotation, "Rotation", unit: "rad", spansDecades: true,
      "angle between a weight before and after an update, including methods and projection: the only part of the "
        + "update that matters for a scale-invariant weight",
      formula: "∠(W, W')", over: Subjects.weights, when: Moments.measured,
      source: "Kosson et al. 2023 (arXiv 2305.17212), section 2"),
    Entry(
      .realisedEffectiveLearningRate, "Realised effective learning rate", spansDecades: true,
      "the effective learning rate of the actual update: the step per element that would have moved a weight of norm 1 "
        + "as far; always defined, and η/‖W‖ if each element moves by η",
      formula: "‖u‖ / (√n ‖W‖), n the elements of W",
      over:
        "each scale group of weights as one vector, by the name of its first; the network's is the mean over its "
        + "groups of hidden weights",
      when: Moments.measured, source: "ours, after definition 1 of Lyle et al. 2024"),
    Entry(
      .effectiveLearningRate, "Declared effective learning rate", spansDecades: true,
      "the step size that the schedule declares for a weight of norm 1, in the measured regime; none for a weight that "
        + "is not scale-invariant, and not a number (with its reason) if no formula holds",
      formula:
        "η/‖W‖ where s ≥ 0.9 (Adam, RMSProp); (η/ε)/‖W‖² where s ≤ 0.1; η/((1−μ)‖W‖²) of gradient descent; "
        + "η of Hyperball; s is `scale_free_share`, μ the momentum",
      over:
        "each weight that the audit finds scale-invariant at the run's start; of a joint group (a noisy mean and "
        + "deviation) W is the group as one vector; the network's is the mean over them",
      when: Moments.measured,
      source: "Lyle et al. 2024, definition 1; METHOD 1.1 for the regimes; the bounds are ours"),
    Entry(
      .scaleFreeShare, "Scale-free share", unit: "share",
      "how little the optimizer's ε matters: 1 if the step does not depend on the gradient's scale, 0 if ε turns Adam "
        + "into gradient descent",
      formula: "s = mean of √v̂ / (√v̂ + ε) over the elements that had a gradient",
      over:
        "each scale group of hidden weights, under Adam and RMSProp; the network's is the mean over its groups",
      when: Moments.measured, source: "METHOD 1.1"),
  ]
}
