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
      when: "with evaluations within tasks, where the network has attention, and as a diagnostic",
      source: "ours; METHOD 1.6 tells why it matters"),
    Entry(
      .logitNorm, "Logit norm", spansDecades: true,
      "mean Euclidean norm of the outputs; growing logits make a softmax sharp and its gradients small",
      formula: "(1/N) Σ ‖z‖₂", over: "the N probe inputs, and the positions of each",
      when: Moments.diagnosed, source: "Wortsman et al. 2023; the norm is our choice"),
  ]

  static let cost: [Entry] = [
    Entry(
      .seconds, "Time", unit: "s", better: .lower,
      "wall-clock time since the run began, summed over its sessions", over: "the run",
      when: "with every recording"),
    Entry(
      .examplesPerSecond, "Examples per second", unit: "1/s", better: .higher,
      "examples of the batches since the last point by the time that their updates took",
      over: Subjects.machine, when: Moments.rated),
    Entry(
      .tokensPerSecond, "Tokens per second", unit: "1/s", better: .higher,
      "the same of tokens, of networks that read tokens", over: Subjects.machine,
      when: Moments.rated),
    Entry(
      .modelOperationRate, "Model operations per second", unit: "FLOP/s", better: .higher,
      "floating-point operations that the model's definition asks for by the time; what is computed again to spare "
        + "memory does not count",
      formula:
        "3 · operations of a forward pass · examples per second, two a multiplication with its addition",
      over: "products, convolutions and attention of ResNet, ViT and GPT; " + Subjects.machine,
      when: Moments.rated, source: "Chowdhery et al. 2022 (PaLM), appendix B"),
    Entry(
      .modelUtilization, "Model FLOPs utilization", unit: "share", better: .higher,
      "the share of the device's peak that training reaches, of devices whose peak is published; none on a CPU, whose "
        + "peak depends on its clock and on who else computes",
      formula: "model operations per second / peak of the precision, without sparsity",
      over: "as the rate of operations", when: Moments.rated,
      source: "Chowdhery et al. 2022 (PaLM); peaks from NVIDIA's data sheets"),
    Entry(
      .peakMemory, "Peak memory", unit: "bytes", better: .lower,
      "the largest resident memory of the process so far in this session", over: "the process",
      when: Moments.rated),
    Entry(
      .devicePeakMemory, "Peak memory of the device", unit: "bytes", better: .lower,
      "the most memory that tensors took so far in this session, as libtorch's allocator counts it",
      over: "the GPU, where one is used", when: Moments.rated),
  ]
}
