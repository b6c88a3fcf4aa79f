extension RGBImage {
  /// A part of an image, in its pixels.
  package struct Box: Hashable, Sendable {
    package var (left, top): (Int, Int)
    package var (width, height): (Int, Int)

    package init(left: Int, top: Int, width: Int, height: Int) {
      (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }
  }

  /// The whole image as a box.
  package var box: Box { Box(left: 0, top: 0, width: width, height: height) }

  /// A part of the image at another size: a triangle filter over all pixels that a new one covers, across and then
  /// down, rounded to bytes after each. Byte for byte Pillow's `crop(box).resize(size, BILINEAR)`.
  ///
  /// Cost: the box's pixels times the reach of the filter, each way.
  /// - Precondition: the box lies in the image and the new sides are above 0.
  package func resized(_ box: Box, toWidth newWidth: Int, height newHeight: Int) -> RGBImage {
    precondition(
      box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 && newWidth > 0
        && newHeight > 0 && box.left + box.width <= width && box.top + box.height <= height,
      "RGBImage: the box \(box) lies in \(width) x \(height)")
    let (across, down) = (
      Self.taps(from: box.width, to: newWidth), Self.taps(from: box.height, to: newHeight)
    )
    var rows = [UInt8](repeating: 0, count: box.height * newWidth * 3)
    var result = [UInt8](repeating: 0, count: newHeight * newWidth * 3)
    pixels.withUnsafeBufferPointer { pixels in
      for row in 0..<box.height {
        let start = ((row + box.top) * width + box.left) * 3
        for column in 0..<newWidth {
          Self.sum(
            across[column], pixels, start, step: 3, into: &rows, (row * newWidth + column) * 3)
        }
      }
    }
    rows.withUnsafeBufferPointer { rows in
      for row in 0..<newHeight {
        for column in 0..<newWidth {
          Self.sum(
            down[row], rows, column * 3, step: newWidth * 3, into: &result,
            (row * newWidth + column) * 3)
        }
      }
    }
    return RGBImage(width: newWidth, height: newHeight, pixels: result)
  }

  /// The old pixels of one new one, with weights in 2⁻²².
  private struct Taps {
    var start: Int
    var weights: [Int]
  }

  private static let precision = 22

  private static func taps(from old: Int, to new: Int) -> [Taps] {
    let scale = Double(old) / Double(new)
    let reach = max(scale, 1)
    return (0..<new).map { index in
      let centre = (Double(index) + 0.5) * scale
      let start = max(Int(centre - reach + 0.5), 0)
      let end = min(Int(centre + reach + 0.5), old)
      let raw = (start..<end).map { max(0, 1 - abs((Double($0) - centre + 0.5) / reach)) }
      let sum = raw.reduce(0, +)
      return Taps(
        start: start,
        weights: raw.map { Int(0.5 + $0 / sum * Double(1 << precision)) })
    }
  }

  /// Three channels of one new pixel.
  private static func sum(
    _ taps: Taps, _ pixels: UnsafeBufferPointer<UInt8>, _ start: Int, step: Int,
    into result: inout [UInt8], _ place: Int
  ) {
    var (red, green, blue) = (1 << (precision - 1), 1 << (precision - 1), 1 << (precision - 1))
    var index = start + taps.start * step
    for weight in taps.weights {
      red += Int(pixels[index]) * weight
      green += Int(pixels[index + 1]) * weight
      blue += Int(pixels[index + 2]) * weight
      index += step
    }
    func byte(_ sum: Int) -> UInt8 { UInt8(clamping: sum >> precision) }
    (result[place], result[place + 1], result[place + 2]) = (byte(red), byte(green), byte(blue))
  }
}
