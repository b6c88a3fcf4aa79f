/// The third part: what happens to the scale σ and offset μ that a normalization learns.
///
/// Which treatment each of the paper's experiments used is not known; `none` is our default
/// (METHOD 1.5 lists what is known of them).
public enum ScaleAndOffset: Sendable, Hashable, Codable {
  /// The inserted normalizations learn neither: σ = 1, μ = 0.
  case none
  /// Both are learned and left free.
  case free
  /// After the update (σ, μ) ← (σ, μ) · √d / √(‖σ‖² + ‖μ‖²), with d features: an exact symmetry when a
  /// positively homogeneous activation (ReLU, leaky ReLU) and a bias-free normalized layer follow.
  case jointProjection
  /// After the update p ← p − η·rate·(p − p(0)), η the learning rate: for activations without
  /// that symmetry, and the scale decay that attention needs (Lyle et al. 2025 use 1 and 10).
  case decay(rate: Double)

  /// Whether inserted normalizations learn a scale and an offset.
  public var isLearned: Bool { self != .none }
}
