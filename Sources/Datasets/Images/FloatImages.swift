/// Images as floating-point values, in the order (image, channel, row, column).
public struct FloatImages: Hashable, Sendable {
  /// The size of each image.
  public let shape: ImageShape
  /// The number of images.
  public let count: Int
  /// All values: `count * shape.elementCount` of them.
  public let values: [Float]
}

/// How bytes become the numbers a network sees.
public enum PixelScaling: Codable, Hashable, Sendable {
  /// x / 255, in 0...1.
  case unit
  /// x / 127.5 - 1, in -1...1.
  case centred
  /// (x / 255 - mean) / deviation, with one mean and deviation a channel.
  case channels(mean: [Float], deviation: [Float])
}

/// Mean and standard deviation (over all pixels, divisor n) of each channel, in units of x / 255.
public struct ChannelStatistics: Codable, Hashable, Sendable {
  /// One mean a channel.
  public let mean: [Double]
  /// One standard deviation a channel.
  public let deviation: [Double]

  /// The scaling that gives each channel mean 0 and deviation 1; a constant channel is only centred.
  public var scaling: PixelScaling {
    .channels(mean: mean.map { Float($0) }, deviation: deviation.map { $0 > 0 ? Float($0) : 1 })
  }
}

extension ImageDataset {
  /// Mean and deviation of each channel, from exact sums of bytes and of their squares.
  public var channelStatistics: ChannelStatistics {
    let plane = shape.height * shape.width
    var sums = [Int](repeating: 0, count: shape.channels)
    var squares = sums
    pixels.withUnsafeBufferPointer { pixels in
      for start in stride(from: 0, to: pixels.count, by: plane) {
        var (sum, square) = (0, 0)
        for index in start..<start + plane {
          let value = Int(pixels[index])
          sum += value
          square += value * value
        }
        sums[start / plane % shape.channels] += sum
        squares[start / plane % shape.channels] += square
      }
    }
    let divisor = Double(Swift.max(count * plane, 1))
    let means = sums.map { Double($0) / divisor }
    let deviations = zip(squares, means).map { square, mean in
      Swift.max(Double(square) / divisor - mean * mean, 0).squareRoot()
    }
    return ChannelStatistics(mean: means.map { $0 / 255 }, deviation: deviations.map { $0 / 255 })
  }

  /// The pixels as numbers, averaged to another size if one is given, then scaled.
  ///
  /// Averaging follows `AreaAverage`. Memory: four bytes per value of the result.
  /// - Throws: `DatasetError` (`invalidRequest`) if the size is below 1, or the scaling has not one mean and one
  ///   deviation above 0 a channel.
  public func floats(
    averagedTo size: (height: Int, width: Int)? = nil, scaling: PixelScaling = .unit
  ) throws -> FloatImages {
    let average = try AreaAverage(
      shape, toHeight: size?.height ?? shape.height, width: size?.width ?? shape.width)
    let (factors, offsets) = try scaling.coefficients(channels: shape.channels)
    return FloatImages(
      shape: average.target, count: count,
      values: average.apply(pixels, factors: factors, offsets: offsets))
  }
}

extension PixelScaling {
  /// value = byte * factor + offset, by channel.
  func coefficients(channels: Int) throws -> (factors: [Double], offsets: [Double]) {
    switch self {
    case .unit:
      return (Array(repeating: 1.0 / 255, count: channels), Array(repeating: 0, count: channels))
    case .centred:
      return (Array(repeating: 1 / 127.5, count: channels), Array(repeating: -1, count: channels))
    case .channels(let mean, let deviation):
      guard mean.count == channels, deviation.count == channels,
        deviation.allSatisfy({ $0 > 0 && $0.isFinite }), mean.allSatisfy(\.isFinite)
      else {
        throw DatasetError(
          .invalidRequest, path: "pixel scaling",
          expected: "a finite mean and a deviation above 0 for each of \(channels) channels",
          found: "means \(mean), deviations \(deviation)",
          remedy: "use the dataset's own `channelStatistics.scaling`")
      }
      let factors = deviation.map { 1 / (255 * Double($0)) }
      return (factors, zip(mean, deviation).map { -Double($0) / Double($1) })
    }
  }
}
