extension Metric {
  static let featureMeasures: [Entry] = [
    Entry(
      .deadUnits, "Dead units", unit: "share", better: .lower,
      "share of the hidden units whose activation is zero on every example, without a tolerance; a convolution's unit "
        + "is a channel, dead when zero at every position",
      over: Subjects.units,
      when: "at task ends, every `recording.everyUpdates` updates, and as a diagnostic",
      source: "METHOD section 4"),
    Entry(
      .dormantUnits, "Dormant units", unit: "share", better: .lower,
      "share of the hidden units whose mean activation is at most 0.025 of their layer's mean; in a silent layer all "
        + "are dormant",
      formula: "mean|h_i| ≤ τ · mean over the layer of mean|h|, τ = 0.025", over: Subjects.units,
      when: Moments.diagnosed, source: "Sokar et al. 2023, equation 1; τ is our choice"),
    Entry(
      .zombieUnits, "Zombie units", unit: "share", better: .lower,
      "share of the rectifier units that are linear: above zero on every example and at every position",
      over: Subjects.units, when: Moments.diagnosed,
      source: "Lyle et al. 2024 (arXiv 2402.18762)"),
    Entry(
      .activeFraction, "Active fraction", unit: "share",
      "share of activations above zero: one minus the sparsity", over: Subjects.units,
      when: Moments.diagnosed, source: "Glorot et al. 2011"),
    Entry(
      .featureNorm, "Feature norm", spansDecades: true,
      "mean Euclidean norm of the features h: what the last layer with parameters reads",
      formula: "(1/N) Σ ‖h(x)‖₂",
      over: "the N probe inputs; by scope, the output of a nonlinearity",
      when: Moments.diagnosed, source: "Lyle et al. 2022"),
    Entry(
      .effectiveRank, "Effective rank",
      "exponential of the entropy of the features' singular values σ: between 1 and the number of probes or features",
      formula: "exp(−Σ p ln p), p = σ/Σσ",
      over: "the features of the probe inputs, a row an input, not centred",
      when: Moments.diagnosed, source: "Roy & Vetterli 2007, section 2"),
    Entry(
      .stableRank, "Stable rank",
      "squared Frobenius norm of the features by their squared spectral norm", formula: "Σσ²/σ₁²",
      over: "the same singular values", when: Moments.diagnosed,
      source: "Rudelson & Vershynin 2007, section 1"),
    Entry(
      .srank, "Srank",
      "how many of the features' largest singular values make up 99 % of their sum",
      formula: "the least k with Σ_{i≤k} σ_i ≥ 0.99 Σσ", over: "the same singular values",
      when: Moments.diagnosed, source: "Kumar et al. 2021, section 3, with δ = 0.01"),
    Entry(
      .numericalRank, "Numerical rank",
      "how many singular values of the features, divided by √N, are above 0.01",
      over: "the features of the N probe inputs", when: Moments.diagnosed,
      source: "Lyle et al. 2022"),
    Entry(
      .activationPatternChange, "Activation pattern change",
      "root of the number of pre-activations that changed sign since the last measurement, or since the start",
      formula: "‖A_t − A_{t+T}‖_F, A the signs of all pre-activations", over: Subjects.probes,
      when: Moments.diagnosed, source: "Lyle et al. 2025"),
    Entry(
      .featureChange, "Feature change",
      "change of the features' normalized kernel since the last measurement, or since the start",
      formula: "‖C_t − C_{t+T}‖_F, C = fᵀf/‖f‖², an input's features a column of f",
      over: Subjects.probes, when: Moments.diagnosed,
      source: "Lyle et al. 2025; that columns are inputs is our reading"),
  ]
}
