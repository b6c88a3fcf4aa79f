/// How large a network is at least, told before anything of it is built.
///
/// Floats, since products of sizes may pass every integer.
public struct NetworkSize: Sendable, Hashable {
  /// Weights, biases left out.
  public var weights: Double
  /// Numbers that the layers give for one example, all of which a backward pass needs.
  public var activations: Double

  /// A size; see the properties.
  public init(weights: Double, activations: Double) {
    self.weights = weights
    self.activations = activations
  }

  /// Weights of dense layers from each width to the next.
  static func dense(_ widths: [Double]) -> Double {
    zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// A side after a convolution.
  static func convolved(_ side: Double, kernel: Double, stride: Double, padding: Double) -> Double {
    max(1, ((side + 2 * padding - kernel) / max(1, stride)).rounded(.down) + 1)
  }
}

extension NetworkConfiguration {
  /// How large the network is at least; fields that do not fit one another count as little as they can.
  public func leastSize(inputShape: [Int], classes: Int) -> NetworkSize {
    NetworkSize(
      weights: leastWeightCount(inputShape: inputShape, classes: classes),
      activations: leastActivationCount(inputShape: inputShape) + Double(classes))
  }

  /// Numbers that the layers but the last give for one example.
  private func leastActivationCount(inputShape: [Int]) -> Double {
    let dense = hidden.reduce(0) { $0 + Double($1) }
    if kind == .mlp { return dense }
    if case .transformer(let sizes) = shape {
      let positions = Double(inputShape.first ?? 1)
      let attention = Double(sizes.heads) * (4 * Double(sizes.headDimension) + positions)
      return dense + positions * Double(sizes.layers)
        * (attention + 2 * Double(sizes.modelDimension) + Double(sizes.feedForward))
    }
    guard inputShape.count == 3 else { return dense }
    var (height, width) = (Double(inputShape[1]), Double(inputShape[2]))
    var sum = dense
    func shrink(kernel: Double, stride: Double) {
      let padding = (kernel / 2).rounded(.down)
      height = NetworkSize.convolved(height, kernel: kernel, stride: stride, padding: padding)
      width = NetworkSize.convolved(width, kernel: kernel, stride: stride, padding: padding)
    }
    for (stage, count) in channels.enumerated() {
      func entry(_ list: [Int]) -> Double { stage < list.count ? Double(list[stage]) : 1 }
      switch kind {
      case .vgg:
        sum += entry(convolutions) * Double(count) * height * width
        shrink(kernel: 0, stride: 2)
      case .resnet18:
        if stage == 0 { shrink(kernel: entry(kernels), stride: entry(strides)) }
        if stage > 0 { shrink(kernel: 1, stride: 2) }
        sum += 2 * entry(convolutions) * Double(count) * height * width
      default:
        shrink(kernel: entry(kernels), stride: entry(strides))
        sum += Double(count) * height * width
      }
    }
    return sum
  }
}

extension Torso {
  /// How large the torso is at least, and how many features it gives.
  ///
  /// - Parameters: as in ``layers(inputShape:widths:multiplier:source:)``.
  public func leastSize(
    inputShape: [Int], widths: [Int] = [], multiplier: Int = 1
  ) -> (size: NetworkSize, features: Double) {
    var size = NetworkSize(weights: 0, activations: 0)
    guard inputShape.count == 3, self != .mlp else {
      let inputs = inputShape.reduce(1.0) { $0 * Double($1) }
      let all = [inputs] + widths.map(Double.init)
      size.weights = NetworkSize.dense(all)
      size.activations = all.dropFirst().reduce(0, +)
      return (size, all[all.count - 1])
    }
    let shape = inputShape.map(Double.init)
    var (channels, height, width) = (shape[0], shape[1], shape[2])
    func convolve(_ count: Double, kernel: Double, stride: Double, padding: Double = 0) {
      size.weights += channels * count * kernel * kernel
      channels = count
      height = NetworkSize.convolved(height, kernel: kernel, stride: stride, padding: padding)
      width = NetworkSize.convolved(width, kernel: kernel, stride: stride, padding: padding)
      size.activations += channels * height * width
    }
    for layer in convolutions {
      convolve(Double(layer.channels), kernel: Double(layer.kernel), stride: Double(layer.stride))
    }
    for count in self == .impala ? Self.impalaChannels : [] {
      let wide = Double(count) * Double(multiplier)
      convolve(wide, kernel: 3, stride: 1, padding: 1)
      (height, width) = ((height / 2).rounded(.up), (width / 2).rounded(.up))
      for _ in 0..<4 { convolve(wide, kernel: 3, stride: 1, padding: 1) }
    }
    return (size, channels * height * width)
  }
}
