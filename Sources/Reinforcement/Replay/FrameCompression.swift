internal import CLZ4

/// One frame's bytes by LZ4's block format, without a dictionary, so that each can be read alone.
enum FrameCompression {
  /// Appends a frame's compressed bytes to `output`.
  static func append(_ frame: UnsafeRawBufferPointer, to output: inout [UInt8]) {
    let bound = Int(LZ4_compressBound(Int32(frame.count)))
    withUnsafeTemporaryAllocation(byteCount: bound, alignment: 16) { space in
      let count = LZ4_compress_default(
        frame.baseAddress?.assumingMemoryBound(to: CChar.self),
        space.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(frame.count), Int32(bound))
      precondition(count > 0, "LZ4 could not compress \(frame.count) bytes into \(bound)")
      output.append(contentsOf: space.prefix(Int(count)))
    }
  }

  /// Fills `output` with a frame.
  ///
  /// - Returns: whether the bytes were those of a frame of this size.
  static func read(
    _ compressed: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard compressed.count <= Int(Int32.max) else { return false }
    let count = LZ4_decompress_safe(
      compressed.baseAddress?.assumingMemoryBound(to: CChar.self),
      output.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(compressed.count),
      Int32(output.count))
    return Int(count) == output.count
  }
}
