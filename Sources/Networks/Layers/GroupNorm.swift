public import Torch

/// LayerNorm within each of several groups of channels, over all positions (Wu & He 2018).
///
/// Input (B, C, …) to the same shape. One group is ``LayerNorm`` over a whole image.
public struct GroupNorm: Layer {
  /// Groups of consecutive channels; divides C.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Double
  /// σ (C), first 1, or `nil` for 1.
  public let scale: Parameter?
  /// μ (C), first 0, or `nil` for 0.
  public let offset: Parameter?
  /// The scale, then the offset, where there are any.
  public var parts: [Part] { Part.optional("scale", scale) + Part.optional("offset", offset) }

  /// A normalization in groups.
  ///
  /// - Parameters:
  ///   - groups: how many; divides the number of channels.
  ///   - learnedChannels: C, to learn a gain and a shift for each channel; `nil` to learn none.
  ///   - epsilon: 1e-5 as in PyTorch.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    groups: Int, learnedChannels: Int? = nil, epsilon: Double = 1e-5, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.groups = groups
    self.epsilon = epsilon
    let group = ScaleGroup()
    scale = learnedChannels.map {
      Parameter(Tensor.ones([$0], dtype: dtype, device: device), role: .scale, group: group)
    }
    offset = learnedChannels.map {
      Parameter(Tensor.zeros([$0], dtype: dtype, device: device), role: .offset, group: group)
    }
  }

  /// (B, C, …) to the same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.groupNorm(
      groups: groups, scale: scale?.value, offset: offset?.value,
      epsilon: NormalizationEpsilon.replacement ?? epsilon)
  }
}
