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
  /// Step of each element that would have moved a weight of norm 1 as far as the update did.
  public static let realisedEffectiveLearningRate: Metric = "realised_effective_learning_rate"
  /// What was done to a weight of norm 1, and what the formula of its regime declares.
  public static let rates: [Metric] = [.realisedEffectiveLearningRate, .effectiveLearningRate]
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
  /// Mean Euclidean norm of the outputs over the probe inputs.
  public static let logitNorm: Metric = "logit_norm"
  /// Change of the features' normalized kernel over the probe inputs since the last measurement.
  public static let featureChange: Metric = "feature_change"
}
