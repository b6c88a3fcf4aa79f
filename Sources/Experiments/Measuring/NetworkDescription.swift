import Foundation
package import Networks
import Plasticity
import Texts
package import Torch

/// A network of another program in words, into which the tensors of its files are put.
///
/// `mlp:8,64,64,4` has 8 inputs, two hidden layers of 64 units and 4 outputs, `cnn:4x84x84,32k8s4,64k4s2,512,6` images
/// of 4 channels, convolutions of 32 kernels of side 8 and stride 4 and so on; layers are found by their shapes.
/// `resnet` is torchvision's, `vit` timm's, `gpt2` and `llama` are transformers' of any size, with that library's
/// names.
package struct NetworkDescription: Sendable, Hashable {
  /// One layer, or what stands between two.
  package enum Part: Sendable, Hashable {
    /// A linear layer of so many outputs.
    case linear(Int)
    /// A convolution of so many square kernels.
    case convolution(Int, kernel: Int, stride: Int, padding: Int)
    /// The largest value of each window.
    case maximumPool(Int)
    /// The average of each channel.
    case averagePool
  }

  /// What is described.
  package enum Body: Sendable, Hashable {
    /// Layers for examples of a shape.
    case layers([Int], [Part])
    /// A model of another library; see ``ReadModel``.
    case model(ReadModel)
  }

  /// The text that it was read from.
  package var text: String
  /// The layers or the model.
  package var body: Body
  /// The nonlinearity after each hidden layer.
  package var activation: ActivationKind
  /// What stands before each nonlinearity.
  package var normalization: NormalizationWord

  /// The normalizations that a stranger's network may have.
  package enum NormalizationWord: String, CaseIterable, Sendable {
    case none, layer, rms
  }

  /// Reads a description.
  ///
  /// - Throws: ``UsageError`` that says what is expected.
  package init(
    parsing text: String, activation: ActivationKind = .relu,
    normalization: NormalizationWord = .none
  ) throws(UsageError) {
    (self.text, self.activation, self.normalization) = (text, activation, normalization)
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    let words =
      parts.count > 1 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
    if let model = ReadModel(word: parts[0], numbers: words.map { Int($0) ?? 0 }) {
      guard normalization == .none else {
        throw UsageError("--normalization is for mlp: \(parts[0]) has its own")
      }
      body = .model(model)
      return
    }
    let shape = (words.first ?? "").split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    let layers = words.dropFirst().compactMap { Part(String($0), isImage: parts[0] == "cnn") }
    guard shape.count == ["mlp": 1, "cnn": 3][parts[0]],
      shape.allSatisfy({ (1...1_000_000).contains($0) }),
      layers.count == words.count - 1, case .linear? = layers.last,
      layers.drop(while: \.isOfImages).allSatisfy({ !$0.isOfImages })
    else {
      throw UsageError(
        "--network '\(Excerpt.of(text))': expected mlp: and the sizes of inputs, hidden layers and outputs, such as "
          + "mlp:8,64,64,4; cnn:4x84x84,32k8s4,64k4s2p1,max2,512,6 with k, s and p for a convolution's kernel, stride "
          + "and padding, maxN for a maximum pool and avg for the average of each channel; or "
          + ReadModel.words)
    }
    guard normalization == .none || parts[0] == "mlp" else {
      throw UsageError("--normalization is for mlp; a cnn is read without normalizations")
    }
    body = .layers(shape, layers)
  }

  /// A network whose parameters are a file's, and which tensor is which layer's.
  package struct Match {
    /// The layers, by their names in the file.
    package var network: Sequential
    /// The hidden layers' weights by their names in the network, with those in the file.
    package var weights: [(own: String, file: String)] = []
    /// A line a layer: `0: linear 8 to 64, weight 0.weight, bias 0.bias`.
    package var lines: [String]
  }

  /// Finds the layers in a file.
  ///
  /// A linear layer is a matrix (O, I), of JAX (I, O), a convolution a kernel (O, I, height, width), each with at most
  /// one vector (O) of the same module, which is what the name says before its last dot. A normalization is a module of
  /// vectors alone: a gain (O), and for LayerNorm a shift. Modules stand in the file's order, of safetensors in that of
  /// their names with numbers as numbers. Where the order does not fit, the shapes decide.
  ///
  /// - Parameters:
  ///   - prefix: only tensors whose names begin so.
  ///   - shape: of one example, which models of other libraries are built for.
  /// - Throws: ``UsageError`` with the layers that were found and those that are asked for; errors of reading.
  package func match(_ file: TensorFile, prefix: String = "", shape: [Int]? = nil) throws -> Match {
    switch body {
    case .layers(let shape, let parts): try match(file, prefix: prefix, shape, parts)
    case .model(let model): try model.match(file, prefix: prefix, shape: shape)
    }
  }

  private func match(
    _ file: TensorFile, prefix: String, _ shape: [Int], _ parts: [Part]
  ) throws -> Match {
    let modules = Self.modules(of: file, prefix: prefix)
    let steps = try Step.all(shape, parts, text: text)
    let weighted = steps.filter { $0.shape != nil }
    let linear = modules.filter { $0.matrix != nil }
    // Of images the order of a flattened one differs there, too.
    let isTransposed =
      shape.count == 1
      && !weighted.allSatisfy { step in linear.contains { $0.shape == step.shape } }
      && weighted.allSatisfy { step in
        linear.contains { $0.shape == step.shape?.reversed() }
      }
    var rest = linear
    var elements: [Sequential.Element] =
      steps.first?.part.isOfImages == true ? [] : [.init("flatten", Flatten())]
    var found = Match(network: Sequential([Sequential.Element]()), lines: [])
    var gains = modules.filter { $0.matrix == nil }
    var chosen: [FileModule] = []
    for step in weighted {
      let wanted = isTransposed ? step.shape?.reversed() : step.shape
      guard let place = rest.firstIndex(where: { $0.shape == wanted }) else {
        throw problem(
          file, linear,
          "no \(step.isConvolution ? "kernel" : "matrix") is left for the layer of \(step.inputs) to \(step.outputs)"
        )
      }
      chosen.append(rest.remove(at: place))
    }
    guard rest.isEmpty else {
      throw problem(
        file, linear,
        "\(rest.map(\.name).joined(separator: ", ")) would be left over; --only PREFIX leaves others out"
      )
    }
    if normalization == .none, let first = gains.first {
      throw UsageError(
        "\(file.url.path): \(Excerpt.of(first.name)) is a module of vectors alone, a normalization; say "
          + "--normalization layer or rms, or leave it out with --only PREFIX")
    }
    var next = chosen.makeIterator()
    for (index, step) in steps.enumerated() {
      if index > 0, !step.part.isOfImages, steps[index - 1].part.isOfImages {
        elements.append(.init("flatten", Flatten()))
      }
      guard step.shape != nil, let module = next.next() else {
        elements.append(.init("\(index)-\(step.words)", step.layer))
        continue
      }
      let outputs = step.outputs
      let isOutput = index == steps.count - 1
      guard let matrix = module.matrix, module.vectors.allSatisfy({ file[$0]?.shape == [outputs] }),
        module.vectors.count < 2
      else {
        throw UsageError(
          "\(file.url.path): \(Excerpt.of(module.name)): expected a matrix and at most one vector of \(outputs), found "
            + module.vectors.map { "\($0) \(file[$0]?.shape ?? [])" }.joined(separator: ", "))
      }
      var weight = try file.tensor(matrix).converted(to: .float32)
      if isTransposed { weight = weight.transposed().contiguous() }
      let bias = try module.vectors.first.map {
        Parameter(try file.tensor($0).converted(to: .float32), role: .bias)
      }
      elements.append(
        .init(
          module.name,
          step.layer(
            Parameter(weight, role: isOutput ? .output : .weight(fanIn: step.fanIn)), bias)))
      found.lines.append(
        "\(module.name): \(step.words), \(([matrix] + module.vectors).joined(separator: ", "))"
          + (isTransposed ? ", transposed" : ""))
      guard !isOutput else { continue }
      found.weights.append(("\(module.name).weight", matrix))
      try appendNormalization(
        &elements, &found.lines, after: module.name, width: outputs, file, &gains)
      elements.append(.init("\(module.name)-\(activation.rawValue)", activation.make()))
    }
    guard gains.isEmpty else {
      throw UsageError(
        "\(file.url.path): \(gains.map(\.name).joined(separator: ", ")): expected one normalization a hidden layer, "
          + "found these besides; --only PREFIX leaves others out")
    }
    found.network = Sequential(elements)
    return found
  }

  private func appendNormalization(
    _ elements: inout [Sequential.Element], _ lines: inout [String], after name: String, width: Int,
    _ file: TensorFile, _ gains: inout [FileModule]
  ) throws {
    guard normalization != .none else { return }
    var learned: [Tensor] = []
    var title = "\(name)-\(normalization.rawValue)"
    if let place = gains.firstIndex(where: { $0.vectors.allSatisfy { file[$0]?.shape == [width] } })
    {
      let module = gains.remove(at: place)
      // The gain is called so by everyone; a shift is what is left.
      let ordered = module.vectors.sorted { first, _ in
        !first.hasSuffix("bias") && !first.hasSuffix("offset")
      }
      guard ordered.count <= (normalization == .layer ? 2 : 1) else {
        throw UsageError(
          "\(file.url.path): \(Excerpt.of(module.name)) has \(ordered.count) vectors; --normalization "
            + "\(normalization.rawValue) has \(normalization == .layer ? "a gain and a shift" : "a gain alone")"
        )
      }
      learned = try ordered.map { try file.tensor($0).converted(to: .float32) }
      title = module.name
      lines.append(
        "\(title): \(normalization.rawValue) normalization, \(ordered.joined(separator: ", "))")
    }
    let shape = [width]
    let layer: any Layer =
      normalization == .layer
      ? LayerNorm(shape: shape, isLearned: !learned.isEmpty)
      : RMSNorm(shape: shape, isLearned: !learned.isEmpty)
    if !learned.isEmpty {
      for (tensor, own) in zip(learned, layer.namedTensors) {
        _ = withoutGradients { own.tensor.copyInPlace(from: tensor) }
      }
    }
    elements.append(.init(title, layer))
  }

  /// Tensors of one module: what stands before the last dot of their names.
  private struct FileModule {
    var name: String
    var matrix: String?
    var shape: [Int] = []
    var vectors: [String] = []
  }

  private static func modules(of file: TensorFile, prefix: String) -> [FileModule] {
    let isOrdered =
      !file.numbers.isEmpty || file.optimizer != nil || file.url.pathExtension != "safetensors"
    let names = file.modelNames.filter {
      $0.hasPrefix(prefix) && file[$0]?.dtype?.isFloatingPoint == true
    }
    var found: [FileModule] = []
    for name in isOrdered
      ? names : names.sorted(by: { $0.compare($1, options: .numeric) == .orderedAscending })
    {
      guard let shape = file[name]?.shape, [1, 2, 4].contains(shape.count) else { continue }
      let owner = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      let place = found.firstIndex { $0.name == owner } ?? found.endIndex
      if place == found.endIndex { found.append(FileModule(name: owner)) }
      if shape.count > 1, found[place].matrix == nil {
        (found[place].matrix, found[place].shape) = (name, shape)
      } else {
        found[place].vectors.append(name)
      }
    }
    return found
  }

  private func problem(_ file: TensorFile, _ linear: [FileModule], _ what: String) -> UsageError {
    let list = linear.prefix(20).map {
      "\($0.name) \($0.shape.map(String.init).joined(separator: "x"))"
    }
    return UsageError(
      "--network \(Excerpt.of(text)): \(what); \(file.url.path) has the matrices "
        + (list.isEmpty ? "none" : list.joined(separator: ", ")) + (linear.count > 20 ? ", …" : "")
        + " (outputs x inputs, of kernels x sides); nap inspect shows all tensors")
  }
}
