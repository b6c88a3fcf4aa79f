internal import CTorch
public import Foundation
import Texts

/// A safetensors file, opened and checked; tensors are read one at a time.
///
/// Opening reads the header and trusts nothing in it: names, element types, shapes and offsets must
/// fit one another and the length of the file, and every byte must belong to one tensor. A damaged
/// file is a ``SafetensorsError``. What the reference reader passes over is passed over here: further keys of a tensor,
/// metadata that are null, white space around the header. A type that is not known spoils its tensor alone. Deviation:
/// of two tensors of one name the reference takes the last; here neither is meant, and the file is refused.
/// While parsing, memory stays below about eight times the size of
/// the header, which itself is at most the file's size and 100 MB.
///
/// The file stays open until the value goes, so replacing it under its name does not disturb
/// reading. Reading a tensor takes the memory of that tensor, whatever the size of the file.
///
/// Source: https://github.com/huggingface/safetensors, section "Format". Files written here are read
/// by the other implementations, and the other way round; two metadata keys are ours:
/// `nap.checksum` (see ``init(reading:verifyingChecksum:)``) and `nap.tied` (see ``tied``).
public struct SafetensorsFile {
  /// What the header says about one tensor.
  public struct Entry: Sendable, Equatable {
    /// The tensor's name, unique in the file.
    public let name: String
    let type: SafetensorsType?
    /// The size of each axis; empty for a scalar.
    public let shape: [Int]
    /// Where the tensor begins, in bytes from the end of the header.
    public let offset: Int
    /// Bytes of the tensor.
    public let byteCount: Int

    /// The element type by the format's name, such as `F32`.
    public let dtypeName: String
    /// The element type; `nil` for types that no tensor can hold (8-bit floats, unsigned integers of more than 8 bits,
    /// and names that are not known here), which can be listed but not read.
    public var dtype: DType? { type?.dtype }
  }

  /// The file.
  public let url: URL
  /// The tensors in the header's order, which for files written here is the order of writing.
  public let entries: [Entry]
  /// The caller's metadata, without the two keys that are ours.
  public let metadata: [String: String]
  /// Tensors that shared storage when they were written: the later name, and the earlier one that
  /// it repeats. The format has no aliases, so the file holds both copies.
  public let tied: [String: String]
  /// The checksum that the file carries, as `xxh64:` and sixteen digits.
  public let checksum: String?

  private let indices: [String: Int]
  private let file: ReadableFile
  private let dataStart: Int

  /// Opens and checks a file.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - verifyingChecksum: reads the whole file once, at memory speed, when it carries a
  ///     checksum. The checksum is the 64-bit xxHash of the header's text, with its own digits as
  ///     zeros, followed by the data: it finds damage anywhere, also in metadata.
  /// - Throws: ``SafetensorsError``.
  public init(reading url: URL, verifyingChecksum: Bool = true) throws {
    let file = try ReadableFile(url.path)
    do {
      let length = try file.length()
      let header = try Self.headerBytes(file, length)
      let start = 8 + header.count
      let parsed = try SafetensorsHeader(parsing: header, dataLength: length - start)
      (self.url, self.file, dataStart, entries) = (url, file, start, parsed.entries)
      indices = Dictionary(
        uniqueKeysWithValues: parsed.entries.enumerated().map { ($1.name, $0) })
      checksum = parsed.metadata[SafetensorsHeader.checksumKey]
      tied = try Self.ties(in: parsed)
      metadata = parsed.metadata.filter {
        $0.key != SafetensorsHeader.checksumKey && $0.key != SafetensorsHeader.tiedKey
      }
      if verifyingChecksum, let checksum {
        try Self.verify(checksum, header, file, length)
      }
    } catch let problem as SafetensorsProblem {
      throw problem.located(at: url.path)
    }
  }

  /// The tensors' names in the header's order.
  public var names: [String] { entries.map(\.name) }

  /// What the header says about a tensor.
  public subscript(name: String) -> Entry? { indices[name].map { entries[$0] } }

  /// Reads one tensor.
  ///
  /// - Throws: ``SafetensorsError`` when there is none of this name, no tensor can hold its type,
  ///   or the disk fails; ``TorchError`` when memory or the device cannot be had.
  public func tensor(_ name: String, device: Device = .cpu) throws -> Tensor {
    do {
      guard let entry = self[name] else {
        let near = entries.prefix(8).map { Excerpt.of($0.name) }.joined(separator: ", ")
        throw SafetensorsProblem(
          kind: .missingTensor, tensor: name, expected: "a tensor of this name",
          found: "\(entries.count) others (\(near)\(entries.count > 8 ? ", …" : ""))",
          advice: "ask for one of these")
      }
      guard let dtype = entry.dtype else {
        throw SafetensorsProblem(
          kind: .unsupportedType, tensor: name, expected: "a type that tensors have here",
          found: entry.dtypeName, advice: "convert the tensor to another type")
      }
      let tensor = try withTorchErrors { Tensor.uninitialized(entry.shape, dtype: dtype) }
      try tensor.withMutableBytes { try file.read($0, at: dataStart + entry.offset) }
      if dtype == .bool, let byte = tensor.withBytes({ $0.first { $0 > 1 } }) {
        throw SafetensorsProblem(
          kind: .invalidValues, tensor: name, expected: "bytes 0 and 1 in a BOOL tensor",
          found: "byte \(byte)")
      }
      return try withTorchErrors { tensor.moved(to: device) }
    } catch let problem as SafetensorsProblem {
      throw problem.located(at: url.path)
    }
  }

  /// Reads every tensor, by name.
  ///
  /// - Throws: as ``tensor(_:device:)``.
  public func tensors(device: Device = .cpu) throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for entry in entries { result[entry.name] = try tensor(entry.name, device: device) }
    return result
  }

  private static func headerBytes(_ file: ReadableFile, _ length: Int) throws -> [UInt8] {
    guard length >= 10 else {
      throw SafetensorsProblem(
        kind: .wrongLength, expected: "at least 10 bytes", found: "\(length) bytes")
    }
    var count: UInt64 = 0
    try withUnsafeMutableBytes(of: &count) { try file.read($0, at: 0) }
    count = UInt64(littleEndian: count)
    let limit = min(length - 8, SafetensorsHeader.limit)
    guard count <= UInt64(limit) else {
      throw SafetensorsProblem(
        kind: .wrongLength, expected: "a header of at most \(limit) bytes",
        found: "a header length of \(count)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    try bytes.withUnsafeMutableBytes { try file.read($0, at: 8) }
    return bytes
  }

  private static func ties(in header: SafetensorsHeader) throws -> [String: String] {
    guard let text = header.metadata[SafetensorsHeader.tiedKey] else { return [:] }
    var ties: [String: String] = [:]
    let known = Dictionary(
      uniqueKeysWithValues: header.entries.map { ($0.name, ($0.dtypeName, $0.shape)) })
    var json = JSONReader(header: Array(text.utf8))
    try json.object("the ties of \(SafetensorsHeader.tiedKey)") { json, name in
      let first = try json.string()
      guard name != first, let mine = known[name], let other = known[first], mine == other else {
        throw SafetensorsProblem(
          tensor: name, expected: "tied tensors of one type and shape",
          found: "a tie to \"\(Excerpt.of(first))\"")
      }
      ties[name] = first
    }
    try json.end()
    return ties
  }

  private static func verify(
    _ expected: String, _ header: [UInt8], _ file: ReadableFile, _ length: Int
  ) throws {
    var text = header
    if let digits = SafetensorsHeader.checksumDigits(in: header) {
      text.replaceSubrange(digits, with: repeatElement(UInt8(ascii: "0"), count: 16))
    }
    var hash = SafetensorsChecksum()
    text.withUnsafeBytes { hash.update($0) }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { chunk.deallocate() }
    var offset = 8 + header.count
    while offset < length {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: chunk.prefix(min(chunk.count, length - offset)))
      try file.read(part, at: offset)
      hash.update(UnsafeRawBufferPointer(part))
      offset += part.count
    }
    let found = SafetensorsHeader.checksumPrefix + hash.hexadecimal
    guard found == expected else {
      throw SafetensorsProblem(
        kind: .wrongChecksum, expected: "the checksum \(expected)", found: found,
        advice: "the file was damaged after it was written, or changed by a program that kept the "
          + "old checksum: copy it again, or open it without verifying")
    }
  }
}
