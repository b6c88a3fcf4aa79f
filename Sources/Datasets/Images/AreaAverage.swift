/// Averaging images down to a smaller size, or spreading them to a larger one.
///
/// Row i of the result is the mean of the source rows floor(i H / h) ..< ceil((i + 1) H / h), columns
/// likewise: adaptive average pooling, as PyTorch's `interpolate(mode: "area")`. Where h divides H every
/// source pixel counts once; elsewhere neighbouring windows share a row, each with whole weight.
/// Sums of bytes are exact.
public struct AreaAverage: Hashable, Sendable {
  /// The size of the images that go in.
  public let source: ImageShape
  /// The size of those that come out.
  public let target: ImageShape
  private let rows: [Range<Int>]
  private let columns: [Range<Int>]

  /// Prepares the windows.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if a size is below 1 or above 65,536.
  public init(_ source: ImageShape, toHeight height: Int, width: Int) throws {
    guard (1...65_536).contains(height), (1...65_536).contains(width) else {
      throw DatasetError(
        .invalidRequest, path: "size of the images", expected: "a height and a width in 1...65536",
        found: "\(height) x \(width)", remedy: "give a size such as 16")
    }
    self.source = source
    self.target = ImageShape(channels: source.channels, height: height, width: width)
    self.rows = Self.windows(from: source.height, to: height)
    self.columns = Self.windows(from: source.width, to: width)
  }

  private static func windows(from size: Int, to count: Int) -> [Range<Int>] {
    (0..<count).map { index in
      (index * size) / count..<((index + 1) * size + count - 1) / count
    }
  }

  /// The averages of whole images in (image, channel, row, column), each `mean * factor + offset` by channel.
  func apply(_ pixels: [UInt8], factors: [Double], offsets: [Double]) -> [Float] {
    let planeSize = source.height * source.width
    let planeCount = pixels.count / planeSize
    let targetSize = target.height * target.width
    return [Float](unsafeUninitializedCapacity: planeCount * targetSize) { output, written in
      pixels.withUnsafeBufferPointer { pixels in
        for plane in 0..<planeCount {
          let factor = factors[plane % source.channels]
          let offset = offsets[plane % source.channels]
          var index = plane * targetSize
          for rowWindow in rows {
            for columnWindow in columns {
              // Loops by hand: a debug build, as tests are, takes ten times longer to walk a range.
              var (sum, row) = (0, rowWindow.lowerBound)
              while row < rowWindow.upperBound {
                let start = plane * planeSize + row * source.width
                var column = start + columnWindow.lowerBound
                while column < start + columnWindow.upperBound {
                  sum &+= Int(pixels[column])
                  column &+= 1
                }
                row &+= 1
              }
              let mean = Double(sum) / Double(rowWindow.count * columnWindow.count)
              output.initializeElement(at: index, to: Float(mean * factor + offset))
              index += 1
            }
          }
        }
      }
      written = planeCount * targetSize
    }
  }
}
