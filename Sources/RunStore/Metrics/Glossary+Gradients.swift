extension Metric {
  static let gradientMeasures: [Entry] = [
    Entry(
      .gradientCosine, "Gradient cosine",
      "mean cosine between the loss gradients of two probe inputs; pairs with a zero gradient are left out",
      formula: "mean of ⟨g_i, g_j⟩ / (‖g_i‖ ‖g_j‖) over i ≠ j", over: "pairs of probe inputs",
      when: Moments.diagnosed, source: "Lyle et al. 2023, section 3"),
    Entry(
      .gradientConflict, "Gradient conflict", unit: "share",
      "share of the same pairs whose cosine is below zero", over: "pairs of probe inputs",
      when: Moments.diagnosed),
    Entry(
      .gradientWeightCosine, "Gradient-weight cosine",
      "cosine between a weight and the loss's gradient: 0 for a scale-invariant weight",
      formula: "⟨g, W⟩ / (‖g‖ ‖W‖)",
      over: "each weight, g of the mean loss over the probe inputs; and all weights as one vector",
      when: Moments.diagnosed, source: "van Laarhoven 2017"),
    Entry(
      .tangentKernelEigenvalue, "Tangent kernel eigenvalue", spansDecades: true,
      "largest eigenvalue of the empirical neural tangent kernel Θ",
      formula: "Θ_ij = (1/K) Σ_k ⟨∂f_k(x_i)/∂θ, ∂f_k(x_j)/∂θ⟩, K logits", over: Subjects.probes,
      when: Moments.diagnosed,
      source: "Jacot et al. 2018, section 4; the mean over the logits is our choice"),
    Entry(
      .tangentKernelRank, "Tangent kernel rank",
      "effective rank of the same kernel",
      formula: "exp(−Σ p ln p), p the shares of the eigenvalues", over: Subjects.probes,
      when: Moments.diagnosed),
    Entry(
      .sharpness, "Sharpness", unit: "nats", spansDecades: true,
      "largest eigenvalue of the Hessian of the mean loss",
      formula:
        "by power iteration in Lanczos' form until the residual is at most 5 % of it; a recording allows 15 products, "
        + "`nap measure` 200: with more products there may be a number where there was none, never another number",
      over: "the first 32 probe inputs", when: Moments.diagnosed,
      source:
        "Yao et al. 2020, section 3; Ghorbani et al. 2019, section 2; the limits are our choice"),
  ]
}
