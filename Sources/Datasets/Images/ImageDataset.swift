import Torch

/// Labelled images in memory: bytes in the order (image, channel, row, column), and one class an image.
public struct ImageDataset: Hashable, Sendable {
  /// The part of a dataset that is asked for.
  public enum Split: String, Codable, Hashable, Sendable, CaseIterable {
    /// For training.
    case train
    /// For testing.
    case test
  }

  /// The registry's name, such as `cifar-10`.
  public let name: String
  /// Where the images came from: a folder, or a sentence about how they were made.
  public let source: String
  /// The size of each image.
  public let shape: ImageShape
  /// All pixels, 0...255; `count * shape.elementCount` of them.
  public let pixels: [UInt8]
  /// A class for each image, in 0 ..< `classNames.count`.
  public let labels: [Int]
  /// What the classes are called.
  public let classNames: [String]
  /// The files that the images were read from, those that a subset was chosen from; empty for images that were made.
  public let files: [DataFile]

  /// Puts images together.
  ///
  /// - Throws: `DatasetError` if the pixels are not `labels.count` images (`truncated`, `oversized`) or a
  ///   label names no class (`labelOutOfRange`).
  public init(
    name: String, source: String, shape: ImageShape, pixels: [UInt8], labels: [Int],
    classNames: [String], files: [DataFile] = []
  ) throws {
    let expected = labels.count * shape.elementCount
    guard pixels.count == expected else {
      throw DatasetError(
        pixels.count < expected ? .truncated : .oversized, path: source,
        expected: "\(labels.count) images of \(shape), \(expected) bytes",
        found: "\(pixels.count) bytes", remedy: "give one label an image")
    }
    if let record = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw DatasetError(
        .labelOutOfRange, path: source,
        expected: "a label in 0..<\(classNames.count) at record \(record)",
        found: "\(labels[record])", remedy: Remedy.fetchAgain)
    }
    self.name = name
    self.source = source
    self.shape = shape
    self.pixels = pixels
    self.labels = labels
    self.classNames = classNames
    self.files = files
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// The number of classes.
  public var classCount: Int { classNames.count }

  /// How many images each class has, by class.
  public var labelHistogram: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[$1] += 1 }
  }

  /// The pixels of one image. - Precondition: `index` is in 0 ..< `count`.
  public func image(_ index: Int) -> ArraySlice<UInt8> {
    precondition(
      labels.indices.contains(index), "ImageDataset.image: no image \(index) among \(count)")
    return pixels[index * shape.elementCount..<(index + 1) * shape.elementCount]
  }
}

extension ImageDataset {
  /// The images at `indices`, in that order.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) for an index that is not there.
  public func selecting(_ indices: [Int]) throws -> ImageDataset {
    if let stray = indices.first(where: { !labels.indices.contains($0) }) {
      throw refusal("indices in 0..<\(count)", "\(stray)")
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(indices.count * shape.elementCount)
    for index in indices { pixels.append(contentsOf: image(index)) }
    return try ImageDataset(
      name: name, source: source, shape: shape, pixels: pixels,
      labels: indices.map { labels[$0] }, classNames: classNames, files: files)
  }

  /// Two parts of the images, in an order drawn by the seed: to train on, and to validate.
  ///
  /// - Parameter fraction: of the images, for the first part.
  /// - Throws: `DatasetError` (`invalidRequest`) where a part would be empty.
  public func shuffledParts(_ fraction: Double, seed: UInt64) throws -> (
    first: ImageDataset, second: ImageDataset
  ) {
    guard fraction > 0, fraction < 1, case let size = Int(Double(count) * fraction),
      (1..<count).contains(size)
    else { throw refusal("a fraction that leaves images in both parts", "\(fraction)") }
    var generator = SeededGenerator(seed: seed).split("split")
    let order = generator.permutation(of: count)
    return (try selecting(Array(order[..<size])), try selecting(Array(order[size...])))
  }

  /// The first `count` images.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if there are fewer, or `count` is below 1.
  public func first(_ count: Int) throws -> ImageDataset {
    try checkSubset(count)
    return try selecting(Array(0..<count))
  }

  /// `count` different images drawn by the seed, in the order drawn.
  ///
  /// - Throws: `DatasetError` (`invalidRequest`) if there are fewer, or `count` is below 1.
  public func sampled(_ count: Int, seed: UInt64) throws -> ImageDataset {
    try checkSubset(count)
    var generator = SeededGenerator(seed: seed).split("subset")
    return try selecting(Array(generator.permutation(of: self.count).prefix(count)))
  }

  /// The same images with other labels, such as randomly drawn ones.
  ///
  /// - Throws: `DatasetError` if the labels do not fit, as `init` does.
  public func relabelled(_ labels: [Int]) throws -> ImageDataset {
    try ImageDataset(
      name: name, source: source, shape: shape, pixels: pixels, labels: labels,
      classNames: classNames, files: files)
  }

  private func checkSubset(_ count: Int) throws {
    guard (1...max(self.count, 1)).contains(count), self.count > 0 else {
      throw refusal("a subset of 1 to \(self.count) images", "\(count)")
    }
  }

  private func refusal(_ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .invalidRequest, path: source, expected: expected, found: found,
      remedy: "ask for at most \(count) images, or use a larger dataset")
  }
}
