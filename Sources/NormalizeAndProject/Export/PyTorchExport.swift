public import Foundation
public import Networks
public import Torch

/// A sequence as PyTorch's own modules: tensors under the names of their state dictionary, and the
/// expression that builds the modules.
///
///     let export = try PyTorchExport(network, inputShape: [3, 32, 32])
///     try export.write(to: file)
///
/// and in Python, with `import torch`, `from collections import OrderedDict` and `from torch import nn`:
///
///     file = safetensors.safe_open("network.safetensors", "pt")
///     exec(file.metadata()["pytorch_classes"])
///     network = eval(file.metadata()["pytorch"]).eval()
///     network.load_state_dict({name: file.get_tensor(name) for name in file.keys()})
///
/// Every layer of this package has its counterpart. Where PyTorch has no module, such as for a residual block, the file
/// carries a class of some lines (``classes``), which is code: read it before you run a file of somebody else's. Noisy
/// layers act by their means unless `noise` is set; a spectrally normalized layer is written with the weight that it
/// computes with.
///
/// The gain and the shift of a normalization are folded into a linear layer that directly follows it:
/// `W (σ ⊙ y + μ) + b = (W diag σ) y + (b + W μ)`. Nothing is folded across a nonlinearity, so in a
/// network made by ``normalized(_:inputShape:normalization:scaleAndOffset:)`` every learned scale stays
/// where it is.
public struct PyTorchExport {
  /// Tensors by their names in the state dictionary, in order.
  public let tensors: [(name: String, tensor: Tensor)]
  /// The Python expression that builds the modules.
  public let source: String
  /// Python classes of layers that PyTorch has no module for; empty where all have one.
  public let classes: String
  /// The normalizations whose gain and shift went into the next layer.
  public let folded: [String]

  /// Translates a network.
  ///
  /// - Parameters:
  ///   - network: layers of this package, possibly in nested sequences.
  ///   - inputShape: of one example, without the batch.
  ///   - isFolding: whether gains are folded where they can be.
  /// - Throws: ``ExportError`` naming the layer that has no counterpart, which is one of another package.
  public init(
    _ network: Sequential, inputShape: [Int], isFolding: Bool = true
  ) throws(ExportError) {
    let shapes: [[Int]: [Int]]
    do {
      shapes = try network.leafShapes(inputShape: inputShape, dtype: network.floatDType)
    } catch {
      throw .doesNotRun(inputShape: inputShape, reason: "\(error)")
    }
    var translation = PyTorchTranslation(shapes: shapes, isFolding: isFolding)
    source = try translation.sequence(network, path: [], prefix: "")
    tensors = translation.tensors
    folded = translation.folded
    classes = translation.definitions.map(\.source).joined(separator: "\n\n\n")
  }

  /// Writes the tensors as a safetensors file with the expression as its metadatum `pytorch` and the classes as
  /// `pytorch_classes`.
  ///
  /// - Throws: what `SafetensorsFile.write` throws.
  public func write(to url: URL) throws {
    try SafetensorsFile.write(
      tensors, metadata: ["format": "pt", "pytorch": source, "pytorch_classes": classes],
      to: url)
  }
}

/// Why a network cannot be written as PyTorch's modules.
public enum ExportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// PyTorch has no module that computes this.
  case noCounterpart(layer: String, reason: String)
  /// PyTorch allows no such name for a module.
  case unusableName(String)
  /// The network does not run on an input of this shape.
  case doesNotRun(inputShape: [Int], reason: String)

  /// One sentence: the layer, and why.
  public var description: String {
    switch self {
    case .noCounterpart(let layer, let reason):
      "\(layer) cannot be exported: there is no counterpart in PyTorch for \(reason)"
    case .unusableName(let name):
      "\"\(name)\" cannot be exported: a module's name in PyTorch is not empty and has no dot; "
        + "rename the element of the sequence"
    case .doesNotRun(let inputShape, let reason):
      "the network does not run on examples of shape \(inputShape): \(reason)"
    }
  }
}
