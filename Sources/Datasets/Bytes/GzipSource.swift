import CZlib

/// The plain bytes of a gzip stream, inflated as they are asked for.
///
/// Memory: two blocks of 64 KiB and zlib's window, whatever the stream holds. Concatenated members are
/// read as one, as `gzip` does. A stream that ends early is `truncated`; a wrong check value, or bytes
/// after the end that are no further member, are `malformed`. Trailing zeros (tape padding) are allowed.
final class GzipSource: ByteSource {
  /// No deflate stream grows by more than this factor (zlib's technical notes: 1032 to 1).
  static let largestRatio = 1032

  private let source: any ByteSource
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: [UInt8] = []
  private var inputPosition = 0
  private var memberIsOpen = true
  private var isFinished = false
  private static let blockSize = 65_536

  init(_ source: any ByteSource) throws {
    self.source = source
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 asks for the gzip wrapper, 15 is the largest window.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw DatasetError(
        .unreadable, path: source.path, expected: "zlib to start",
        found: "its status \(status)", remedy: "free memory, or install zlib again")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  var path: String { source.path }
  var storedByteCount: Int { source.storedByteCount }

  func read(_ maximum: Int) throws -> [UInt8] {
    var output: [UInt8] = []
    while output.count < maximum, !isFinished {
      let block = try inflateBlock(min(maximum - output.count, Self.blockSize))
      output.append(contentsOf: block)
    }
    return output
  }

  /// Inflates up to `capacity` bytes; may return none while a header or trailer passes.
  private func inflateBlock(_ capacity: Int) throws -> [UInt8] {
    if inputPosition == input.count {
      input = try source.read(Self.blockSize)
      inputPosition = 0
      if input.isEmpty {
        guard !memberIsOpen else { throw cutShort }
        isFinished = true
        return []
      }
    }
    if !memberIsOpen, try skipPadding() { return [] }
    var status = Z_OK
    let block = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, written in
      input.withUnsafeMutableBufferPointer { bytes in
        stream.pointee.next_in = bytes.baseAddress.map { $0 + inputPosition }
        stream.pointee.avail_in = UInt32(bytes.count - inputPosition)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(capacity)
        status = inflate(stream, Z_NO_FLUSH)
        inputPosition = bytes.count - Int(stream.pointee.avail_in)
      }
      written = capacity - Int(stream.pointee.avail_out)
    }
    switch status {
    case Z_OK: break
    case Z_BUF_ERROR where inputPosition == input.count: break
    case Z_STREAM_END:
      memberIsOpen = false
      inflateReset(stream)
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
      throw DatasetError(
        .malformed, path: path, expected: "a gzip stream", found: reason,
        remedy: Remedy.fetchAgain)
    }
    return block
  }

  /// After a member: true if only padding was there; otherwise the next member opens.
  private func skipPadding() throws -> Bool {
    while inputPosition < input.count, input[inputPosition] == 0 { inputPosition += 1 }
    guard inputPosition < input.count else { return true }
    guard input[inputPosition] == 0x1f else {
      throw DatasetError(
        .malformed, path: path, expected: "the end, or another gzip member",
        found: "a byte of value \(input[inputPosition])", remedy: Remedy.fetchAgain)
    }
    memberIsOpen = true
    return false
  }

  private var cutShort: DatasetError {
    DatasetError(
      .truncated, path: path, expected: "a whole gzip stream",
      found: "its end after \(storedByteCount) compressed bytes", remedy: Remedy.fetchAgain)
  }
}
