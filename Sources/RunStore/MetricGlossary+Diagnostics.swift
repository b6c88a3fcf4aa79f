extension Metric {
  /// Share of the units whose mean activation is at most 0.025 of their layer's mean.
  public static let dormantUnits: Metric = "dormant_units"
  /// Share of the rectifier units that are linear: above zero on every probe input.
  public static let zombieUnits: Metric = "zombie_units"
  /// Share of activations above zero, over probe inputs, units and positions.
  public static let activeFraction: Metric = "active_fraction"
  /// Mean over the probe inputs of the Euclidean norm of the features.
  public static let featureNorm: Metric = "feature_norm"
  /// Exponential of the entropy of the features' singular values.
  public static let effectiveRank: Metric = "effective_rank"
  /// Squared Frobenius norm of the features by their squared spectral norm.
  public static let stableRank: Metric = "stable_rank"
  /// How many of the largest singular values of the features make up 99 % of their sum.
  public static let srank: Metric = "srank"
  /// How many singular values of the features, divided by √N, are above 0.01.
  public static let numericalRank: Metric = "numerical_rank"
  /// Distance of the parameters from their initial values.
  public static let weightDrift: Metric = "weight_drift"
  /// Joint norm of the learned gains and shifts of normalizations.
  public static let scaleOffsetNorm: Metric = "scale_offset_norm"
  /// Step size that would have moved a weight of norm 1 as far as the update did.
  public static let realisedEffectiveLearningRate: Metric = "realised_effective_learning_rate"
  /// Mean cosine between the loss gradients of two probe inputs.
  public static let gradientCosine: Metric = "gradient_cosine"
  /// Share of pairs of probe inputs whose loss gradients have a negative cosine.
  public static let gradientConflict: Metric = "gradient_conflict"
  /// Cosine between the weights and the loss's gradient over the probe inputs.
  public static let gradientWeightCosine: Metric = "gradient_weight_cosine"
  /// Largest eigenvalue of the empirical neural tangent kernel on the probe inputs.
  public static let tangentKernelEigenvalue: Metric = "tangent_kernel_eigenvalue"
  /// Effective rank of the empirical neural tangent kernel on the probe inputs.
  public static let tangentKernelRank: Metric = "tangent_kernel_rank"
  /// Largest eigenvalue of the Hessian of the loss over probe inputs.
  public static let sharpness: Metric = "sharpness"
  /// Root of the number of units that switched sides since the last measurement.
  public static let activationPatternChange: Metric = "activation_pattern_change"
  /// Change of the features' normalized kernel over the probe inputs since the last measurement.
  public static let featureChange: Metric = "feature_change"

  /// What the measures of `Plasticity/Diagnostics` add to ``glossary``.
  static let diagnosticGlossary: [Entry] = [
    Entry(
      metric: .dormantUnits, title: "Dormant units", unit: "share", better: .lower,
      spansDecades: false,
      definition: "share of the units whose mean activation is at most 0.025 of their layer's mean"),
    Entry(
      metric: .zombieUnits, title: "Zombie units", unit: "share", better: .lower,
      spansDecades: false,
      definition: "share of the rectifier units that are linear: above zero on every probe input"),
    Entry(
      metric: .activeFraction, title: "Active fraction", unit: "share", better: .neither,
      spansDecades: false,
      definition: "share of activations above zero, over probe inputs, units and positions"),
    Entry(
      metric: .featureNorm, title: "Feature norm", unit: "", better: .neither,
      spansDecades: true,
      definition: "mean over the probe inputs of the Euclidean norm of the features"),
    Entry(
      metric: .effectiveRank, title: "Effective rank", unit: "", better: .neither,
      spansDecades: false,
      definition: "exponential of the entropy of the features' singular values"),
    Entry(
      metric: .stableRank, title: "Stable rank", unit: "", better: .neither,
      spansDecades: false,
      definition: "squared Frobenius norm of the features by their squared spectral norm"),
    Entry(
      metric: .srank, title: "Srank", unit: "", better: .neither,
      spansDecades: false,
      definition: "how many of the features' largest singular values make up 99 % of their sum"),
    Entry(
      metric: .numericalRank, title: "Numerical rank", unit: "", better: .neither,
      spansDecades: false,
      definition: "how many singular values of the features, divided by √N, are above 0.01"),
    Entry(
      metric: .weightDrift, title: "Weight drift", unit: "", better: .neither,
      spansDecades: true,
      definition: "distance of the parameters from their initial values"),
    Entry(
      metric: .scaleOffsetNorm, title: "Scale and offset norm", unit: "", better: .neither,
      spansDecades: true,
      definition: "joint norm of the learned gains and shifts of normalizations"),
    Entry(
      metric: .realisedEffectiveLearningRate, title: "Realised effective learning rate", unit: "",
      better: .neither,
      spansDecades: true,
      definition: "step size that would have moved a weight of norm 1 as far as the update did"),
    Entry(
      metric: .gradientCosine, title: "Gradient cosine", unit: "", better: .neither,
      spansDecades: false,
      definition: "mean cosine between the loss gradients of two probe inputs"),
    Entry(
      metric: .gradientConflict, title: "Gradient conflict", unit: "share", better: .neither,
      spansDecades: false,
      definition: "share of pairs of probe inputs whose loss gradients have a negative cosine"),
    Entry(
      metric: .gradientWeightCosine, title: "Gradient-weight cosine", unit: "", better: .neither,
      spansDecades: false,
      definition: "cosine between the weights and the loss's gradient over the probe inputs"),
    Entry(
      metric: .tangentKernelEigenvalue, title: "Tangent kernel eigenvalue", unit: "",
      better: .neither,
      spansDecades: true,
      definition: "largest eigenvalue of the empirical neural tangent kernel on the probe inputs"),
    Entry(
      metric: .tangentKernelRank, title: "Tangent kernel rank", unit: "", better: .neither,
      spansDecades: false,
      definition: "effective rank of the empirical neural tangent kernel on the probe inputs"),
    Entry(
      metric: .sharpness, title: "Sharpness", unit: "", better: .neither,
      spansDecades: true,
      definition: "largest eigenvalue of the Hessian of the loss over the first 32 probe inputs"),
    Entry(
      metric: .activationPatternChange, title: "Activation pattern change", unit: "",
      better: .neither,
      spansDecades: false,
      definition: "root of the number of units that switched sides since the last measurement"),
    Entry(
      metric: .featureChange, title: "Feature change", unit: "", better: .neither,
      spansDecades: false,
      definition: "change of the features' normalized kernel since the last measurement"),
  ]
}
