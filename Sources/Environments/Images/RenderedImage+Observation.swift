extension RenderedImage {
  /// What an agent sees, for environments that have no image of their own.
  ///
  /// One plane of bytes (1, H, W) is shown in grey and three as red, green and blue; of any other number each plane has
  /// a color of its own, later ones over earlier ones (MinAtar). Planes of numbers are taken to run from 0 to 1. A
  /// vector is shown as bars from a line in the middle, upward where positive, of height x / (1 + |x|).
  public init(_ observation: Observation, of space: ObservationSpace) {
    let shape = space.shape
    guard shape.count == 3 else {
      self = Self.bars(observation)
      return
    }
    let (planes, height, width) = (shape[0], shape[1], shape[2])
    let bytes: [UInt8] =
      switch observation {
      case .bytes(let bytes): bytes
      case .floats(let numbers): numbers.map { UInt8(max(0, min(1, $0.isNaN ? 0 : $0)) * 255) }
      }
    precondition(
      bytes.count == planes * height * width, "RenderedImage: an observation of another form")
    let pixels = height * width
    var rgb = [UInt8](repeating: 0, count: 3 * pixels)
    for pixel in 0..<pixels {
      switch planes {
      case 1: for part in 0..<3 { rgb[3 * pixel + part] = bytes[pixel] }
      case 3: for part in 0..<3 { rgb[3 * pixel + part] = bytes[part * pixels + pixel] }
      default:
        for plane in 0..<planes where bytes[plane * pixels + pixel] > 0 {
          let color = Self.planeColors[plane % Self.planeColors.count]
          let brightness = Int(bytes[plane * pixels + pixel])
          for (part, value) in [color.red, color.green, color.blue].enumerated() {
            rgb[3 * pixel + part] = UInt8(Int(value) * brightness / 255)
          }
        }
      }
    }
    self.init(width: width, height: height, rgb: rgb)
  }

  private static func bars(_ observation: Observation) -> RenderedImage {
    let values: [Double] =
      switch observation {
      case .bytes(let bytes): bytes.map { Double($0) / 255 }
      case .floats(let numbers): numbers.map(Double.init)
      }
    let (barWidth, half) = (6, 40)
    var image = RenderedImage(
      width: max(1, values.count) * (barWidth + 2) + 2, height: 2 * half + 1, paper)
    for (index, value) in values.enumerated() {
      let x = 2 + index * (barWidth + 2)
      let share = value.isInfinite ? (value > 0 ? 1 : -1) : value / (1 + abs(value))
      let size = value.isNaN ? 0 : Int((share * Double(half)).rounded())
      let rows = size >= 0 ? (half - size)..<half : (half + 1)..<(half + 1 - size)
      image.fill(x: x..<(x + barWidth), y: rows, planeColors[index % planeColors.count])
    }
    image.fill(x: 0..<image.width, y: half..<(half + 1), ink)
    return image
  }

  static let paper = Color(250, 250, 247)
  static let ink = Color(60, 60, 60)

  /// Colors that can be told apart, also by those who see fewer (Okabe and Ito's, with white and grey).
  static let planeColors = [
    Color(0, 114, 178), Color(230, 159, 0), Color(0, 158, 115), Color(213, 94, 0),
    Color(86, 180, 233), Color(240, 228, 66), Color(204, 121, 167), Color(255, 255, 255),
    Color(150, 150, 150), Color(120, 80, 200),
  ]
}
