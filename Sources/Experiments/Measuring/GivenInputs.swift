package import Foundation
package import Networks
import Texts
package import Torch

/// Inputs, and perhaps labels, that a stranger's network is measured on.
package struct GivenInputs {
  /// (N, …), as many features an example as the network has inputs.
  package var inputs: Tensor
  /// (N) classes, or (N, O) values; `nil` where the file has none.
  package var labels: Tensor?
  /// What the outputs are compared with.
  package var loss: Loss
  /// Which tensors were taken: `inputs obs (512, 8), labels y`.
  package var line: String

  /// The most examples that are taken, the first ones; measures that compare examples take all pairs.
  package static let limit = 512
  /// Of images the most numbers, of texts the most tokens, so that what layers give fits into memory.
  private static let elementLimit = (images: 1 << 22, tokens: 1 << 13)

  /// Finds inputs in a file of tensors: the one whose examples are as the network takes them. Labels are the one that
  /// has as many whole numbers below the number of outputs, or (N, O) values; those of a language model are whole
  /// numbers (N, T), or else each token's next one.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - model: a file of its weights, which says how many outputs a model of another library has.
  ///   - prefix: of its tensors' names.
  /// - Throws: ``UsageError`` where there is no such tensor or more than one, with what is there; errors of reading.
  package init(
    reading url: URL, for network: NetworkDescription, model: TensorFile? = nil, prefix: String = ""
  ) throws {
    let file = try TensorFile(reading: url)
    let outputs: Int
    let words: String
    let takes: (SafetensorsFile.Entry) -> Bool
    switch network.body {
    case .layers(let shape, let parts):
      let features = shape.reduce(1, *)
      outputs = if case .linear(let count)? = parts.last { count } else { 1 }
      words =
        shape.count == 1
        ? "(N, …) with \(features) features an example"
        : "(N, \(shape.map(String.init).joined(separator: ", ")))"
      takes = { entry in
        let own = Array(entry.shape.dropFirst())
        return shape.count == 1 ? !own.isEmpty && own.reduce(1, *) == features : own == shape
      }
    case .model(let kind):
      outputs = try model.map { try kind.outputs(in: $0, prefix: prefix) } ?? .max
      words = kind.inputWords
      takes = { entry in entry.dtype.map { kind.takes(entry.shape, $0) } ?? false }
    }
    let entries = file.names.compactMap { file[$0] }.filter { $0.dtype != nil }
    let fitting = entries.filter { $0.shape.first ?? 0 > 0 && takes($0) }
    // Several fit where there are as many outputs as inputs: the inputs say so by their name, or by coming first.
    let named = fitting.filter {
      ["inputs", "input", "input_ids", "obs", "observations", "images", "x", "X"].contains($0.name)
    }
    guard let entry = named.first ?? fitting.first, named.count == 1 || fitting.count == 1 else {
      let list = entries.prefix(20).map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      throw UsageError(
        "\(url.path): expected one tensor \(words), or one of that name: inputs; "
          + "found \(fitting.count) among \(list.isEmpty ? "no tensors" : list)")
    }
    if case .model(let kind) = network.body, kind.readsTokens {
      (inputs, labels, line) = try Self.rows(entry, in: file, entries, vocabulary: outputs)
      loss = .crossEntropy
      return
    }
    let size = entry.shape.dropFirst().reduce(1, *)
    let most = min(Self.limit, max(2, Self.elementLimit.images / max(size, 1)))
    let count = min(entry.shape[0], network.isModel ? most : Self.limit)
    inputs = try file.tensor(entry.name).narrowed(axis: 0, from: 0, length: count).converted(
      to: .float32)
    let other = entries.first { other in
      guard other.name != entry.name, other.shape.first == entry.shape[0] else { return false }
      return other.shape.count == 1
        ? other.dtype?.isFloatingPoint == false && other.dtype != .bool
        : other.dtype?.isFloatingPoint == true && Array(other.shape.dropFirst()) == [outputs]
    }
    loss = other?.shape.count == 2 ? .meanSquaredError : .crossEntropy
    labels = try other.map {
      let tensor = try file.tensor($0.name).narrowed(axis: 0, from: 0, length: count)
      return tensor.converted(to: $0.shape.count == 1 ? .int64 : .float32)
    }
    if let labels, let other, other.shape.count == 1,
      labels.integers.contains(where: { !(0..<outputs).contains($0) })
    {
      throw UsageError(
        "\(url.path): tensor \"\(Excerpt.of(other.name))\": expected classes from 0 to \(outputs - 1), found others"
      )
    }
    line =
      Self.line("inputs", entry, count, "examples")
      + (other.map { ", labels \($0.name)" } ?? ", no labels")
  }

  private static func line(
    _ word: String, _ entry: SafetensorsFile.Entry, _ count: Int, _ noun: String
  ) -> String {
    "\(word) \(entry.name) \(count)\(count < entry.shape[0] ? " of \(entry.shape[0])" : "") \(noun)"
  }

  /// Rows of tokens, what is to be predicted, and which tensors were taken.
  private static func rows(
    _ entry: SafetensorsFile.Entry, in file: TensorFile, _ entries: [SafetensorsFile.Entry],
    vocabulary: Int
  ) throws -> (inputs: Tensor, labels: Tensor, line: String) {
    let length = entry.shape[1]
    let count = min(entry.shape[0], max(1, elementLimit.tokens / max(length, 1)))
    func rows(_ name: String) throws -> Tensor {
      try file.tensor(name).narrowed(axis: 0, from: 0, length: count).converted(to: .int64)
    }
    let all = try rows(entry.name)
    let other = entries.first {
      $0.name != entry.name && $0.shape == entry.shape && $0.dtype?.isFloatingPoint == false
        && $0.dtype != .bool && $0.name.hasPrefix("label")
    }
    guard other != nil || length > 1 else {
      throw UsageError(
        "\(file.url.path): expected rows of 2 tokens or more, or labels (N, 1); found \(entry.name) \(entry.shape)"
      )
    }
    let inputs =
      other == nil ? all.narrowed(axis: 1, from: 0, length: length - 1).contiguous() : all
    let labels =
      try other.map { try rows($0.name) }
      ?? all.narrowed(axis: 1, from: 1, length: length - 1).contiguous()
    guard all.integers.allSatisfy({ (0..<vocabulary).contains($0) }),
      labels.integers.allSatisfy({ (0..<vocabulary).contains($0) })
    else {
      throw UsageError(
        "\(file.url.path): tensor \"\(Excerpt.of(entry.name))\": expected tokens and labels from 0 to "
          + "\(vocabulary - 1), found others")
    }
    let line =
      line("inputs", entry, count, "rows of \(length) tokens")
      + (other.map { ", labels \($0.name)" } ?? ", each token's next one to predict")
    return (inputs, labels, line)
  }
}
