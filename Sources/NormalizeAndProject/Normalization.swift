/// The first part: which statistics the normalization before every nonlinearity removes.
///
/// Alone it is the arm `norm`: the network is scale-invariant, but its norms grow, and with them its
/// effective learning rate decays. Whether the normalization also learns a scale and an offset is
/// ``ScaleAndOffset``.
///
/// Source: Lyle et al. 2025 (LayerNorm in a convolutional network, RMSNorm in a transformer); axes
/// and ε are not reported for the experiments of arXiv 2407.01800, the defaults here are our choice.
public struct Normalization: Sendable, Hashable, Codable {
  /// How features are normalized.
  public enum Kind: Sendable, Hashable, Codable {
    /// No normalization: the network stays as it was.
    case none
    /// (x − mean) / √(variance + ε).
    case layer
    /// x / √(mean of squares + ε).
    case rms
    /// Like `layer`, within each of `count` groups of channels over all positions.
    case group(count: Int)
  }

  /// Which elements of an example share one mean and variance.
  public enum Axes: String, Sendable, Hashable, Codable, CaseIterable {
    /// All elements of an example: features, or channels, height and width. The default.
    case example
    /// The channels at each position: axis 1 of (B, C, H, W), the last axis otherwise.
    case channels
  }

  /// How features are normalized.
  public var kind: Kind
  /// Which elements share statistics. A `group` normalization always spans its channels' positions.
  public var axes: Axes
  /// Added to the variance; breaks scale invariance when weights are small (METHOD 1.6).
  public var epsilon: Double

  /// `rms`: whether an offset is learned where a scale is; the usual RMSNorm has none, and a network without
  /// biases has then nothing that shifts. The others always learn both.
  public var learnsOffset: Bool

  /// A normalization; LayerNorm over the whole example with ε = 1e-5 by default.
  public init(
    _ kind: Kind = .layer, axes: Axes = .example, epsilon: Double = 1e-5, learnsOffset: Bool = true
  ) {
    self.kind = kind
    self.axes = axes
    self.epsilon = epsilon
    self.learnsOffset = learnsOffset
  }

  /// Reads a normalization; what was not there before has its default.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try values.decode(Kind.self, forKey: .kind),
      axes: try values.decode(Axes.self, forKey: .axes),
      epsilon: try values.decode(Double.self, forKey: .epsilon),
      learnsOffset: try values.decodeIfPresent(Bool.self, forKey: .learnsOffset) ?? true)
  }

  /// LayerNorm over the whole example, ε = 1e-5.
  public static let layer = Normalization(.layer)
  /// RMSNorm over the whole example, ε = 1e-5.
  public static let rms = Normalization(.rms)
  /// No normalization.
  public static let none = Normalization(.none)
}
