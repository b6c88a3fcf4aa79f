/// An array of unsigned bytes in the IDX format of MNIST.
///
/// The format: two zero bytes, the element type (8 for unsigned bytes), the number of dimensions, each dimension as a
/// big-endian 32-bit number, then the elements. Source: LeCun, Cortes and Burges, the MNIST page.
public struct IDXArray: Hashable, Sendable {
  /// The sizes of the dimensions, outermost first.
  public let dimensions: [Int]
  /// The elements, the last dimension running fastest.
  public let bytes: [UInt8]

  /// The most dimensions that are read.
  public static let mostDimensions = 4

  /// Reads a file, gzip-compressed (told by its first two bytes, not its name) or not.
  ///
  /// A header is believed only as far as the file bears it out: memory is at most 4 times the bytes that are
  /// really there (after inflating: at most 4 x 1,032 times the file's size, deflate's largest ratio) plus 1 MiB.
  /// - Throws: `DatasetError` for a missing file, a header that is not IDX or does not fit the bytes that
  ///   follow, or a damaged gzip stream.
  public init(path: String) throws {
    let start = try FileSource(path: path).read(2)
    try self.init(FileSource(path: path), isCompressed: start == [0x1f, 0x8b])
  }

  /// Reads a file's bytes; `path` is named in errors. Limits and errors as for `init(path:)`.
  public init(_ bytes: [UInt8], path: String) throws {
    try self.init(MemorySource(bytes, path: path), isCompressed: bytes.starts(with: [0x1f, 0x8b]))
  }

  private init(_ stored: any ByteSource, isCompressed: Bool) throws {
    guard stored.storedByteCount > 0 else {
      throw DatasetError(
        .empty, path: stored.path, expected: "an IDX header", found: "an empty file",
        remedy: Remedy.fetchAgain)
    }
    let source: any ByteSource = isCompressed ? try GzipSource(stored) : stored
    dimensions = try Self.readDimensions(source)
    let largest = stored.storedByteCount * (isCompressed ? GzipSource.largestRatio : 1)
    let count = try Self.elementCount(dimensions, atMost: largest, source)
    var bytes: [UInt8] = []
    while bytes.count < count {
      let block = try source.read(min(count - bytes.count, 1 << 18))
      guard !block.isEmpty else {
        throw DatasetError(
          .truncated, path: source.path, expected: "\(count) elements (\(dimensions))",
          found: "\(bytes.count)", remedy: Remedy.fetchAgain)
      }
      bytes.append(contentsOf: block)
    }
    // Reading on also lets a gzip stream check its sum.
    guard try source.read(1).isEmpty else {
      throw DatasetError(
        .oversized, path: source.path, expected: "\(count) elements (\(dimensions))",
        found: "more bytes after them", remedy: Remedy.fetchAgain)
    }
    self.bytes = bytes
  }

  private static func readDimensions(_ source: any ByteSource) throws -> [Int] {
    let magic = try source.readExactly(4, for: "IDX header")
    guard magic[0] == 0, magic[1] == 0, magic[2] == 8, (1...mostDimensions).contains(Int(magic[3]))
    else {
      throw DatasetError(
        .malformed, path: source.path,
        expected: "an IDX header 00 00 08 0n (unsigned bytes, n from 1 to \(mostDimensions))",
        found: magic.map { hexadecimal($0) }.joined(separator: " "), remedy: Remedy.fetchAgain)
    }
    let header = try source.readExactly(4 * Int(magic[3]), for: "IDX dimensions")
    return stride(from: 0, to: header.count, by: 4).map { start in
      header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The product of the dimensions, refused if it is above `most` or overflows.
  private static func elementCount(
    _ dimensions: [Int], atMost most: Int, _ source: any ByteSource
  ) throws -> Int {
    var count = 1
    var overflows = false
    for dimension in dimensions {
      let product = count.multipliedReportingOverflow(by: dimension)
      count = product.partialValue
      overflows = overflows || product.overflow
    }
    guard !overflows, count <= most else {
      throw DatasetError(
        .malformed, path: source.path,
        expected: "at most \(most) elements, all that \(source.storedByteCount) bytes can hold",
        found: "a header that declares \(dimensions)", remedy: Remedy.fetchAgain)
    }
    return count
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
