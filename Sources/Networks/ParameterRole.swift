/// What a parameter is for, which decides how methods treat it. Nothing is ever decided from a name.
public enum ParameterRole: Sendable, Hashable {
  /// A hidden weight matrix or kernel, followed by a normalization in a normalized network.
  ///
  /// `fanIn` is the number of inputs that one output sums over.
  case weight(fanIn: Int)
  /// The weight of an output layer: what it computes is not normalized afterwards.
  case output
  /// A bias, added before a normalization or at the output.
  case bias
  /// The learned gain of a normalization.
  case scale
  /// The learned shift of a normalization.
  case offset
  /// A table of vectors looked up by index.
  case embedding
  /// The deviation of a noisy weight (Fortunato et al. 2018).
  case noise
  /// The last weight of a residual branch: it feeds the sum, so scaling it changes the branch's share.
  case residualOutput
  /// A query or key weight, whose size sets the sharpness of attention.
  case attentionLogit
}

/// The set of parameters whose joint scaling is one symmetry.
///
/// Most parameters stand alone. A noisy layer's mean and deviation share a group, and so do a
/// normalization's scale and offset. Groups are compared by identity.
public final class ScaleGroup: Sendable, Hashable {
  /// A new group, different from every other.
  public init() {}

  /// Whether both are the same group.
  public static func == (left: ScaleGroup, right: ScaleGroup) -> Bool { left === right }

  /// Hashes the identity.
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
