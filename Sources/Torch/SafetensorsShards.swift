public import Foundation
import Texts

/// Tensors that lie in one safetensors file or in several, as large models are published: `model.safetensors`, or
/// shards beside a `model.safetensors.index.json` that says which file holds which tensor.
///
/// Files are opened and checked as by ``SafetensorsFile``; tensors are read one at a time. Every tensor of the index
/// must be in its file. A name in the index that leads out of its folder is refused. Source: huggingface/transformers,
/// `modeling_utils.py` (`weight_map`).
public struct SafetensorsShards {
  /// The files that are open, in the order of their names.
  public let files: [SafetensorsFile]
  /// The tensors' names: of one file in its order, of an index sorted.
  public let names: [String]
  private let places: [String: Int]

  /// What an index is called.
  public static let indexName = "model.safetensors.index.json"
  private static let singleName = "model.safetensors"

  /// Opens what lies at a place.
  ///
  /// - Parameters:
  ///   - url: a safetensors file, an index (`.json`), or a folder that holds `model.safetensors.index.json` or
  ///     `model.safetensors`.
  ///   - verifyingChecksum: as for ``SafetensorsFile``.
  /// - Throws: ``SafetensorsError`` for a file that is missing or damaged, an index that is no such object, or a tensor
  ///   that is not where the index says.
  public init(reading url: URL, verifyingChecksum: Bool = true) throws {
    var place = url
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue
    {
      let index = url.appending(path: Self.indexName)
      let hasIndex = FileManager.default.fileExists(atPath: index.path)
      place = hasIndex ? index : url.appending(path: Self.singleName)
    }
    guard place.pathExtension == "json" else {
      let file = try SafetensorsFile(reading: place, verifyingChecksum: verifyingChecksum)
      files = [file]
      names = file.names
      places = Dictionary(uniqueKeysWithValues: file.names.map { ($0, 0) })
      return
    }
    let map: [String: String]
    do {
      let file = try ReadableFile(place.path)
      let length = try file.length()
      guard length <= SafetensorsHeader.limit else {
        throw SafetensorsProblem(
          kind: .wrongLength, expected: "an index of at most \(SafetensorsHeader.limit) bytes",
          found: "\(length)")
      }
      var bytes = [UInt8](repeating: 0, count: length)
      try bytes.withUnsafeMutableBytes { try file.read($0, at: 0) }
      map = try Self.weightMap(bytes)
    } catch let problem as SafetensorsProblem {
      throw problem.located(at: place.path)
    }
    let fileNames = Set(map.values).sorted()
    let folder = place.deletingLastPathComponent()
    let opened = try fileNames.map {
      try SafetensorsFile(
        reading: folder.appending(path: $0), verifyingChecksum: verifyingChecksum)
    }
    let numbers = Dictionary(uniqueKeysWithValues: fileNames.enumerated().map { ($1, $0) })
    files = opened
    names = map.keys.sorted()
    places = map.compactMapValues { numbers[$0] }
    for name in names where places[name].map({ opened[$0][name] == nil }) ?? true {
      throw SafetensorsProblem(
        kind: .missingTensor, tensor: name, expected: "this tensor in \(map[name] ?? "a file")",
        found: "none of this name", advice: "copy index and files again, all of one version"
      ).located(at: place.path)
    }
  }

  /// What an index says: the file of each tensor.
  static func weightMap(_ bytes: [UInt8]) throws -> [String: String] {
    var map: [String: String]?
    var json = JSONReader(header: bytes)
    try json.object("the index's object") { json, key in
      guard key == "weight_map", map == nil else { return try json.skipValue() }
      var found: [String: String] = [:]
      try json.object("the weight_map") { json, name in
        let file = try json.string()
        let isPlain =
          !file.isEmpty && file != "." && file != ".."
          && !file.contains { $0 == "/" || $0 == "\\" || $0 == "\0" }
        guard isPlain, found.updateValue(file, forKey: name) == nil else {
          throw SafetensorsProblem(
            kind: .invalidName, tensor: name,
            expected: "every name once, with a file beside the index",
            found: "\"\(Excerpt.of(file))\"")
        }
      }
      map = found
    }
    try json.end()
    guard let map, !map.isEmpty else {
      throw SafetensorsProblem(
        expected: "a weight_map of tensors and files", found: "none",
        advice: "take the file that the model's publisher calls \(indexName)")
    }
    return map
  }

  /// Reads one tensor.
  ///
  /// - Throws: as ``SafetensorsFile/tensor(_:device:)``.
  public func tensor(_ name: String, device: Device = .cpu) throws -> Tensor {
    try files[places[name] ?? 0].tensor(name, device: device)
  }

  /// Reads every tensor, by name.
  ///
  /// - Throws: as ``tensor(_:device:)``.
  public func tensors(device: Device = .cpu) throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for name in names { result[name] = try tensor(name, device: device) }
    return result
  }

  /// Writes tensors as shards with an index: `model-00001-of-00003.safetensors`, …. The index is written last.
  ///
  /// - Parameters:
  ///   - tensors: unique names and their tensors, which keep their order.
  ///   - largestShard: bytes of a shard's tensors; one that is larger has a shard of its own.
  ///   - metadata: of every shard.
  ///   - folder: must exist.
  /// - Throws: as ``SafetensorsFile/write(_:metadata:to:checksum:)``.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], largestShard: Int = 5_000_000_000,
    metadata: [String: String] = ["format": "pt"], to folder: URL
  ) throws {
    var shards: [[(name: String, tensor: Tensor)]] = [[]]
    var (size, total) = (0, 0)
    for entry in tensors {
      let bytes = entry.tensor.elementCount * entry.tensor.dtype.byteCount
      if size > 0, size + bytes > largestShard {
        shards.append([])
        size = 0
      }
      shards[shards.count - 1].append(entry)
      size += bytes
      total += bytes
    }
    func padded(_ number: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
    var lines: [String] = []
    for (index, shard) in shards.enumerated() {
      let name = "model-\(padded(index + 1))-of-\(padded(shards.count)).safetensors"
      try SafetensorsFile.write(shard, metadata: metadata, to: folder.appending(path: name))
      lines += shard.map { "    \(JSONReader.quoted($0.name)): \"\(name)\"" }
    }
    let text = """
      {
        "metadata": {"total_size": \(total)},
        "weight_map": {
      \(lines.joined(separator: ",\n"))
        }
      }

      """
    try DurableFile.write(to: folder.appending(path: indexName)) { file in
      try Array(text.utf8).withUnsafeBytes { try file.append($0) }
    }
  }
}
