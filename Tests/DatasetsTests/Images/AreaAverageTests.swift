import Testing

@testable import Datasets

@Suite struct AreaAverageTests {
  /// Pixel k is 37 k mod 256, as in the script that made the goldens.
  private func dataset(count: Int, channels: Int) throws -> ImageDataset {
    let shape = ImageShape(channels: channels, height: 5, width: 7)
    return try ImageDataset(
      name: "ramp", source: "a test", shape: shape,
      pixels: (0..<count * shape.elementCount).map { UInt8($0 * 37 % 256) },
      labels: [Int](repeating: 0, count: count), classNames: ["a"])
  }

  // torch 2.13: interpolate(arange(2*3*5*7) * 37 % 256, size, mode="area") in float64.
  private let smaller: [Double] = [
    40, 114, 188, 46, 120, 194, 55, 129, 203, 61, 135, 209, 70, 144, 189.55555555555554, 76, 150,
    138.66666666666666, 85, 159, 147.66666666666666, 91, 165, 153.66666666666666, 100, 174,
    162.66666666666666, 106, 180, 140.22222222222223, 115, 189, 92.33333333333333, 121, 195,
    98.33333333333333,
  ]
  private let larger: [Double] = [
    0, 18.5, 55.5, 92.5, 111, 129.5, 166.5, 203.5, 222, 1.5, 20, 57, 94, 112.5, 131, 168, 205,
    223.5, 4.5, 23, 60, 97, 115.5, 134, 171, 208, 226.5, 7.5, 26, 63, 100, 118.5, 137, 174, 211,
    229.5, 10.5, 29, 66, 103, 121.5, 140, 177, 214, 232.5, 12, 30.5, 67.5, 104.5, 123, 141.5, 178.5,
    215.5, 234,
  ]

  @Test("Averaging to a smaller and to a larger size equals PyTorch's area interpolation")
  func goldens() throws {
    let two = try dataset(count: 2, channels: 3).floats(averagedTo: (2, 3))
    #expect(two.shape == ImageShape(channels: 3, height: 2, width: 3))
    #expect(two.values == smaller.map { Float($0 / 255) })
    let one = try dataset(count: 1, channels: 1).floats(averagedTo: (6, 9))
    #expect(one.values == larger.map { Float($0 / 255) })
  }

  @Test(
    "Where the size divides, the mean of the image is kept; at the same size, so is every pixel")
  func meanKept() throws {
    let images = try ProceduralImages(size: 32).dataset(.train, count: 4)
    let same = try images.floats().values
    #expect(same == images.pixels.map { Float(Double($0) * (1.0 / 255)) })
    let small = try images.floats(averagedTo: (8, 16)).values
    let before = same.reduce(0.0) { $0 + Double($1) } / Double(same.count)
    let after = small.reduce(0.0) { $0 + Double($1) } / Double(small.count)
    #expect(abs(before - after) < 1e-7)
  }

  @Test("Sizes below 1 are refused")
  func refusals() throws {
    let images = try dataset(count: 1, channels: 1)
    for size in [(0, 4), (4, -1), (100_000, 1)] {
      #expect(
        try datasetError { _ = try images.floats(averagedTo: size) }.kind == .invalidRequest)
    }
  }

  @Test("Each scaling does what its formula says, and needs one number a channel")
  func scalings() throws {
    let image = try ImageDataset(
      name: "x", source: "x", shape: ImageShape(channels: 2, height: 1, width: 2),
      pixels: [0, 255, 51, 102], labels: [0], classNames: ["a"])
    #expect(try image.floats().values == [0, 1, 0.2, 0.4])
    let centred = try image.floats(scaling: .centred).values
    for (value, expected) in zip(centred, [-1, 1, -0.6, -0.2] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
    let scaled = try image.floats(
      scaling: .channels(mean: [0.5, 0.2], deviation: [0.5, 0.1])
    ).values
    for (value, expected) in zip(scaled, [-1, 1, 0, 2] as [Float]) {
      #expect(abs(value - expected) < 1e-5)
    }
    for bad in [
      PixelScaling.channels(mean: [0], deviation: [1, 1]),
      .channels(mean: [0, 0], deviation: [1, 0]), .channels(mean: [0, .nan], deviation: [1, 1]),
    ] {
      #expect(try datasetError { _ = try image.floats(scaling: bad) }.kind == .invalidRequest)
    }
  }

  @Test("The dataset's own statistics give mean 0 and deviation 1 to every channel")
  func standardized() throws {
    let images = try ProceduralImages(size: 16).dataset(.train, count: 50)
    let values = try images.floats(scaling: images.channelStatistics.scaling).values
    for channel in 0..<3 {
      let mine = values.indices.filter { $0 / 256 % 3 == channel }.map { Double(values[$0]) }
      let mean = mine.reduce(0, +) / Double(mine.count)
      let square = mine.reduce(0) { $0 + $1 * $1 } / Double(mine.count)
      #expect(abs(mean) < 1e-5)
      #expect(abs(square - 1) < 1e-5)
    }
  }
}
