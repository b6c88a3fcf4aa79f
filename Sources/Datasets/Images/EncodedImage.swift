import CImages

/// One image as its file has it, a JPEG or a PNG whatever its name says, whose header was read.
package struct EncodedImage: Sendable {
  /// Named in errors.
  package let path: String
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  let isPNG: Bool
  let bytes: [UInt8]

  /// The most pixels that an image may have: what Pillow refuses to decode beyond.
  package static let mostPixels = 178_956_970
  /// The most pixels that a byte of a file stands for: of a JPEG with one bit a block, and of a PNG with one bit a
  /// pixel.
  private static let mostPixelsPerByte = (jpeg: 1_024, png: 8 * GzipSource.largestRatio)

  /// Reads the header of an image.
  ///
  /// - Parameter path: named in errors.
  /// - Throws: `DatasetError` (`malformed`) for what is neither, with the library's reason, and for a file that is too
  ///   short for the pixels it claims; `oversized` for more than ``mostPixels``. No memory is taken before.
  package init(_ bytes: [UInt8], path: String) throws {
    (self.bytes, self.path) = (bytes, path)
    var (isPNG, width, height): (Int32, Int32, Int32) = (0, 0, 0)
    try Self.check(bytes, path) { nap_image_size(bytes, bytes.count, &isPNG, &width, &height, $0) }
    (self.width, self.height, self.isPNG) = (Int(width), Int(height), isPNG != 0)
    let size = "\(width) x \(height)"
    let ratio = self.isPNG ? Self.mostPixelsPerByte.png : Self.mostPixelsPerByte.jpeg
    guard self.width * self.height <= Self.mostPixels else {
      throw Self.refusal(.oversized, path, "at most \(Self.mostPixels) pixels", size)
    }
    guard self.width * self.height <= ratio * bytes.count else {
      throw Self.refusal(
        .malformed, path, "a whole image",
        "\(size) pixels in \(bytes.count) bytes, which hold \(ratio * bytes.count) at most")
    }
  }

  /// Reads a file; see ``init(_:path:)``.
  package init(at path: String) throws {
    let source = try FileSource(path: path)
    try self.init(source.readExactly(source.storedByteCount, for: "an image"), path: path)
  }

  /// Decodes the image as Pillow's `convert("RGB")` does: the exact inverse transform, smooth chroma, grey and four
  /// colours turned into RGB, transparency left out, not turned by EXIF. Of 16 bits of a PNG the upper 8 are taken,
  /// where Pillow cuts grey values off at 255.
  ///
  /// - Throws: `DatasetError` (`malformed`) for an image that is cut short or damaged, with the library's reason.
  package func decoded() throws -> RGBImage {
    try decoded(.init(left: 0, top: 0, width: width, height: height), scaledBy: 1)
  }

  /// A box of the image at 1/`denominator` of its sides, rounded up, by the JPEG's transform; the same pixels as in the
  /// whole image. Rows below the box are not decoded.
  func decoded(_ box: RGBImage.Box, scaledBy denominator: Int) throws -> RGBImage {
    let whole = isPNG ? RGBImage.Box(left: 0, top: 0, width: width, height: height) : box
    let place = whole.seam
    let image = try self.image(width: whole.width, height: whole.height) {
      isPNG
        ? nap_png_decode(bytes, bytes.count, place.width, place.height, $0, $1)
        : nap_jpeg_decode(bytes, bytes.count, Int32(denominator), place, $0, $1)
    }
    return whole == box ? image : image.cropped(box)
  }

  /// A box of the image as a square of other sides.
  ///
  /// Where the box has at least twice, four or eight times the sides of the square, a JPEG is decoded at that fraction,
  /// and what is left is done by ``RGBImage/resized(_:toWidth:height:)``: as Pillow's `draft`, `crop` and
  /// `resize(box=…)`.
  package func resized(_ box: RGBImage.Box, toSide side: Int) throws -> RGBImage {
    let most = isPNG ? 1 : min(box.width, box.height) / side
    let denominator = most >= 8 ? 8 : most >= 4 ? 4 : most >= 2 ? 2 : 1
    let (left, top) = (box.left / denominator, box.top / denominator)
    func above(_ length: Int) -> Int { (length + denominator - 1) / denominator }
    let cover = RGBImage.Box(
      left: left, top: top, width: above(box.left + box.width) - left,
      height: above(box.top + box.height) - top)
    func scaled(_ place: Int, from start: Int) -> Double {
      Double(place) / Double(denominator) - Double(start)
    }
    let start = (scaled(box.left, from: left), scaled(box.top, from: top))
    let end = (
      scaled(box.left + box.width, from: left), scaled(box.top + box.height, from: top)
    )
    guard !isPNG else {
      return try decoded(cover, scaledBy: 1)
        .resized(from: start, to: end, width: side, height: side)
    }
    // The same bytes, without the box in memory.
    return try image(width: side, height: side) {
      nap_jpeg_resize(
        bytes, bytes.count, Int32(denominator), cover.seam, [start.0, start.1, end.0, end.1],
        Int32(side), Int32(side), $0, $1)
    }
  }

  /// An image whose pixels `body` writes.
  private func image(
    width: Int, height: Int,
    _ body: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CChar>) -> Int32
  ) throws -> RGBImage {
    let count = 3 * width * height
    var failure: (any Error)?
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do {
        try Self.check(bytes, path) { body(buffer.baseAddress, $0) }
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  private static func check(
    _ bytes: [UInt8], _ path: String, _ body: (UnsafeMutablePointer<CChar>) -> Int32
  ) throws {
    var reason = [CChar](repeating: 0, count: nap_image_message_limit)
    guard reason.withUnsafeMutableBufferPointer({ $0.baseAddress.map(body) ?? 1 }) != 0 else {
      return
    }
    let words = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    throw refusal(
      bytes.isEmpty ? .empty : .malformed, path, "a whole JPEG or PNG",
      bytes.isEmpty ? "an empty file" : String(decoding: words, as: UTF8.self))
  }

  private static func refusal(
    _ kind: DatasetError.Kind, _ path: String, _ expected: String, _ found: String
  ) -> DatasetError {
    DatasetError(
      kind, path: path, expected: expected, found: found,
      remedy: "fetch the image again, convert it to an RGB JPEG, or remove it")
  }
}
