import CZstandard

/// The plain bytes of a Zstandard stream (RFC 8878), by libzstd, decompressed as they are asked for.
///
/// Memory: two blocks of 128 KiB and the stream's window, at most 128 MiB, libzstd's limit for streams of others.
/// Frames that follow one another are read as one, as `zstd` does.
final class ZstandardSource: ByteSource {
  private let source: any ByteSource
  private let stream: OpaquePointer
  private var input: [UInt8] = []
  private var position = 0
  /// What libzstd expects still: 0 at the end of a frame.
  private var expected = 1
  private var isFinished = false
  private static let blockSize = 131_072

  init(_ source: any ByteSource) throws {
    self.source = source
    guard let stream = ZSTD_createDStream() else {
      throw DatasetError(
        .unreadable, path: source.path, expected: "libzstd to start", found: "no memory for it",
        remedy: "free memory, or install libzstd again")
    }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  var path: String { source.path }
  var storedByteCount: Int { source.storedByteCount }

  func read(_ maximum: Int) throws -> [UInt8] {
    var output: [UInt8] = []
    while output.count < maximum, !isFinished {
      output += try decompress(min(maximum - output.count, Self.blockSize))
    }
    return output
  }

  /// Decompresses up to `capacity` bytes; may return none while headers pass.
  private func decompress(_ capacity: Int) throws -> [UInt8] {
    if position == input.count {
      input = try source.read(Self.blockSize)
      position = 0
      if input.isEmpty {
        guard expected == 0 else {
          throw DatasetError(
            .truncated, path: path, expected: "a whole Zstandard stream",
            found: "its end after \(storedByteCount) compressed bytes", remedy: Remedy.fetchAgain)
        }
        isFinished = true
        return []
      }
    }
    var status = 0
    let block = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, written in
      input.withUnsafeBytes { bytes in
        var from = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: position)
        var to = ZSTD_outBuffer(dst: buffer.baseAddress, size: capacity, pos: 0)
        status = ZSTD_decompressStream(stream, &to, &from)
        position = from.pos
        written = ZSTD_isError(status) == 0 ? to.pos : 0
      }
    }
    guard ZSTD_isError(status) == 0 else {
      throw DatasetError(
        .malformed, path: path, expected: "a Zstandard stream with a window of at most 128 MiB",
        found: String(cString: ZSTD_getErrorName(status)), remedy: Remedy.fetchAgain)
    }
    expected = status
    return block
  }
}
