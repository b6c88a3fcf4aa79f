/// A small image in red, green and blue: what an environment looks like to people.
public struct RenderedImage: Hashable, Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Three bytes a pixel, row by row from the top.
  public private(set) var rgb: [UInt8]

  /// A color by its parts, each 0 to 255.
  public struct Color: Hashable, Sendable {
    /// Red.
    public var red: UInt8
    /// Green.
    public var green: UInt8
    /// Blue.
    public var blue: UInt8

    /// A color by its parts.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
      (self.red, self.green, self.blue) = (red, green, blue)
    }
  }

  /// An image of one color.
  public init(width: Int, height: Int, _ color: Color) {
    precondition(width > 0 && height > 0, "RenderedImage: \(width) x \(height) pixels")
    self.width = width
    self.height = height
    rgb = []
    rgb.reserveCapacity(3 * width * height)
    for _ in 0..<(width * height) { rgb += [color.red, color.green, color.blue] }
  }

  /// An image from three bytes a pixel.
  public init(width: Int, height: Int, rgb: [UInt8]) {
    precondition(
      width > 0 && height > 0 && rgb.count == 3 * width * height,
      "RenderedImage: \(rgb.count) bytes for \(width) x \(height) pixels")
    self.width = width
    self.height = height
    self.rgb = rgb
  }

  /// The color of a pixel.
  public func color(x: Int, y: Int) -> Color {
    let place = 3 * (y * width + x)
    return Color(rgb[place], rgb[place + 1], rgb[place + 2])
  }

  /// Paints a rectangle, as far as it lies in the image.
  public mutating func fill(x: Range<Int>, y: Range<Int>, _ color: Color) {
    for row in y.clamped(to: 0..<height) {
      for column in x.clamped(to: 0..<width) {
        let place = 3 * (row * width + column)
        (rgb[place], rgb[place + 1], rgb[place + 2]) = (color.red, color.green, color.blue)
      }
    }
  }

  /// Paints a line of a thickness, as squares along it.
  public mutating func line(
    from: (x: Double, y: Double), to: (x: Double, y: Double), thickness: Int, _ color: Color
  ) {
    let count = max(1, Int(max(abs(to.x - from.x), abs(to.y - from.y)).rounded(.up)))
    for index in 0...count {
      let part = Double(index) / Double(count)
      let x = Int((from.x + part * (to.x - from.x)).rounded()) - thickness / 2
      let y = Int((from.y + part * (to.y - from.y)).rounded()) - thickness / 2
      fill(x: x..<(x + thickness), y: y..<(y + thickness), color)
    }
  }

  /// The same with every pixel as a square of so many.
  public func enlarged(by factor: Int) -> RenderedImage {
    precondition(factor > 0, "enlarged(by:): \(factor)")
    guard factor > 1 else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(rgb.count * factor * factor)
    for row in 0..<height {
      var line: [UInt8] = []
      line.reserveCapacity(3 * width * factor)
      for column in 0..<width {
        let place = 3 * (row * width + column)
        for _ in 0..<factor { line += rgb[place..<(place + 3)] }
      }
      for _ in 0..<factor { result += line }
    }
    return RenderedImage(width: width * factor, height: height * factor, rgb: result)
  }
}
