import CImages

extension RGBImage {
  /// A part of an image, in its pixels.
  package struct Box: Hashable, Sendable {
    package var (left, top): (Int, Int)
    package var (width, height): (Int, Int)

    package init(left: Int, top: Int, width: Int, height: Int) {
      (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }

    var seam: nap_box {
      nap_box(left: Int32(left), top: Int32(top), width: Int32(width), height: Int32(height))
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
    (box == self.box ? self : cropped(box)).resized(
      from: (0, 0), to: (Double(box.width), Double(box.height)), width: newWidth, height: newHeight)
  }

  /// The part between two corners, which may lie between pixels. Byte for byte Pillow's `resize(size, BILINEAR, box)`.
  ///
  /// - Parameter crop: the part of the result that is computed and returned; all of it unless given.
  func resized(
    from start: (Double, Double), to end: (Double, Double), width newWidth: Int,
    height newHeight: Int,
    crop: Box? = nil
  ) -> RGBImage {
    let crop = crop ?? Box(left: 0, top: 0, width: newWidth, height: newHeight)
    precondition(
      crop.left >= 0 && crop.top >= 0 && crop.width > 0 && crop.height > 0
        && crop.left + crop.width <= newWidth && crop.top + crop.height <= newHeight,
      "RGBImage: the box \(crop) lies in \(newWidth) x \(newHeight)")
    let count = 3 * crop.width * crop.height
    let result = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let status = nap_resize(
        pixels, Int32(width), Int32(height), 3 * width, [start.0, start.1, end.0, end.1],
        Int32(newWidth), Int32(newHeight), crop.seam, buffer.baseAddress)
      precondition(status == 0, "RGBImage: no memory to resize an image")
      initialized = count
    }
    return RGBImage(width: crop.width, height: crop.height, pixels: result)
  }

  /// The pixels in a box. - Precondition: it lies in the image.
  package func cropped(_ box: Box) -> RGBImage {
    precondition(
      box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0
        && box.left + box.width <= width && box.top + box.height <= height,
      "RGBImage: the box \(box) lies in \(width) x \(height)")
    var rows: [UInt8] = []
    rows.reserveCapacity(3 * box.width * box.height)
    for row in box.top..<box.top + box.height {
      let start = (row * width + box.left) * 3
      rows += pixels[start..<start + box.width * 3]
    }
    return RGBImage(width: box.width, height: box.height, pixels: rows)
  }

  /// Mirrored left to right.
  package var flipped: RGBImage {
    let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, initialized in
      nap_mirror(pixels, width, height, buffer.baseAddress)
      initialized = pixels.count
    }
    return RGBImage(width: width, height: height, pixels: result)
  }
}
