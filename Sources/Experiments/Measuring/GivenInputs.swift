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

  /// Finds inputs in a file of tensors: the one whose examples have as many features as the network has inputs. Labels
  /// are the one that has as many whole numbers below the number of outputs, or (N, O) values.
  ///
  /// - Throws: ``UsageError`` where there is no such tensor or more than one, with what is there; errors of reading.
  package init(reading url: URL, for network: NetworkDescription) throws {
    let file = try TensorFile(reading: url)
    let (features, outputs) = (network.sizes[0], network.sizes[network.sizes.count - 1])
    let entries = file.names.compactMap { file[$0] }.filter { $0.dtype != nil }
    let fitting = entries.filter { entry in
      entry.shape.count > 1 && entry.shape[0] > 0
        && entry.shape.dropFirst().reduce(1, *) == features
    }
    // Several fit where there are as many outputs as inputs: the inputs say so by their name, or by coming first.
    let named = fitting.filter {
      ["inputs", "input", "obs", "observations", "x", "X"].contains($0.name)
    }
    guard let entry = named.first ?? fitting.first, named.count == 1 || fitting.count == 1 else {
      let list = entries.prefix(20).map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      throw UsageError(
        "\(url.path): expected one tensor (N, …) with \(features) features an example, or one of that name: inputs; "
          + "found \(fitting.count) among \(list.isEmpty ? "no tensors" : list)")
    }
    let count = min(entry.shape[0], Self.limit)
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
      "inputs \(entry.name) \(count)\(count < entry.shape[0] ? " of \(entry.shape[0])" : "") examples"
      + (other.map { ", labels \($0.name)" } ?? ", no labels")
  }
}
