import Texts

/// What stands before the tensors of a safetensors file, parsed and checked.
struct SafetensorsHeader {
  /// The format's own limit on the header, in bytes.
  static let limit = 100_000_000
  /// More axes than any operator takes.
  static let axisLimit = 64
  static let metadataKey = "__metadata__"
  static let checksumKey = "nap.checksum"
  static let checksumPrefix = "xxh64:"
  static let tiedKey = "nap.tied"

  var entries: [SafetensorsFile.Entry] = []
  var metadata: [String: String] = [:]

  init() {}

  /// Parses and checks.
  ///
  /// Holds at most about eight times the bytes of the header, whatever it says.
  /// - Parameters:
  ///   - bytes: the JSON text.
  ///   - dataLength: bytes that follow the header in the file.
  init(parsing bytes: [UInt8], dataLength: Int) throws {
    var json = JSONReader(header: bytes)
    var names: Set<String> = []
    try json.object("the header's object") { json, name in
      guard names.insert(name).inserted else {
        throw SafetensorsProblem(
          tensor: name, expected: "every name once", found: "the name twice")
      }
      if name == Self.metadataKey {
        guard !json.null() else { return }
        // Of a key that stands twice the last counts, as for the reference reader.
        try json.object("the metadata") { json, key in metadata[key] = try json.string() }
      } else {
        entries.append(try Self.entry(named: name, &json))
      }
    }
    try json.end()
    try checkLayout(dataLength: dataLength)
  }

  private static func entry(
    named name: String, _ json: inout JSONReader
  ) throws -> SafetensorsFile.Entry {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    do {
      try json.object("an object with dtype, shape and data_offsets") { json, key in
        switch key {
        case "dtype" where typeName == nil: typeName = try json.string()
        case "shape" where shape == nil: shape = try json.integers("shape", atMost: axisLimit)
        case "data_offsets" where offsets == nil:
          offsets = try json.integers("data_offsets", atMost: 2)
        case "dtype", "shape", "data_offsets":
          throw SafetensorsProblem(
            expected: "dtype, shape and data_offsets, each once", found: "\(key) twice")
        default: try json.skipValue()
        }
      }
      guard let typeName, let shape, let offsets, offsets.count == 2 else {
        throw SafetensorsProblem(
          expected: "dtype, shape and two data_offsets", found: "only some of them")
      }
      guard offsets[0] <= offsets[1] else {
        throw SafetensorsProblem(
          kind: .wrongLayout, expected: "data_offsets in order",
          found: "\(offsets[0]) before \(offsets[1])")
      }
      let found = offsets[1] - offsets[0]
      // Of a type that is not known nothing can be said of the size; whoever reads the tensor learns that it cannot be.
      guard let type = SafetensorsType(rawValue: typeName) else {
        return SafetensorsFile.Entry(
          name: name, type: nil, shape: shape, offset: offsets[0], byteCount: found,
          dtypeName: typeName)
      }
      guard let expected = byteCount(of: type, shape), expected == found else {
        throw SafetensorsProblem(
          kind: .wrongLayout,
          expected: byteCount(of: type, shape).map { "\($0) bytes for \(typeName)\(shape)" }
            ?? "a shape that can be addressed in bytes",
          found: "\(found) bytes for \(typeName)\(shape)")
      }
      return SafetensorsFile.Entry(
        name: name, type: type, shape: shape, offset: offsets[0], byteCount: found,
        dtypeName: type.rawValue)
    } catch var problem as SafetensorsProblem {
      problem.tensor = name
      throw problem
    }
  }

  /// Bytes of a tensor; `nil` when they, or its strides, do not fit an `Int` or are no whole number.
  static func byteCount(of type: SafetensorsType, _ shape: [Int]) -> Int? {
    var bits = type.bitCount
    for size in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: max(size, 1))
      if overflow { return nil }
      bits = product
    }
    if shape.contains(0) { return 0 }
    return bits % 8 == 0 ? bits / 8 : nil
  }

  /// Every byte of the data belongs to exactly one tensor.
  private func checkLayout(dataLength: Int) throws {
    let order = entries.indices.sorted {
      (entries[$0].offset, entries[$0].byteCount) < (entries[$1].offset, entries[$1].byteCount)
    }
    var cursor = 0
    for index in order {
      let entry = entries[index]
      guard entry.offset == cursor else {
        let what = entry.offset < cursor ? "overlaps the one before" : "leaves a hole"
        throw SafetensorsProblem(
          kind: .wrongLayout, tensor: entry.name, expected: "data that begins at byte \(cursor)",
          found: "data that begins at byte \(entry.offset) and \(what)")
      }
      cursor += entry.byteCount
      guard cursor <= dataLength else {
        throw SafetensorsProblem(
          kind: .wrongLength, tensor: entry.name, expected: "data up to byte \(cursor)",
          found: "\(dataLength) bytes of data", advice: "the file was cut off: copy it again")
      }
    }
    guard cursor == dataLength else {
      throw SafetensorsProblem(
        kind: .wrongLength, expected: "\(cursor) bytes of data", found: "\(dataLength)")
    }
  }

  /// The JSON text, padded with spaces to a multiple of eight bytes.
  func encoded() -> [UInt8] {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONReader.quoted($0.key)):\(JSONReader.quoted($0.value))"
      }
      parts.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(JSONReader.quoted(entry.name)):{\"dtype\":\(JSONReader.quoted(entry.dtypeName)),"
          + "\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(entry.offset),\(entry.offset + entry.byteCount)]}")
    }
    var bytes = Array("{\(parts.joined(separator: ","))}".utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: -bytes.count & 7))
    return bytes
  }

  /// Where the sixteen digits of the checksum stand in the JSON text.
  static func checksumDigits(in bytes: [UInt8]) -> Range<Int>? {
    let marker = Array("\"\(checksumKey)\":\"\(checksumPrefix)".utf8)
    guard let first = marker.first, bytes.count >= marker.count + 16 else { return nil }
    for start in 0...(bytes.count - marker.count - 16) where bytes[start] == first {
      if bytes[start..<(start + marker.count)].elementsEqual(marker) {
        return (start + marker.count)..<(start + marker.count + 16)
      }
    }
    return nil
  }
}
