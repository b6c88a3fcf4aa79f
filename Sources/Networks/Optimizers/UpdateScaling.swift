/// How the size of an optimizer's update depends on the gradient and on the weight.
///
/// It decides which formula of the effective learning rate holds (definition 1 of Lyle et al. 2024; METHOD
/// 1.1). It is found by measurement at one update, because Adam's ε can be negligible for one weight and
/// dominant for another.
public enum UpdateScaling: Sendable, Hashable {
  /// The update is `gain` times the learning rate times the gradient, once a momentum has settled: gradient
  /// descent, with gain 1 / (1 − μ).
  case gradient(gain: Double)
  /// Each element of the gradient's running mean is divided by √v̂ + ε.
  ///
  /// `share` is √v̂ / (√v̂ + ε), averaged over the weight's elements that had a gradient: 1 where ε is negligible and
  /// the update does not depend on the gradient's scale, 0 where ε dominates and the update is that of gradient descent
  /// at the rate η / ε. `gain` is 1 / (1 − μ) of a momentum after the division, else 1.
  case adaptive(share: Double, epsilon: Double, gain: Double)
  /// The update has the norm η ‖W‖, whatever the gradient: the learning rate is the tangent of an angle.
  case relative
}
