import Networks
import Torch

extension PyTorchTranslation {
  /// The expression for a layer that is neither a sequence nor linear.
  mutating func module(
    _ layer: any Layer, _ name: String, _ path: [Int]
  ) throws(ExportError) -> String {
    if let text = try composed(layer, name, path) { return text }
    switch layer {
    case let layer as Convolution2D: return convolution(layer, name)
    case let layer as any FeatureNormalization: return try normalization(layer, name, path, true)
    case let layer as GroupNorm: return groupNorm(layer, name, path)
    case let layer as BatchNorm2D: return batchNorm(layer, name)
    case is NormalizationSite: return "nn.Identity()"
    case let layer as any Activation: return try activation(layer, name)
    case let layer as MaximumPool2D:
      return "nn.MaxPool2d(\(pair(layer.kernel)), \(pair(layer.stride)), \(pair(layer.padding)))"
    case let layer as AveragePool2D:
      return "nn.AvgPool2d(\(pair(layer.kernel)), \(pair(layer.stride)), \(pair(layer.padding)))"
    case is GlobalAveragePool: return "nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())"
    case is Flatten: return "nn.Flatten()"
    case let layer as Embedding:
      add(name, "weight", layer.weight.value)
      return "nn.Embedding(\(layer.weight.value.shape[0]), \(layer.weight.value.shape[1]))"
    default: throw .noCounterpart(layer: name, reason: "\(type(of: layer))")
    }
  }

  mutating func convolution(_ layer: Convolution2D, _ name: String) -> String {
    add(name, "weight", layer.weight.value)
    add(name, "bias", layer.bias?.value)
    let shape = layer.weight.value.shape
    let kernel = Extent2D(height: shape[2], width: shape[3])
    let groups = layer.groups == 1 ? "" : ", groups=\(layer.groups)"
    let bias = layer.bias == nil ? ", bias=False" : ""
    return "nn.Conv2d(\(shape[1] * layer.groups), \(shape[0]), \(pair(kernel)), "
      + "stride=\(pair(layer.stride)), padding=\(pair(layer.padding))\(groups)\(bias))"
  }

  /// The expression for a normalization; without its parameters when they were folded.
  mutating func normalization(
    _ layer: any FeatureNormalization, _ name: String, _ path: [Int], _ hasParameters: Bool
  ) throws(ExportError) -> String {
    let given = shapes[path] ?? []
    guard case .last(let count) = layer.axes else {
      // Each position's channels, which come last for PyTorch's own module.
      let name = name + ".each"
      let wrapper = uses(.channelNormalization)
      let each = try normalization(
        layer, name, shape: [given.count > 1 ? given[1] : 0], hasParameters)
      return "\(wrapper)(\(each))"
    }
    return try normalization(layer, name, shape: Array(given.suffix(count)), hasParameters)
  }

  /// The expression for a normalization over last axes of `shape`.
  mutating func normalization(
    _ layer: any FeatureNormalization, _ name: String, shape: [Int], _ hasParameters: Bool
  ) throws(ExportError) -> String {
    let scale = hasParameters ? layer.scale?.value : nil
    let offset = hasParameters ? layer.offset?.value : nil
    let affine = scale == nil ? ", elementwise_affine=False" : ""
    if layer is RMSNorm {
      add(name, "weight", scale.map { spread($0, over: shape) })
      add(name, "bias", offset.map { spread($0, over: shape) })
      guard offset != nil else { return "nn.RMSNorm(\(shape), eps=\(layer.epsilon)\(affine))" }
      return uses(.shiftedRMSNorm) + "(\(shape), eps=\(layer.epsilon))"
    }
    guard layer is LayerNorm else {
      throw .noCounterpart(layer: name, reason: "\(type(of: layer))")
    }
    add(name, "weight", scale)
    add(name, "bias", offset)
    if let scale, scale.shape != shape {
      // One gain a channel over a whole image: PyTorch has it as one group of channels.
      return "nn.GroupNorm(1, \(scale.elementCount), eps=\(layer.epsilon))"
    }
    return "nn.LayerNorm(\(shape), eps=\(layer.epsilon)\(affine))"
  }

  private mutating func groupNorm(_ layer: GroupNorm, _ name: String, _ path: [Int]) -> String {
    add(name, "weight", layer.scale?.value)
    add(name, "bias", layer.offset?.value)
    let channels = shapes[path]?[1] ?? 0
    let affine = layer.scale == nil ? ", affine=False" : ""
    return "nn.GroupNorm(\(layer.groups), \(channels), eps=\(layer.epsilon)\(affine))"
  }

  /// In evaluation mode, which is a module's by `.eval()`, it is what it is here.
  private mutating func batchNorm(_ layer: BatchNorm2D, _ name: String) -> String {
    add(name, "weight", layer.scale.value)
    add(name, "bias", layer.offset.value)
    add(name, "running_mean", layer.runningMean.value)
    add(name, "running_var", layer.runningVariance.value)
    add(name, "num_batches_tracked", Tensor.zeros([], dtype: .int64))
    return "nn.BatchNorm2d(\(layer.scale.value.elementCount), eps=\(layer.epsilon), "
      + "momentum=\(layer.momentum))"
  }

  private func activation(
    _ layer: any Activation, _ name: String
  ) throws(ExportError) -> String {
    switch layer {
    case is ReLU: "nn.ReLU()"
    case let layer as LeakyReLU: "nn.LeakyReLU(\(layer.negativeSlope))"
    case let layer as GELU: layer.isApproximate ? "nn.GELU(\"tanh\")" : "nn.GELU()"
    case is SiLU: "nn.SiLU()"
    case is Tanh: "nn.Tanh()"
    case is Identity: "nn.Identity()"
    default: throw .noCounterpart(layer: name, reason: "\(type(of: layer))")
    }
  }

  /// One gain per element, from one per channel.
  private func spread(_ scale: Tensor, over shape: [Int]) -> Tensor {
    guard scale.shape != shape else { return scale }
    let rest = [Int](repeating: 1, count: shape.count - 1)
    return scale.detached().viewed(as: [scale.elementCount] + rest).expanded(to: shape).contiguous()
  }

  private func pair(_ extent: Extent2D) -> String { "(\(extent.height), \(extent.width))" }
}
