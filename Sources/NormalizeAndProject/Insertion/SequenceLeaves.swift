import Networks
import Torch

/// The layers of a sequence and of those inside it, in the order in which they run.
struct SequenceLeaves {
  /// A layer that is no sequence, with its place and name.
  struct Leaf {
    /// Its indices on the way from the outermost sequence.
    let path: [Int]
    /// The names on the way to it, joined by dots.
    let name: String
    /// Its name in the sequence that holds it.
    let element: String
    let layer: any Layer
  }

  /// In the order in which they run.
  let leaves: [Leaf]

  init(_ network: Sequential) { leaves = Self.leaves(of: network, path: [], prefix: "") }

  private static func leaves(of sequence: Sequential, path: [Int], prefix: String) -> [Leaf] {
    sequence.elements.enumerated().flatMap { index, element -> [Leaf] in
      let (place, name) = (path + [index], prefix + element.name)
      if let inner = element.layer as? Sequential {
        return leaves(of: inner, path: place, prefix: name + ".")
      }
      return [Leaf(path: place, name: name, element: element.name, layer: element.layer)]
    }
  }

  /// The shape of what each layer is given, batch included, by running two examples of zeros.
  ///
  /// - Throws: the first `TorchError`, when the network does not run on such examples.
  func shapes(inputShape: [Int], dtype: DType) throws -> [[Int]: [Int]] {
    let inputType = leaves.first?.layer is Embedding ? DType.int64 : dtype
    let device = leaves.lazy.flatMap(\.layer.parameters).first?.value.device ?? .cpu
    var shapes: [[Int]: [Int]] = [:]
    try withTorchErrors {
      withoutGradients {
        var value = Tensor.zeros([2] + inputShape, dtype: inputType).moved(to: device)
        for leaf in leaves {
          shapes[leaf.path] = value.shape
          value = leaf.layer(value)
        }
      }
    }
    return shapes
  }
}
