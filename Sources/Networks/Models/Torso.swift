import Torch

/// The layers that turn an agent's observations into features (B, F), each kind plain: no normalization, with biases.
public enum Torso: String, Sendable, Codable, CaseIterable {
  /// Convolutions 8×8 of stride 4 with 32 channels, 4×4 of stride 2 with 64 and 3×3 of stride 1 with 64, none padded
  /// (Mnih et al. 2015). 3,136 features of 84×84 pixels.
  case nature
  /// Convolutions 5×5 of stride 5 with 32 and 64 channels, not padded: data-efficient Rainbow's (van Hasselt et al.
  /// 2019, appendix). 576 features of 84×84 pixels.
  case dataEfficient
  /// Three stages of a padded 3×3 convolution, a 3×3 maximum pool of stride 2 and two residual blocks of two
  /// 3×3 convolutions (Espeholt et al. 2018, figure 3), with 16, 32 and 32 channels times the multiplier.
  case impala
  /// One convolution, 3×3 of stride 1 with 16 channels, not padded (Young & Tian 2019).
  case minAtar
  /// Dense layers alone.
  case mlp
  /// What suits the observations: ``nature`` for images of at least 36 pixels a side, ``minAtar`` for smaller ones,
  /// ``mlp`` for all else (our choice).
  case observed

  /// The torso that stands for this one with examples of a shape.
  public func fitting(_ inputShape: [Int]) -> Torso {
    guard self == .observed else { return self }
    return [Torso.nature, .minAtar].first { torso in
      inputShape.count == 3 && inputShape.dropFirst().allSatisfy { $0 >= torso.leastSide ?? 0 }
    } ?? .mlp
  }

  /// The layers, ending with (B, F).
  ///
  /// Every layer draws from its own generator, split by its name.
  ///
  /// - Parameters:
  ///   - inputShape: of one example: (C, H, W), or any for `mlp`.
  ///   - widths: `mlp`, and `observed` where it is that: of the dense layers, each with a rectifier. The others ignore
  ///   it.
  ///   - multiplier: `impala`: what channels are multiplied by.
  /// - Returns: the layers, and F.
  public func layers(
    inputShape: [Int], widths: [Int] = [], multiplier: Int = 1, source: ParameterSource
  ) -> (elements: [Sequential.Element], features: Int) {
    let torso = fitting(inputShape)
    switch torso {
    case .nature, .dataEfficient, .minAtar:
      return convolutions(torso.convolutions, inputShape, source)
    case .impala: return impala(Self.impalaChannels.map { $0 * multiplier }, inputShape, source)
    case .mlp, .observed: return dense(widths, inputShape, source)
    }
  }

  /// Channels of the stages of `impala`.
  static let impalaChannels = [16, 32, 32]

  /// The convolutions of a torso that has nothing else.
  var convolutions: [(channels: Int, kernel: Int, stride: Int)] {
    switch self {
    case .nature: [(32, 8, 4), (64, 4, 2), (64, 3, 1)]
    case .dataEfficient: [(32, 5, 5), (64, 5, 5)]
    case .minAtar: [(16, 3, 1)]
    case .impala, .mlp, .observed: []
    }
  }

  /// The fewest pixels of a side that the torso can look at; `nil` where the shape is free.
  public var leastSide: Int? {
    switch self {
    case .nature: 36
    case .dataEfficient: 25
    case .minAtar: 3
    case .impala: 1
    case .mlp, .observed: nil
    }
  }

  private func convolutions(
    _ layers: [(channels: Int, kernel: Int, stride: Int)], _ shape: [Int], _ source: ParameterSource
  ) -> ([Sequential.Element], Int) {
    var (channels, height, width) = (shape[0], shape[1], shape[2])
    var elements: [Sequential.Element] = []
    for (index, layer) in layers.enumerated() {
      let name = "convolution\(index)"
      let convolution = Convolution2D(
        inputChannels: channels, outputChannels: layer.channels, kernel: Extent2D(layer.kernel),
        stride: Extent2D(layer.stride), initializer: source.initializer,
        generator: source.generator.split(name), dtype: source.dtype, device: source.device)
      elements += [.init(name, convolution), .init("activation\(index)", ReLU())]
      channels = layer.channels
      height = (height - layer.kernel) / layer.stride + 1
      width = (width - layer.kernel) / layer.stride + 1
    }
    elements.append(.init("flatten", Flatten()))
    return (elements, channels * height * width)
  }

  /// The convolution of a stage and the last of each block feed a residual sum, which their roles say.
  private func impala(_ widths: [Int], _ shape: [Int], _ source: ParameterSource)
    -> ([Sequential.Element], Int)
  {
    var (channels, height, width) = (shape[0], shape[1], shape[2])
    var elements: [Sequential.Element] = []
    for (stage, count) in widths.enumerated() {
      let name = "stage\(stage)"
      elements += [
        .init(name + "-convolution", feedingSum(source, name, channels, count)),
        .init(name + "-pool", MaximumPool2D(kernel: 3, stride: 2, padding: 1)),
      ]
      for block in 0..<2 {
        let place = "\(name)-block\(block)"
        var drawing = source
        drawing.generator = source.generator.split(place)
        elements.append(
          .init(
            place,
            Residual(
              Sequential([
                .init("activation0", ReLU()),
                .init(
                  "convolution0",
                  drawing.convolution("convolution0", count, count, kernel: 3, stride: 1)),
                .init("activation1", ReLU()),
                .init("convolution1", feedingSum(drawing, "convolution1", count, count)),
              ]))))
      }
      channels = count
      height = (height + 1) / 2
      width = (width + 1) / 2
    }
    elements += [.init("activation", ReLU()), .init("flatten", Flatten())]
    return (elements, channels * height * width)
  }

  private func feedingSum(
    _ source: ParameterSource, _ name: String, _ inputs: Int, _ outputs: Int
  ) -> Convolution2D {
    let drawn = source.convolution(name, inputs, outputs, kernel: 3, stride: 1)
    return Convolution2D(
      weight: Parameter(drawn.weight.value.detached(), role: .residualOutput), bias: drawn.bias,
      stride: drawn.stride, padding: drawn.padding)
  }

  private func dense(_ widths: [Int], _ shape: [Int], _ source: ParameterSource)
    -> ([Sequential.Element], Int)
  {
    var features = shape.reduce(1, *)
    var elements: [Sequential.Element] = [.init("flatten", Flatten())]
    for (index, width) in widths.enumerated() {
      let name = "dense\(index)"
      elements += [
        .init(name, source.linear(name, features, width)),
        .init("dense-activation\(index)", ReLU()),
      ]
      features = width
    }
    return (elements, features)
  }
}
