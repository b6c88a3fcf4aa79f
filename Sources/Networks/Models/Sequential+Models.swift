public import Torch

/// How the parameters of a network are made.
public struct ParameterSource {
  /// The root of one generator per layer, split by the layer's name.
  public var generator: Generator
  /// Draws the weights.
  public var initializer: Initializer
  /// The parameters' element type.
  public var dtype: DType
  /// Where the parameters live.
  public var device: Device

  /// A source; PyTorch's default initializer, float32 on CPU.
  public init(
    generator: Generator, initializer: Initializer = .uniformFanIn, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    self.generator = generator
    self.initializer = initializer
    self.dtype = dtype
    self.device = device
  }

  func linear(
    _ name: String, _ inputs: Int, _ outputs: Int, isOutput: Bool = false, hasBias: Bool = true
  ) -> Linear {
    Linear(
      inputFeatures: inputs, outputFeatures: outputs, hasBias: hasBias, isOutput: isOutput,
      initializer: initializer,
      generator: generator.split(name), dtype: dtype, device: device)
  }

  func convolution(
    _ name: String, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, hasBias: Bool = true
  ) -> Convolution2D {
    Convolution2D(
      inputChannels: inputs, outputChannels: outputs, kernel: Extent2D(kernel),
      stride: Extent2D(stride), padding: Extent2D(kernel / 2), hasBias: hasBias,
      initializer: initializer,
      generator: generator.split(name), dtype: dtype, device: device)
  }
}

/// The networks of the paper's supervised experiments, plain: no normalization, with biases.
///
/// A normalized network is made from a plain one by inserting normalizations, which also drops the
/// biases. Every layer draws from its own generator, split by its name, so that changing one layer
/// leaves the others as they were.
extension Sequential {
  /// Fully connected: `flatten`, then `hidden0`, `activation0`, …, then `output`.
  ///
  /// Input (B, …) with F elements an example to logits (B, C).
  ///
  /// - Parameters:
  ///   - inputFeatures: F.
  ///   - hidden: the widths of the hidden layers.
  ///   - classes: C.
  ///   - activation: the nonlinearity after each hidden layer.
  ///   - source: how the parameters are made.
  public static func mlp(
    inputFeatures: Int, hidden: [Int], classes: Int, activation: ActivationKind = .relu,
    source: ParameterSource
  ) -> Sequential {
    var network = NetworkBuilder(activation: activation, source: source, features: inputFeatures)
    network.append("flatten", Flatten())
    network.appendDense(hidden)
    return network.finished(classes: classes)
  }

  /// Convolutional: `convolution0`, `activation0`, …, `flatten`, `hidden0`, …, `output`.
  ///
  /// With its defaults the convolutional network of Lyle et al. 2025: kernels of 5, 3 and 3 with 32
  /// channels each, then a dense layer. That source does not give the strides and the dense width;
  /// 1, 2, 2 and 256 are our choice. Kernels are padded by half their size.
  ///
  /// Input (B, C, H, W) to logits (B, classes).
  ///
  /// - Parameters:
  ///   - inputShape: channels, height and width of an image.
  ///   - channels: output channels of each convolution.
  ///   - kernels: the side of each kernel.
  ///   - strides: the stride of each convolution.
  ///   - hidden: the widths of the dense layers.
  ///   - classes: the number of logits.
  ///   - activation: the nonlinearity after each layer but the last.
  ///   - source: how the parameters are made.
  public static func convolutional(
    inputShape: [Int], channels: [Int] = [32, 32, 32], kernels: [Int] = [5, 3, 3],
    strides: [Int] = [1, 2, 2], hidden: [Int] = [256], classes: Int,
    activation: ActivationKind = .relu, source: ParameterSource
  ) -> Sequential {
    var network = NetworkBuilder(activation: activation, source: source, image: inputShape)
    for (index, count) in channels.enumerated() {
      network.appendConvolution(count, kernel: kernels[index], stride: strides[index])
    }
    network.appendFlatten()
    network.appendDense(hidden)
    return network.finished(classes: classes)
  }

  /// In the manner of VGG (Simonyan & Zisserman 2015): stages of 3×3 convolutions, each stage ended by a 2×2 maximum
  /// pool, then dense layers. Names as in
  /// ``convolutional(inputShape:channels:kernels:strides:hidden:classes:activation:source:)``, and `pool0`, ….
  ///
  /// Input (B, C, H, W), sides at least 2 to the number of stages, to logits (B, classes).
  ///
  /// - Parameters:
  ///   - inputShape: channels, height and width of an image.
  ///   - channels: output channels of each stage.
  ///   - convolutions: convolutions in each stage.
  ///   - hidden: the widths of the dense layers.
  ///   - classes: the number of logits.
  ///   - activation: the nonlinearity after each layer but the last.
  ///   - source: how the parameters are made.
  public static func vgg(
    inputShape: [Int], channels: [Int] = [32, 64, 128], convolutions: [Int] = [2, 2, 2],
    hidden: [Int] = [256], classes: Int, activation: ActivationKind = .relu,
    source: ParameterSource
  ) -> Sequential {
    var network = NetworkBuilder(activation: activation, source: source, image: inputShape)
    for (stage, count) in channels.enumerated() {
      for _ in 0..<convolutions[stage] {
        network.appendConvolution(count, kernel: 3, stride: 1)
      }
      network.appendPool("pool\(stage)")
    }
    network.appendFlatten()
    network.appendDense(hidden)
    return network.finished(classes: classes)
  }
}
