import Synchronization
import Torch

/// Images made by rule, for a machine with neither data nor network.
///
/// Each class has a direction and a wavelength of stripes, a colour and a place for a soft blob; each image draws
/// phase, contrast, the blob's shift and size, and noise. So classes can be learned but not from one pixel, and no two
/// images are alike. Only sums, products, quotients and square roots are used, all exact by IEEE 754: the same seed
/// gives the same bytes on every platform.
public struct ProceduralImages: Codable, Hashable, Sendable {
  /// The number of classes, 1 to 256.
  public let classCount: Int
  /// Colour channels, 1 to 4.
  public let channels: Int
  /// Rows and columns, 4 to 512.
  public let size: Int

  /// States what to make; the defaults are the sizes of CIFAR-10.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) outside the ranges given at the properties.
  public init(classCount: Int = 10, channels: Int = 3, size: Int = 32) throws {
    guard (1...256).contains(classCount), (1...4).contains(channels), (4...512).contains(size)
    else {
      throw DatasetError(
        .invalidRequest, path: "procedural images",
        expected: "1 to 256 classes, 1 to 4 channels and a size from 4 to 512",
        found: "\(classCount) classes, \(channels) channels, size \(size)",
        remedy: "use the defaults: 10 classes, 3 channels, size 32")
    }
    self.classCount = classCount
    self.channels = channels
    self.size = size
  }

  /// Makes `count` images, classes in turn. Train and test of one seed share classes but no image.
  ///
  /// Cost: about 0.05 ms per image of 3 x 32 x 32 in a release build.
  /// - Throws: `DatasetError` (`invalidRequest`) if `count` is not within 1...1,000,000.
  public func dataset(_ split: ImageDataset.Split, count: Int, seed: UInt64 = 0) throws
    -> ImageDataset
  {
    guard (1...1_000_000).contains(count) else {
      throw DatasetError(
        .invalidRequest, path: "procedural images", expected: "1 to 1,000,000 images",
        found: "\(count)", remedy: "ask for 10000")
    }
    return try SmallDatasets.dataset(.init(images: self, split: split, count: count, seed: seed)) {
      try made(split, count: count, seed: seed)
    }
  }

  private func made(_ split: ImageDataset.Split, count: Int, seed: UInt64) throws -> ImageDataset {
    let shape = ImageShape(channels: channels, height: size, width: size)
    var classGenerator = SeededGenerator(seed: seed).split("classes")
    let styles = (0..<classCount).map {
      Style(index: $0, channels: channels, using: &classGenerator)
    }
    var generator = SeededGenerator(seed: seed).split(split.rawValue)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(count * shape.elementCount)
    let labels = (0..<count).map { $0 % classCount }
    for label in labels {
      styles[label].draw(size: size, channels: channels, into: &pixels, using: &generator)
    }
    return try ImageDataset(
      name: "procedural", source: "made by rule from seed \(seed)", shape: shape, pixels: pixels,
      labels: labels, classNames: (0..<classCount).map { "pattern \($0)" })
  }
}

/// The last few small datasets that were made: a run's forecast, its examination and the run itself ask for the same.
private enum SmallDatasets {
  struct Request: Hashable {
    var images: ProceduralImages
    var split: ImageDataset.Split
    var count: Int
    var seed: UInt64
  }

  private static let kept = Mutex<[(request: Request, dataset: ImageDataset)]>([])

  static func dataset(
    _ request: Request, _ make: () throws -> ImageDataset
  ) throws -> ImageDataset {
    if let found = kept.withLock({ $0.first { $0.request == request } }) { return found.dataset }
    let dataset = try make()
    guard dataset.pixels.count <= 1 << 20 else { return dataset }
    kept.withLock { $0 = [(request, dataset)] + $0.prefix(3) }
    return dataset
  }
}

/// What the images of one class have in common.
private struct Style {
  /// Unit vector across the stripes.
  let across: (x: Double, y: Double)
  /// Stripes over the image's width.
  let frequency: Double
  let stripeColour: [Double]
  let blobColour: [Double]
  /// The blob's middle, in 0...1.
  let blob: (x: Double, y: Double)

  private static let directions: [(x: Double, y: Double)] = [
    (1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, 2), (2, -1), (1, -2),
  ]

  init(index: Int, channels: Int, using generator: inout SeededGenerator) {
    let direction = Self.directions[index % Self.directions.count]
    let length = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    across = (direction.x / length, direction.y / length)
    frequency = 2 + Double(index / Self.directions.count % 4) * 1.5 + generator.uniform()
    stripeColour = (0..<channels).map { _ in 0.3 + 0.7 * generator.uniform() }
    blobColour = (0..<channels).map { _ in generator.uniform() * 2 - 1 }
    blob = (0.2 + 0.6 * generator.uniform(), 0.2 + 0.6 * generator.uniform())
  }

  func draw(
    size: Int, channels: Int, into pixels: inout [UInt8], using generator: inout SeededGenerator
  ) {
    let phase = generator.uniform()
    let contrast = 0.3 + 0.4 * generator.uniform()
    let middle = (
      x: blob.x + 0.2 * generator.uniform() - 0.1, y: blob.y + 0.2 * generator.uniform() - 0.1
    )
    let radius = 0.15 + 0.1 * generator.uniform()
    for channel in 0..<channels {
      for row in 0..<size {
        for column in 0..<size {
          let (x, y) = (Double(column) / Double(size), Double(row) / Double(size))
          let stripe = Self.wave((across.x * x + across.y * y) * frequency + phase)
          let (dx, dy) = ((x - middle.x) / radius, (y - middle.y) / radius)
          let fall = 1 / (1 + dx * dx + dy * dy)
          let noise = generator.uniform() - 0.5
          let value =
            0.5 + 0.5 * contrast * stripeColour[channel] * stripe
            + 0.45 * blobColour[channel] * fall * fall + 0.15 * noise
          pixels.append(UInt8(Swift.min(Swift.max(value, 0), 1) * 255))
        }
      }
    }
  }

  /// A smooth wave of period 1 between -1 and 1, of parabolas.
  private static func wave(_ position: Double) -> Double {
    let turn = position - position.rounded(.down)
    let half = turn < 0.5 ? turn * 2 : turn * 2 - 1
    return (turn < 0.5 ? 4 : -4) * half * (1 - half)
  }
}
