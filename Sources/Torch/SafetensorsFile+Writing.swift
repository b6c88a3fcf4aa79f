public import Foundation
import Texts

extension SafetensorsFile {
  /// Writes tensors as a safetensors file: wholly, or not at all (see ``DurableFile``).
  ///
  /// The header keeps the given order; the data lie with the widest elements first, so that every
  /// tensor is aligned. Tensors go to the disk one at a time: memory beyond them is the header, and
  /// one copy of a tensor that is on another device or not contiguous.
  ///
  /// - Parameters:
  ///   - tensors: unique names and their tensors, of any type but `complex128`.
  ///   - metadata: anything the reader should know; keys that begin with `nap.` are reserved.
  ///   - url: the file; its folder must exist.
  ///   - checksum: adds a checksum that reading verifies, some 5 % of the time of writing.
  /// - Returns: the tied tensors, as ``tied`` gives them on reading: tensors with the same address,
  ///   shape, strides and type are written each and recorded in the metadata.
  /// - Throws: ``SafetensorsError`` for names or types, ``DurableFileError`` from the disk; a file
  ///   that was there before is then untouched.
  @discardableResult
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL,
    checksum: Bool = true
  ) throws -> [String: String] {
    let (tied, order, header): ([String: String], [Int], SafetensorsHeader)
    do {
      (tied, order, header) = try plan(tensors, metadata, checksum)
    } catch let problem as SafetensorsProblem {
      throw problem.located(at: url.path)
    }
    let text = header.encoded()
    guard text.count <= SafetensorsHeader.limit else {
      throw SafetensorsProblem(
        expected: "at most \(SafetensorsHeader.limit) bytes of names and metadata",
        found: "\(text.count)", advice: "write several files"
      ).located(at: url.path)
    }
    try DurableFile.write(to: url) { file in
      var hash = SafetensorsChecksum()
      try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try file.append($0) }
      try text.withUnsafeBytes { bytes in
        if checksum { hash.update(bytes) }
        try file.append(bytes)
      }
      for index in order {
        try tensors[index].tensor.withBytes { bytes in
          if checksum { hash.update(bytes) }
          try file.append(bytes)
        }
      }
      if checksum, let digits = SafetensorsHeader.checksumDigits(in: text) {
        try file.overwrite(at: 8 + digits.lowerBound, with: Array(hash.hexadecimal.utf8))
      }
    }
    return tied
  }

  /// The header, the order of the data, and the ties.
  private static func plan(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String], _ checksum: Bool
  ) throws -> ([String: String], [Int], SafetensorsHeader) {
    var types: [SafetensorsType] = []
    var names: Set<String> = []
    for (name, tensor) in tensors {
      guard name != SafetensorsHeader.metadataKey, names.insert(name).inserted else {
        throw SafetensorsProblem(
          kind: .invalidName, tensor: name,
          expected: "unique names other than \(SafetensorsHeader.metadataKey)",
          found: "this name", advice: "rename the tensor")
      }
      guard let type = SafetensorsType(tensor.dtype) else {
        throw SafetensorsProblem(
          kind: .unsupportedType, tensor: name, expected: "a type that the format has",
          found: "\(tensor.dtype)",
          advice: "convert the tensor, or write its real and imaginary parts")
      }
      types.append(type)
    }
    if let reserved = metadata.keys.sorted().first(where: { $0.hasPrefix("nap.") }) {
      throw SafetensorsProblem(
        kind: .invalidName, expected: "metadata keys that do not begin with nap.",
        found: "\"\(reserved)\"", advice: "rename the key")
    }
    let order = tensors.indices.sorted {
      (-types[$0].bitCount, $0) < (-types[$1].bitCount, $1)
    }
    var offsets = [Int](repeating: 0, count: tensors.count)
    var sizes = offsets
    var cursor = 0
    for index in order {
      offsets[index] = cursor
      sizes[index] = tensors[index].tensor.elementCount * types[index].bitCount / 8
      cursor += sizes[index]
    }
    var header = SafetensorsHeader()
    header.entries = tensors.indices.map { index in
      Entry(
        name: tensors[index].name, type: types[index], shape: tensors[index].tensor.shape,
        offset: offsets[index], byteCount: sizes[index], dtypeName: types[index].rawValue)
    }
    header.metadata = metadata
    let tied = ties(tensors)
    if !tied.isEmpty {
      let pairs = tied.sorted { $0.key < $1.key }.map {
        "\(JSONReader.quoted($0.key)):\(JSONReader.quoted($0.value))"
      }
      header.metadata[SafetensorsHeader.tiedKey] = "{\(pairs.joined(separator: ","))}"
    }
    if checksum {
      header.metadata[SafetensorsHeader.checksumKey] =
        SafetensorsHeader.checksumPrefix + String(repeating: "0", count: 16)
    }
    return (tied, order, header)
  }

  private struct Place: Hashable {
    let device: Device
    let address: UInt
    let dtype: DType
    let shape: [Int]
    let strides: [Int]
  }

  private static func ties(_ tensors: [(name: String, tensor: Tensor)]) -> [String: String] {
    var first: [Place: String] = [:]
    var tied: [String: String] = [:]
    for (name, tensor) in tensors where tensor.elementCount > 0 {
      let place = Place(
        device: tensor.device, address: tensor.address, dtype: tensor.dtype, shape: tensor.shape,
        strides: tensor.strides)
      if let earlier = first[place] { tied[name] = earlier } else { first[place] = name }
    }
    return tied
  }
}
