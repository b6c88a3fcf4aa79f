import Networks
import Torch

extension NetworkDescription.Part {
  /// Reads `64`, of images `32k8s4p2`, `max2` or `avg`; `nil` for anything else.
  init?(_ text: String, isImage: Bool) {
    if let count = Self.count(text) {
      self = .linear(count)
    } else if isImage, text == "avg" {
      self = .averagePool
    } else if isImage, text.hasPrefix("max"), let side = Self.count(text.dropFirst(3)) {
      self = .maximumPool(side)
    } else if isImage, let match = text.wholeMatch(of: /(\d+)k(\d+)(?:s(\d+))?(?:p(\d+))?/),
      let count = Self.count(match.1), let kernel = Self.count(match.2),
      let stride = Self.count(match.3 ?? "1"), let padding = Int(match.4 ?? "0"), padding < kernel
    {
      self = .convolution(count, kernel: kernel, stride: stride, padding: padding)
    } else {
      return nil
    }
  }

  private static func count(_ text: some StringProtocol) -> Int? {
    Int(text).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
  }

  /// Whether it takes images; a linear layer takes them as rows.
  var isOfImages: Bool { if case .linear = self { false } else { true } }
}

extension NetworkDescription {
  /// Whether it is a model of another library.
  var isModel: Bool { if case .model = body { true } else { false } }

  /// Examples of random numbers, for an audit without inputs.
  func drawnInputs(for file: TensorFile, prefix: String) throws -> Tensor {
    switch body {
    case .layers(let shape, _): .normal([16] + shape, generator: Generator(seed: 0))
    case .model(let model): try model.drawnInputs(for: file, prefix: prefix)
    }
  }

  /// A part with the sizes that it gets from those before.
  struct Step {
    var part: Part
    /// Channels, or features.
    var inputs: Int

    /// Every part in order, with what flattens images.
    ///
    /// - Throws: ``UsageError`` where a window is larger than what is left of an image.
    static func all(_ shape: [Int], _ parts: [Part], text: String) throws(UsageError) -> [Step] {
      var (steps, channels) = ([Step](), shape[0])
      var sides: [Int]? = shape.count == 3 ? Array(shape.dropFirst()) : nil
      for part in parts {
        func windows(_ kernel: Int, _ stride: Int, _ padding: Int) throws(UsageError) -> [Int] {
          let smaller = (sides ?? []).map { ($0 + 2 * padding - kernel) / stride + 1 }
          guard let left = sides, left.allSatisfy({ $0 + 2 * padding >= kernel }) else {
            throw UsageError(
              "--network \(text): a window of \(kernel) is larger than what is left of the image, \(sides ?? [])"
            )
          }
          return smaller
        }
        switch part {
        case .convolution(let count, let kernel, let stride, let padding):
          sides = try windows(kernel, stride, padding)
          steps.append(Step(part: part, inputs: channels))
          channels = count
        case .maximumPool(let side):
          sides = try windows(side, side, 0)
          steps.append(Step(part: part, inputs: channels))
        case .averagePool:
          sides = [1, 1]
          steps.append(Step(part: part, inputs: channels))
        case .linear(let count):
          if let left = sides { channels *= left[0] * left[1] }
          sides = nil
          steps.append(Step(part: part, inputs: channels))
          channels = count
        }
      }
      return steps
    }

    /// The shape of its weight in PyTorch's files; `nil` without one.
    var shape: [Int]? {
      switch part {
      case .linear(let outputs): [outputs, inputs]
      case .convolution(let outputs, let kernel, _, _): [outputs, inputs, kernel, kernel]
      case .maximumPool, .averagePool: nil
      }
    }

    var outputs: Int { shape?[0] ?? inputs }
    var fanIn: Int { shape?.dropFirst().reduce(1, *) ?? 0 }
    var isConvolution: Bool { if case .convolution = part { true } else { false } }

    /// In words.
    var words: String {
      switch part {
      case .linear(let outputs): "linear \(inputs) to \(outputs)"
      case .convolution(let outputs, let kernel, let stride, let padding):
        "convolution \(inputs) to \(outputs), kernel \(kernel), stride \(stride), padding \(padding)"
      case .maximumPool(let side): "maximum-\(side)"
      case .averagePool: "average"
      }
    }

    /// The layer of a part without parameters.
    var layer: any Layer {
      if case .maximumPool(let side) = part {
        MaximumPool2D(kernel: Extent2D(side))
      } else {
        GlobalAveragePool()
      }
    }

    /// The layer of given parameters; a linear one takes images as rows.
    func layer(_ weight: Parameter, _ bias: Parameter?) -> any Layer {
      guard case .convolution(_, _, let stride, let padding) = part else {
        return Linear(weight: weight, bias: bias)
      }
      return Convolution2D(
        weight: weight, bias: bias, stride: Extent2D(stride), padding: Extent2D(padding))
    }
  }
}
