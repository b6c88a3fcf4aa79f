import Torch

/// A layer that can be made again with parameters at a start of their own.
public protocol RedrawableLayer: Layer {
  /// The same form with new parameters.
  ///
  /// - Parameters:
  ///   - name: the layer's name, by which the source's generator is split.
  ///   - source: draws weights and biases; scales start at 1 and offsets at 0.
  func redrawn(_ name: String, from source: ParameterSource) -> Self
}

extension WeightedLayer {
  /// The same layer with new parameters, as ``Linear`` and ``Convolution2D`` draw them.
  public func redrawn(_ name: String, from source: ParameterSource) -> Self {
    redrawn(name, from: source, outputFeatures: nil, inputFeatures: nil)
  }

  /// The same layer for other numbers of features, with new parameters.
  ///
  /// - Parameters:
  ///   - outputFeatures: axis 0 of the weight; this layer's when absent.
  ///   - inputFeatures: axis 1 of the weight; this layer's when absent.
  public func redrawn(
    _ name: String, from source: ParameterSource, outputFeatures: Int?, inputFeatures: Int?
  ) -> Self {
    var shape = weight.value.shape
    shape[0] = outputFeatures ?? shape[0]
    shape[1] = inputFeatures ?? shape[1]
    let fanIn = shape.dropFirst().reduce(1, *)
    var role = weight.role
    if case .weight = role { role = .weight(fanIn: fanIn) }
    let generator = source.generator.split(name)
    let drawn = source.initializer.tensor(
      shape, generator: generator, dtype: weight.value.dtype, device: source.device)
    let newBias = bias.map { bias in
      Parameter(
        source.initializer.bias(
          count: shape[0], fanIn: fanIn, generator: generator, dtype: bias.value.dtype,
          device: source.device), role: bias.role)
    }
    return replacing(weight: Parameter(drawn, role: role), bias: newBias)
  }
}

extension LayerNorm: RedrawableLayer {
  /// The same normalization with parameters at their start.
  public func redrawn(_ name: String, from source: ParameterSource) -> LayerNorm {
    LayerNorm(
      axes: axes, affine: affine, epsilon: epsilon, dtype: scale?.value.dtype ?? source.dtype,
      device: source.device)
  }
}

extension RMSNorm: RedrawableLayer {
  /// The same normalization with parameters at their start.
  public func redrawn(_ name: String, from source: ParameterSource) -> RMSNorm {
    RMSNorm(
      axes: axes, affine: affine, hasOffset: offset != nil, epsilon: epsilon,
      dtype: scale?.value.dtype ?? source.dtype, device: source.device)
  }
}

extension GroupNorm: RedrawableLayer {
  /// The same normalization with parameters at their start.
  public func redrawn(_ name: String, from source: ParameterSource) -> GroupNorm {
    GroupNorm(
      groups: groups, learnedChannels: scale?.value.elementCount, epsilon: epsilon,
      dtype: scale?.value.dtype ?? source.dtype, device: source.device)
  }
}
