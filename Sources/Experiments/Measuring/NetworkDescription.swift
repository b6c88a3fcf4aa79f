import Foundation
package import Networks
import Plasticity
import Texts
package import Torch

/// A fully connected network in words, into which tensors of any file are put by their shapes: `mlp:8,64,64,4` has 8
/// inputs, two hidden layers of 64 units and 4 outputs.
package struct NetworkDescription: Sendable, Hashable {
  /// The sizes: inputs, hidden layers, outputs.
  package var sizes: [Int]
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
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let sizes = (parts.last ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    guard parts.count == 2, parts[0] == "mlp", sizes.count > 1,
      sizes.allSatisfy({ (1...1_000_000).contains($0) })
    else {
      throw UsageError(
        "--network '\(Excerpt.of(text))': expected mlp: and the sizes of inputs, hidden layers and outputs, such as "
          + "mlp:8,64,64,4")
    }
    (self.sizes, self.activation, self.normalization) = (sizes, activation, normalization)
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
  /// A linear layer is a matrix (O, I), of JAX (I, O), with at most one vector (O) of the same module, which is what
  /// the name says before its last dot. A normalization is a module of vectors alone: a gain (O), and for LayerNorm a
  /// shift. Modules stand in the file's order, of safetensors in that of their names with numbers as numbers. Where the
  /// order does not fit, the shapes decide.
  ///
  /// - Parameter prefix: only tensors whose names begin so.
  /// - Throws: ``UsageError`` with the layers that were found and those that are asked for; errors of reading.
  package func match(_ file: TensorFile, prefix: String = "") throws -> Match {
    let modules = Self.modules(of: file, prefix: prefix)
    let expected = zip(sizes, sizes.dropFirst()).map { (inputs: $0, outputs: $1) }
    let linear = modules.filter { $0.matrix != nil }
    let isTransposed =
      !expected.allSatisfy { size in
        linear.contains { $0.shape == [size.outputs, size.inputs] }
      }
      && expected.allSatisfy { size in linear.contains { $0.shape == [size.inputs, size.outputs] } }
    var rest = linear
    var chosen: [FileModule] = []
    for size in expected {
      let shape = isTransposed ? [size.inputs, size.outputs] : [size.outputs, size.inputs]
      guard let place = rest.firstIndex(where: { $0.shape == shape }) else {
        throw problem(
          file, linear, "no matrix is left for the layer of \(size.inputs) to \(size.outputs)")
      }
      chosen.append(rest.remove(at: place))
    }
    guard rest.isEmpty else {
      throw problem(
        file, linear,
        "\(rest.map(\.name).joined(separator: ", ")) would be left over; --only PREFIX leaves others out"
      )
    }
    var gains = modules.filter { $0.matrix == nil }
    if normalization == .none, let first = gains.first {
      throw UsageError(
        "\(file.url.path): \(Excerpt.of(first.name)) is a module of vectors alone, a normalization; say "
          + "--normalization layer or rms, or leave it out with --only PREFIX")
    }
    var elements = [Sequential.Element("flatten", Flatten())]
    var lines: [String] = []
    var weights: [(own: String, file: String)] = []
    for (index, module) in chosen.enumerated() {
      let (inputs, outputs) = expected[index]
      let isOutput = index == chosen.count - 1
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
          Linear(
            weight: Parameter(weight, role: isOutput ? .output : .weight(fanIn: inputs)), bias: bias
          )))
      lines.append(
        "\(module.name): linear \(inputs) to \(outputs), \(([matrix] + module.vectors).joined(separator: ", "))"
          + (isTransposed ? ", transposed" : ""))
      guard !isOutput else { continue }
      weights.append(("\(module.name).weight", matrix))
      try appendNormalization(&elements, &lines, after: module.name, width: outputs, file, &gains)
      elements.append(.init("\(module.name)-\(activation.rawValue)", activation.make()))
    }
    guard gains.isEmpty else {
      throw UsageError(
        "\(file.url.path): \(gains.map(\.name).joined(separator: ", ")): expected one normalization a hidden layer, "
          + "found these besides; --only PREFIX leaves others out")
    }
    return Match(network: Sequential(elements), weights: weights, lines: lines)
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
      guard let shape = file[name]?.shape, (1...2).contains(shape.count) else { continue }
      let owner = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      let place = found.firstIndex { $0.name == owner } ?? found.endIndex
      if place == found.endIndex { found.append(FileModule(name: owner)) }
      if shape.count == 2, found[place].matrix == nil {
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
      "--network mlp:\(sizes.map(String.init).joined(separator: ",")): \(what); \(file.url.path) has the matrices "
        + (list.isEmpty ? "none" : list.joined(separator: ", ")) + (linear.count > 20 ? ", …" : "")
        + " (outputs x inputs); nap inspect shows all tensors")
  }
}
