package import Foundation
import Texts

/// Tensors of any file that is read here: safetensors, one file or shards with an index, and PyTorch's `torch.save`.
///
/// What a file is is told from its content, not from its name. Source and checks of each format: ``SafetensorsFile``,
/// ``SafetensorsShards``, ``PyTorchFile``.
package struct TensorFile {
  private enum Content {
    case safetensors(SafetensorsShards)
    case pyTorch(PyTorchFile)
  }

  /// The file, index or folder.
  package let url: URL
  private let content: Content
  private let byName: [String: SafetensorsFile.Entry]

  /// Opens and checks.
  ///
  /// - Parameters:
  ///   - url: a file, an index of shards, or a folder that holds `model.safetensors` or its index.
  ///   - verifyingChecksum: as for ``SafetensorsFile``.
  /// - Throws: ``SafetensorsError``.
  package init(reading url: URL, verifyingChecksum: Bool = true) throws {
    self.url = url
    if let file = try Self.archive(url) {
      do {
        let opened = try PyTorchFile(url, file)
        content = .pyTorch(opened)
        byName = Dictionary(uniqueKeysWithValues: opened.entries.map { ($0.name, $0) })
      } catch let problem as SafetensorsProblem {
        throw problem.located(at: url.path)
      }
    } else {
      let shards = try SafetensorsShards(reading: url, verifyingChecksum: verifyingChecksum)
      content = .safetensors(shards)
      byName = Dictionary(
        shards.files.flatMap(\.entries).map { ($0.name, $0) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// The names of the tensors, of an index sorted, else in the file's order.
  package var names: [String] {
    switch content {
    case .safetensors(let shards): shards.names
    case .pyTorch(let file): file.entries.map(\.name)
    }
  }

  /// Whether names stand in an order of their own, not in that of the model: writers of safetensors sort them.
  package var isSorted: Bool { if case .safetensors = content { true } else { false } }

  /// The names of a model's tensors: all but those of an optimizer that a file of PyTorch holds.
  package var modelNames: [String] {
    guard let prefix = optimizer?.prefix else { return names }
    // An optimizer's own file has nothing else.
    let others = prefix.isEmpty ? [] : names.filter { !$0.hasPrefix(prefix) }
    return others.isEmpty ? names : others
  }

  /// What is known of a tensor without reading it.
  package subscript(name: String) -> SafetensorsFile.Entry? { byName[name] }

  /// The optimizer whose state a file of PyTorch holds.
  package var optimizer: SavedOptimizer? {
    if case .pyTorch(let file) = content { file.optimizer } else { nil }
  }

  /// Numbers beside the tensors: of a file of PyTorch those of its dictionaries, such as `global_step`.
  package var numbers: [String: Double] {
    if case .pyTorch(let file) = content { file.numbers } else { [:] }
  }

  /// The metadata of a safetensors file.
  package var metadata: [String: String] {
    if case .safetensors(let shards) = content { shards.files.first?.metadata ?? [:] } else { [:] }
  }

  /// Reads one tensor.
  ///
  /// - Throws: ``SafetensorsError`` when there is none of this name or no tensor can hold its type; ``TorchError``.
  package func tensor(_ name: String) throws -> Tensor {
    switch content {
    case .safetensors(let shards): return try shards.tensor(name)
    case .pyTorch(let file):
      do {
        guard let entry = byName[name] else {
          throw SafetensorsProblem(
            kind: .missingTensor, tensor: name, expected: "a tensor of this name",
            found: "\(byName.count) others", advice: "nap inspect shows them")
        }
        return try file.tensor(entry)
      } catch let problem as SafetensorsProblem {
        throw problem.located(at: url.path)
      }
    }
  }

  /// The open file if it is an archive of PyTorch; `nil` for what is to be read as safetensors.
  private static func archive(_ url: URL) throws -> ReadableFile? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      !isFolder.boolValue,
      url.pathExtension != "json"
    else { return nil }
    let file = try ReadableFile(url.path)
    do {
      var start = [UInt8](repeating: 0, count: min(16, try file.length()))
      try start.withUnsafeMutableBytes { try file.read($0, at: 0) }
      if start.starts(with: Array("PK\u{3}\u{4}".utf8)) { return file }
      // The magic number of torch.save before PyTorch 1.6, which is a pickle of protocol 2.
      guard !start.starts(with: [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9]) else {
        throw SafetensorsProblem(
          kind: .unsupportedType, expected: "the zip format of torch.save, or safetensors",
          found: "PyTorch's format from before version 1.6",
          advice: "convert it: python3 -c 'import torch; torch.save(torch.load(\"old.pt\", "
            + "weights_only=True, map_location=\"cpu\"), \"new.pt\")'")
      }
      return nil
    } catch let problem as SafetensorsProblem {
      throw problem.located(at: url.path)
    }
  }
}
