import Torch

extension ResNet {
  /// Checks every field against the input.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  public func validate(inputShape: [Int], outputs: Int) throws(ConfigurationError) {
    let require = ConfigurationError.require
    try require(
      inputShape.count == 3 && inputShape.allSatisfy { $0 > 0 }, "the input's shape",
      "channels, height and width", "\(inputShape)")
    try ConfigurationError.requireCount(outputs, "the number of outputs", from: 1)
    try require(
      !channels.isEmpty && channels.allSatisfy { (1...100_000).contains($0) }, "network.channels",
      "a list of counts from 1 to 100,000", "\(channels)")
    try require(
      blocks.count == channels.count && blocks.allSatisfy { (1...1_000).contains($0) },
      "network.blocks",
      "\(channels.count) counts from 1 to 1,000, one for each of network.channels \(channels)",
      "\(blocks)")
    try ConfigurationError.requireCount(stemKernel, "network.stemKernel", from: 1, to: 10_000)
    try ConfigurationError.requireCount(stemStride, "network.stemStride", from: 1, to: 10_000)
    try require(
      activation.make().featureFactor == 1, "network.activation",
      "one that keeps the number of features, since branches are added", activation.rawValue)
    try require(
      dtype.isFloatingPoint, "network.dtype", "float32, float64, bfloat16 or float16",
      dtype.rawValue)
  }

  /// Kernels, two numbers a channel of each batch normalization, and the output layer.
  public func parameterCount(inputShape: [Int], outputs: Int) -> Int {
    let kernels = layers(inputShape).reduce(0) { sum, layer in
      sum + layer.outputs * (layer.inputs * layer.kernel * layer.kernel + 2)
    }
    return kernels + (channels[channels.count - 1] * block.expansion + 1) * outputs
  }

  /// Convolutions and the output layer.
  public func forwardOperations(inputShape: [Int], outputs: Int) -> Double {
    let products = layers(inputShape).reduce(0.0) { sum, layer in
      sum + Double(layer.outputs * layer.inputs * layer.kernel * layer.kernel)
        * Double(layer.positions)
    }
    return 2 * (products + Double(channels[channels.count - 1] * block.expansion * outputs))
  }

  private typealias Layer = (inputs: Int, outputs: Int, kernel: Int, positions: Int)

  /// Every convolution with the number of positions that it computes.
  private func layers(_ inputShape: [Int]) -> [Layer] {
    var found: [Layer] = []
    var (inputs, sides) = (inputShape[0], [inputShape[1], inputShape[2]])
    func convolve(_ outputs: Int, _ kernel: Int, _ stride: Int, _ inputs: Int, _ sides: [Int])
      -> [Int]
    {
      let smaller = sides.map { NetworkBuilder.convolved($0, kernel: kernel, stride: stride) }
      found.append((inputs, outputs, kernel, smaller[0] * smaller[1]))
      return smaller
    }
    sides = convolve(channels[0], stemKernel, stemStride, inputs, sides)
    inputs = channels[0]
    if stemStride > 1 { sides = sides.map { NetworkBuilder.convolved($0, kernel: 3, stride: 2) } }
    for stage in channels.indices {
      for index in 0..<blocks[stage] {
        let (start, before) = (inputs, sides)
        var stride = 1
        for layer in convolutions(stage, block: index) {
          sides = convolve(layer.channels, layer.kernel, layer.stride, inputs, sides)
          inputs = layer.channels
          stride *= layer.stride
        }
        if stride != 1 || inputs != start { _ = convolve(inputs, 1, stride, start, before) }
      }
    }
    return found
  }

  /// torchvision's names: `conv1`, `bn1`, `layer1.0.conv1`, …, `fc`.
  public func referenceLayout() throws(ConfigurationError) -> WeightLayout {
    var layout = WeightLayout()
    layout.ignoredEndings = ["num_batches_tracked"]
    func add(_ place: String, _ index: Int, convolution: String, normalization: String) {
      layout.add("\(convolution).weight", "\(place)convolution\(index).weight")
      let own = "\(place)normalization\(index)."
      layout.add("\(normalization).weight", own + "scale")
      layout.add("\(normalization).bias", own + "offset")
      layout.add("\(normalization).running_mean", own + "running_mean")
      layout.add("\(normalization).running_var", own + "running_variance")
      layout.counters.append("\(normalization).num_batches_tracked")
    }
    add("", 0, convolution: "conv1", normalization: "bn1")
    var inputs = channels[0]
    for stage in channels.indices {
      for index in 0..<blocks[stage] {
        let (own, reference) = ("stage\(stage)-block\(index).", "layer\(stage + 1).\(index).")
        let body = convolutions(stage, block: index)
        for number in body.indices {
          add(
            own + "body.", number, convolution: "\(reference)conv\(number + 1)",
            normalization: "\(reference)bn\(number + 1)")
        }
        let outputs = channels[stage] * block.expansion
        if inputs != outputs || body.contains(where: { $0.stride != 1 }) {
          add(
            own + "shortcut.", 0, convolution: "\(reference)downsample.0",
            normalization: "\(reference)downsample.1")
        }
        inputs = outputs
      }
    }
    layout.add("fc.weight", "output.weight")
    layout.add("fc.bias", "output.bias")
    return layout
  }
}
