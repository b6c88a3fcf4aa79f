import Foundation

/// Changes of colours and shapes, byte for byte Pillow's (`ImageEnhance`, `ImageOps`, `Image.transform`) as torchvision
/// calls them.
extension RGBImage {
  /// A table for the values of each channel.
  func mapped(_ table: (_ channel: Int) -> [UInt8]) -> RGBImage {
    let tables = (0..<3).flatMap(table)
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      tables.withUnsafeBufferPointer { tables in
        for start in stride(from: 0, to: pixels.count, by: 3) {
          for channel in 0..<3 {
            pixels[start + channel] = tables[channel << 8 | Int(pixels[start + channel])]
          }
        }
      }
    }
    return result
  }

  /// `from + factor · (to − from)`, cut off at the ends and towards zero.
  static func blend(_ from: UInt8, _ to: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(from) + factor * (Float(to) - Float(from))
    return value <= 0 ? 0 : value >= 255 ? 255 : UInt8(value)
  }

  private func blended(from value: UInt8, _ factor: Double) -> RGBImage {
    let table = (0..<256).map { Self.blend(value, UInt8($0), Float(factor)) }
    return mapped { _ in table }
  }

  private func blended(from other: [UInt8], _ factor: Double) -> RGBImage {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for (place, value) in other.enumerated() {
        pixels[place] = Self.blend(value, pixels[place], Float(factor))
      }
    }
    return result
  }

  private static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let sum: Int = Int(red) * 19_595 + Int(green) * 38_470 + Int(blue) * 7_471
    return UInt8((sum + 0x8000) >> 16)
  }

  /// Every pixel's brightness.
  private var grey: [UInt8] {
    stride(from: 0, to: pixels.count, by: 3).map {
      Self.luma(pixels[$0], pixels[$0 + 1], pixels[$0 + 2])
    }
  }

  /// Between black and the image.
  func brightened(_ factor: Double) -> RGBImage { blended(from: 0, factor) }

  /// Between the mean grey and the image.
  func contrasted(_ factor: Double) -> RGBImage {
    let grey = grey
    let mean = Double(grey.reduce(0) { $0 + Int($1) }) / Double(grey.count)
    return blended(from: UInt8(mean + 0.5), factor)
  }

  /// Between grey and the image.
  func saturated(_ factor: Double) -> RGBImage {
    blended(from: grey.flatMap { [$0, $0, $0] }, factor)
  }

  /// Between a smoothed image and the image; pixels at the edge stay.
  func sharpened(_ factor: Double) -> RGBImage {
    var smooth = pixels
    for row in stride(from: 1, to: height - 1, by: 1) {
      for place in stride(from: row * width * 3 + 3, to: (row + 1) * width * 3 - 3, by: 1) {
        var sum = 4 * Int(pixels[place])
        for line in [place - width * 3, place, place + width * 3] {
          sum += Int(pixels[line - 3]) + Int(pixels[line]) + Int(pixels[line + 3])
        }
        smooth[place] = UInt8((2 * sum + 13) / 26)
      }
    }
    return blended(from: smooth, factor)
  }

  /// Hues turned by `factor` of the circle, from −0.5 to 0.5, in 255 steps.
  func hueTurned(_ factor: Double) -> RGBImage {
    let turn = UInt8(truncatingIfNeeded: Int(factor * 255))
    var result = self
    for start in stride(from: 0, to: pixels.count, by: 3) {
      let (red, green, blue) = (pixels[start], pixels[start + 1], pixels[start + 2])
      let (most, least) = (max(red, green, blue), min(red, green, blue))
      guard most > least else { continue }
      let range = Float(most - least)
      let (r, g, b) = (
        Float(most - red) / range, Float(most - green) / range, Float(most - blue) / range
      )
      let sixths: Float =
        red == most
        ? b - g
        : green == most ? Float(2.0 + Double(r) - Double(b)) : Float(4.0 + Double(g) - Double(r))
      let hue = Float(fmod(Double(sixths) / 6 + 1, 1))
      let turned = UInt8(clamping: Int(Double(hue) * 255)) &+ turn
      let saturation = UInt8(clamping: Int(Double(range / Float(most)) * 255))
      guard saturation > 0 else {
        for channel in 0..<3 { result.pixels[start + channel] = most }
        continue
      }
      let place = Float(Double(Float(turned)) * 6 / 255)
      let sector = Int(place)
      let (rest, share) = (place - Float(sector), Float(Double(saturation) / 255))
      func level(_ value: Float) -> UInt8 {
        UInt8(clamping: Int((Double(most) * (1 - Double(value))).rounded()))
      }
      let (p, q) = (level(share), level(share * rest))
      let t = level(Float(Double(share) * (1 - Double(rest))))
      let colours: [UInt8] =
        switch sector % 6 {
        case 0: [most, t, p]
        case 1: [q, most, p]
        case 2: [p, most, t]
        case 3: [p, q, most]
        case 4: [t, p, most]
        default: [most, p, q]
        }
      for channel in 0..<3 { result.pixels[start + channel] = colours[channel] }
    }
    return result
  }

  private func counts(_ channel: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for place in stride(from: channel, to: pixels.count, by: 3) { counts[Int(pixels[place])] += 1 }
    return counts
  }

  /// Each channel stretched over all values.
  var stretched: RGBImage {
    mapped { channel in
      let counts = counts(channel)
      guard let low = counts.firstIndex(where: { $0 > 0 }),
        let high = counts.lastIndex(where: { $0 > 0 }), high > low
      else { return (0..<256).map { UInt8($0) } }
      let scale = 255.0 / Double(high - low)
      return (0..<256).map { UInt8(clamping: Int(Double($0) * scale - Double(low) * scale)) }
    }
  }

  /// Each channel's values spread evenly.
  var equalized: RGBImage {
    mapped { channel in
      let counts = counts(channel)
      let last = counts.last { $0 > 0 } ?? 0
      let step = (counts.reduce(0, +) - last) / 255
      guard step > 0 else { return (0..<256).map { UInt8($0) } }
      var sum = step / 2
      return counts.map { count in
        defer { sum += count }
        return UInt8(clamping: sum / step)
      }
    }
  }

  /// The upper `bits` of every value.
  func posterized(bits: Int) -> RGBImage {
    let mask = UInt8(truncatingIfNeeded: 0xff << (8 - bits))
    return mapped { _ in (0..<256).map { UInt8($0) & mask } }
  }

  /// Values from `threshold` on inverted.
  func solarized(from threshold: Double) -> RGBImage {
    mapped { _ in (0..<256).map { Double($0) < threshold ? UInt8($0) : UInt8(255 - $0) } }
  }

  /// The image whose pixel (x, y) is that at `(a·x + b·y + c, d·x + e·y + f)`, black beyond; by the nearest pixel.
  func transformed(_ matrix: [Double]) -> RGBImage {
    func fixed(_ value: Double) -> Int { Int((value * 65_536 + 0.5).rounded(.down)) }
    let steps = matrix.map(fixed)
    var row = (
      fixed(matrix[2] + (matrix[0] + matrix[1]) * 0.5),
      fixed(matrix[5] + (matrix[3] + matrix[4]) * 0.5)
    )
    var result = [UInt8](repeating: 0, count: pixels.count)
    for y in 0..<height {
      var (left, top) = row
      for x in 0..<width {
        let (column, line) = (left >> 16, top >> 16)
        if column >= 0, column < width, line >= 0, line < height {
          let (to, from) = ((y * width + x) * 3, (line * width + column) * 3)
          for channel in 0..<3 { result[to + channel] = pixels[from + channel] }
        }
        left += steps[0]
        top += steps[3]
      }
      row.0 += steps[1]
      row.1 += steps[4]
    }
    return RGBImage(width: width, height: height, pixels: result)
  }

  /// The image turned about its middle, against the clock.
  func rotated(degrees: Double) -> RGBImage {
    func rounded(_ value: Double) -> Double { (value * 1e15).rounded(.toNearestOrEven) / 1e15 }
    let angle = -(degrees - 360 * (degrees / 360).rounded(.down)) * .pi / 180
    guard angle != 0 else { return self }
    let (cosine, sine) = (rounded(cos(angle)), rounded(sin(angle)))
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    return transformed([
      cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y,
    ])
  }
}
