public import Networks

/// The second part: after the optimizer's update, W ← W · ρ / ‖W‖ with ρ = ‖W(0)‖.
///
/// ‖·‖ is the Frobenius norm of the whole matrix or kernel: one number per layer, not one per row.
/// Output layers, biases, scales, offsets and embeddings cannot be named here, so they are never
/// projected.
///
/// Source: Lyle et al. 2025, equation 2. Whether a convolution is projected as one tensor is not
/// spelled out there; we do.
public struct Projection: Sendable, Hashable, Codable {
  /// A role whose parameters can be projected.
  public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Hidden matrices and kernels.
    case weight
    /// Deviations of noisy weights.
    case noise
    /// Last weights of residual branches: partially invariant.
    case residualOutput
    /// Query and key weights: invariant only when queries and keys are normalized.
    case attentionLogit

    /// The projectable role of a parameter, or `nil`: outputs, biases, scales, offsets, embeddings.
    public init?(_ role: ParameterRole) {
      switch role {
      case .weight: self = .weight
      case .noise: self = .noise
      case .residualOutput: self = .residualOutput
      case .attentionLogit: self = .attentionLogit
      case .output, .bias, .scale, .offset, .embedding: return nil
      }
    }
  }

  /// What shares one norm.
  public enum Grouping: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each parameter returns to its own initial norm.
    case separate
    /// All members of a scale group return to their joint initial norm, keeping their ratio free:
    /// the exact symmetry of a noisy layer (mean, deviation and biases together).
    case joint
  }

  /// Which parameters are projected; none turns the projection off.
  public var roles: Set<Role>
  /// What shares one norm.
  public var grouping: Grouping
  /// Project after every so many updates; 1 and 1,000 gave nearly the same in the paper's Rainbow.
  public var every: Int

  /// A projection; every hidden weight alone, after every update, by default.
  public init(
    roles: Set<Role> = [.weight], grouping: Grouping = .separate, every: Int = 1
  ) {
    precondition(every > 0, "Projection.every is \(every); it counts updates and starts at 1")
    self.roles = roles
    self.grouping = grouping
    self.every = every
  }

  /// How the hidden weights of noisy layers are treated; output layers are left alone whatever is chosen.
  public enum NoisyWeights: String, Sendable, Hashable, Codable, CaseIterable {
    /// Mean and deviation return to their joint initial norm by one factor, the layer's exact
    /// symmetry: their ratio stays free, so the level of noise can be learned. Our default.
    case joint
    /// Each returns to its own initial norm, which fixes the ratio.
    case separate
    /// The mean alone is projected.
    case meanOnly
  }

  /// Every hidden weight, with noisy layers treated as said.
  ///
  /// Which of them the paper's Rainbow used is not known (METHOD 1.6).
  public init(noisyWeights: NoisyWeights, every: Int = 1) {
    switch noisyWeights {
    case .joint: self.init(roles: [.weight, .noise], grouping: .joint, every: every)
    case .separate: self.init(roles: [.weight, .noise], grouping: .separate, every: every)
    case .meanOnly: self.init(roles: [.weight], grouping: .separate, every: every)
    }
  }

  /// Every hidden weight matrix and kernel, each to its own initial norm, after every update.
  public static let hiddenWeights = Projection()
  /// No projection.
  public static let none = Projection(roles: [])

  /// Whether the parameter itself is chosen by its role.
  public func includes(_ parameter: Parameter) -> Bool {
    Role(parameter.role).map(roles.contains) ?? false
  }

  /// Whether the update that follows `update` completed ones is one of those that project.
  public func isDue(at update: Int) -> Bool { (update + 1) % every == 0 }
}
