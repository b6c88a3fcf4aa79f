import Torch

extension Sequential {
  /// A residual network of basic blocks (He et al. 2016, sections 3.3 and 4.2), with its defaults ResNet-18 for small
  /// images: `convolution0`, `normalization0`, `activation0`, then `stage0` … of `block0`, `activation0`, …,
  /// `pool`, `output`.
  ///
  /// Each block is `body(x) + shortcut(x)` with two 3×3 convolutions, each followed by a batch
  /// normalization and the first by the nonlinearity; the shortcut is the input, or a 1×1 convolution with a
  /// batch normalization where the shape changes. A nonlinearity follows the sum. Convolutions have no bias.
  /// The first convolution of every stage but the first has stride 2. Every kernel stands right before a
  /// normalization, the last of a branch included, so each has the role of a hidden weight.
  ///
  /// Deviation: for images of some 32 pixels the stem is a 3×3 convolution of stride 1 without a pool, as is usual for
  /// CIFAR-10; a stride above 1 adds the 3×3 maximum pool of the original (kernel 7, stride 2).
  /// Source of its use with the method: Lyle et al. 2025, ResNet-18 without biases (METHOD 3.7).
  ///
  /// Input (B, C, H, W) to logits (B, classes).
  ///
  /// - Parameters:
  ///   - inputShape: channels, height and width of an image.
  ///   - channels: output channels of each stage.
  ///   - blocks: blocks in each stage.
  ///   - stemKernel: the side of the first kernel.
  ///   - stemStride: the stride of the first convolution.
  ///   - hidden: widths of dense layers before the output; none in the original.
  ///   - classes: the number of logits.
  ///   - activation: one that keeps the number of features.
  ///   - source: how the parameters are made.
  public static func resNet18(
    inputShape: [Int], channels: [Int] = [64, 128, 256, 512], blocks: [Int] = [2, 2, 2, 2],
    stemKernel: Int = 3, stemStride: Int = 1, hidden: [Int] = [], classes: Int,
    activation: ActivationKind = .relu, source: ParameterSource
  ) -> Sequential {
    var network = NetworkBuilder(activation: activation, source: source, image: inputShape)
    network.appendNormalizedConvolution(
      channels[0], kernel: stemKernel, stride: stemStride, suffix: "0")
    network.appendActivation()
    if stemStride > 1 {
      network.append("stem-pool", MaximumPool2D(kernel: 3, stride: 2, padding: 1))
    }
    for (stage, count) in channels.enumerated() {
      for block in 0..<blocks[stage] {
        network.appendResidualBlock(
          "stage\(stage)-block\(block)",
          convolutions: [(count, 3, stage > 0 && block == 0 ? 2 : 1), (count, 3, 1)],
          channels: count)
      }
    }
    network.appendGlobalPool("pool")
    network.appendDense(hidden)
    return network.finished(classes: classes)
  }
}

extension NetworkBuilder {
  /// Output channels, kernel and stride of a convolution.
  typealias Convolution = (channels: Int, kernel: Int, stride: Int)

  /// A block under `name` and the nonlinearity after its sum: a body of convolutions, each with a batch normalization
  /// and, but for the last, the nonlinearity; the shortcut has a convolution where the shape changes.
  mutating func appendResidualBlock(
    _ name: String, convolutions: [Convolution], channels count: Int
  ) {
    var drawing = source
    drawing.generator = source.generator.split(name)
    func branch(_ name: String) -> NetworkBuilder {
      var drawing = drawing
      drawing.generator = drawing.generator.split(name)
      return NetworkBuilder(activation: activation, source: drawing, features: channels)
    }
    var body = branch("body")
    var stride = 1
    for (index, layer) in convolutions.enumerated() {
      body.appendNormalizedConvolution(
        layer.channels, kernel: layer.kernel, stride: layer.stride, suffix: "\(index)")
      if index + 1 < convolutions.count { body.appendActivation() }
      stride *= layer.stride
    }
    var shortcut: NetworkBuilder?
    if stride != 1 || count != channels {
      shortcut = branch("shortcut")
      shortcut?.appendNormalizedConvolution(count, kernel: 1, stride: stride, suffix: "0")
    }
    append(name, Residual(body.sequence, shortcut: shortcut?.sequence))
    appendActivation()
    passed(channels: count, stride: stride)
  }
}
