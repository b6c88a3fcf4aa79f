extension NetworkConfiguration {
  /// A number of weights that the network has at least, for refusing before anything is built what no machine can hold:
  /// exact for `mlp` and `transformer`; for the others as if one pixel were left for the dense layers.
  ///
  /// A float, since the product of sizes may pass every integer.
  public func leastWeightCount(inputShape: [Int], classes: Int) -> Double {
    func weights(from inputs: Double) -> Double {
      NetworkSize.dense([inputs] + (hidden + [classes]).map(Double.init))
    }
    let inputs = [inputShape.first ?? 1] + channels
    let pairs = zip(inputs, channels).map { Double($0) * Double($1) }
    let dense = weights(from: Double(channels.last ?? 1))
    switch shape {
    case .mlp:
      return weights(from: inputShape.reduce(1.0) { $0 * Double($1) })
    case .cnn:
      return zip(pairs, kernels).reduce(dense) { $0 + $1.0 * Double($1.1) * Double($1.1) }
    case .vgg:
      let inner = zip(channels, convolutions).reduce(0) { sum, stage in
        sum + 9 * Double(stage.0) * Double(stage.0) * max(0, Double(stage.1) - 1)
      }
      return dense + inner + 9 * pairs.reduce(0, +)
    case .resnet18:
      // Each stage's first convolution reads the stage before; all others keep the channels.
      let inner = zip(channels, convolutions).reduce(0) { sum, stage in
        sum + 9 * Double(stage.0) * Double(stage.0) * max(0, 2 * Double(stage.1) - 1)
      }
      return dense + inner + 9 * pairs.dropFirst().reduce(0, +)
    case .transformer(let sizes):
      // Four matrices of attention and two dense ones per layer, the two tables and the output.
      let features = Double(sizes.modelDimension)
      let attention = 4 * features * Double(sizes.heads) * Double(sizes.headDimension)
      let layer = attention + 2 * features * Double(sizes.feedForward)
      return Double(sizes.layers) * layer
        + features * (Double(sizes.vocabulary) + Double(inputShape.first ?? 1) + Double(classes))
    }
  }
}
