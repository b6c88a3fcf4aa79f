import CImages
import Foundation

/// One decoded image: rows from the top, red, green and blue of each pixel.
package struct RGBImage: Hashable, Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// `3 * width * height` bytes.
  package var pixels: [UInt8]

  /// An image of given pixels. - Precondition: there are `3 * width * height` of them.
  package init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == 3 * width * height, "RGBImage: three bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The image as a JPEG of 4:2:0, as Pillow writes it.
  ///
  /// - Parameter quality: libjpeg's, from 1 to 100.
  /// - Throws: `DatasetError` (`unwritable`) for an image that no JPEG can hold, with libjpeg's reason.
  package func jpeg(quality: Int, path: String) throws -> [UInt8] {
    var (result, count): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    var reason = [CChar](repeating: 0, count: nap_image_message_limit)
    let status = nap_jpeg_encode(
      pixels, Int32(width), Int32(height), Int32(quality), &result, &count, &reason)
    defer { free(result) }
    guard status == 0 else {
      throw DatasetError(
        .unwritable, path: path, expected: "an image that a JPEG can hold",
        found: String(
          decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
        remedy: "remove the image")
    }
    return Array(UnsafeBufferPointer(start: result, count: count))
  }
}
