import CJPEG

/// One decoded image: rows from the top, red, green and blue of each pixel.
package struct RGBImage: Hashable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// `3 * width * height` bytes.
  package let pixels: [UInt8]

  /// The most pixels that an image may have: what Pillow refuses to decode beyond.
  package static let mostPixels = 178_956_970

  /// An image of given pixels. - Precondition: there are `3 * width * height` of them.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == 3 * width * height, "RGBImage: three bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Reads a JPEG file; see ``init(jpeg:path:)``.
  package init(jpegAt path: String) throws {
    let source = try FileSource(path: path)
    try self.init(jpeg: source.readExactly(source.storedByteCount, for: "an image"), path: path)
  }

  /// Decodes a JPEG, as Pillow's `convert("RGB")` does: the exact inverse transform, smooth chroma, not turned by EXIF.
  ///
  /// - Parameter path: named in errors.
  /// - Throws: `DatasetError` (`malformed`) for what is no JPEG, is cut short or has four colours, with libjpeg's
  ///   reason; `oversized` for more than ``mostPixels``, before any is allocated.
  package init(jpeg bytes: [UInt8], path: String) throws {
    func refusal(_ kind: DatasetError.Kind, _ expected: String, _ found: String) -> DatasetError {
      DatasetError(
        kind, path: path, expected: expected, found: found,
        remedy: "fetch the image again, convert it to an RGB JPEG, or remove it")
    }
    var reason = [CChar](repeating: 0, count: nap_jpeg_message_limit)
    func check(_ status: Int32) throws {
      guard status != 0 else { return }
      let words = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw refusal(
        bytes.isEmpty ? .empty : .malformed, "a whole JPEG in grey or RGB",
        bytes.isEmpty ? "an empty file" : String(decoding: words, as: UTF8.self))
    }
    var (width, height): (Int32, Int32) = (0, 0)
    try check(nap_jpeg_size(bytes, bytes.count, &width, &height, &reason))
    let size = (width: Int(width), height: Int(height))
    guard size.width * size.height <= Self.mostPixels else {
      throw refusal(
        .oversized, "at most \(Self.mostPixels) pixels", "\(size.width) x \(size.height)")
    }
    var status: Int32 = 0
    let count = 3 * size.width * size.height
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      status = nap_jpeg_decode(
        bytes, bytes.count, width, height, buffer.baseAddress, &reason)
      initialized = status == 0 ? count : 0
    }
    try check(status)
    self.init(width: size.width, height: size.height, pixels: pixels)
  }
}
