extension Metric {
  static let networkState: [Entry] = [
    Entry(
      .jacobianNorm, "Jacobian norm", spansDecades: true,
      "how far a small change of the parameters moves the outputs",
      formula: "√(mean over the probe inputs of ‖∂logits/∂θ‖²_F)",
      over:
        "all trainable parameters θ and the probe inputs as the task has them; exact for small networks, else by "
        + "Hutchinson's method, whose number of draws is in the configuration",
      when: "after the last update of every `recording.jacobianEveryTasks`-th task",
      source: "Lyle et al. 2024, figure 1; METHOD section 4"),
    Entry(
      .inputJacobianNorm, "Input Jacobian norm", spansDecades: true,
      "how far a small change of the input moves the outputs",
      formula: "√(mean over the probe inputs of ‖∂logits/∂x‖²_F)", over: Subjects.probes,
      when: Moments.diagnosed),
    Entry(
      .gradientNorm, "Gradient norm", spansDecades: true,
      "Euclidean norm of the gradient that the optimizer gets, before clipping by the global norm",
      formula: "‖g‖", over: Subjects.parameters, when: Moments.measured),
    Entry(
      .parameterNorm, "Parameter norm", spansDecades: true,
      "Euclidean norm of the parameters after the update; under projection each projected weight keeps its own",
      formula: "‖θ‖, of a matrix the Frobenius norm", over: Subjects.parameters,
      when: Moments.measured),
    Entry(
      .weightDrift, "Weight drift", spansDecades: true,
      "distance of the parameters from their initial values, or from those of their last initialization",
      formula: "‖θ − θ(0)‖₂", over: Subjects.parameters, when: Moments.diagnosed,
      source: "Kumar et al. 2023"),
    Entry(
      .scaleOffsetNorm, "Scale and offset norm", spansDecades: true,
      "joint norm of the learned scales σ and offsets μ of normalizations",
      formula: "√(‖σ‖² + ‖μ‖²)",
      over: "all normalizations; by scope, the one whose first parameter the scope names",
      when: Moments.diagnosed),
    Entry(
      .attentionEntropy, "Attention entropy", unit: "nats",
      "mean entropy of attention's distributions, 0 to the logarithm of the number of positions",
      formula: "−Σ p ln p, p the attention of a position to each position",
      over: "probe inputs, heads and positions; by scope, one attention layer",
      when: "with evaluations within tasks, where the network has attention",
      source: "ours; METHOD 1.6 tells why it matters"),
  ]

  static let cost: [Entry] = [
    Entry(
      .seconds, "Time", unit: "s", better: .lower,
      "wall-clock time since the run began, summed over its sessions", over: "the run",
      when: "with every recording")
  ]
}
