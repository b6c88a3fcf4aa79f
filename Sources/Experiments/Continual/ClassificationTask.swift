public import Datasets
import Foundation
public import Torch

/// Which images a run trains on.
public struct ImageTaskConfiguration: Codable, Hashable, Sendable {
  /// The source of the images.
  public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
    case cifar10 = "cifar-10"
    case cifar100 = "cifar-100"
    case mnist
    /// Built-in structured images; need no files.
    case procedural
  }

  /// The source of the images.
  public var source: Source
  /// Which part of the dataset.
  public var split: ImageDataset.Split
  /// The number of images; 0 takes all.
  public var imageCount: Int
  /// The side in pixels that images are area-averaged to; 0 keeps them as they are.
  public var size: Int
  /// Chooses the subset; the same images for every seed of a run, so that seeds differ in labels,
  /// weights and batches alone.
  public var subsetSeed: Int

  /// Images; see the properties.
  public init(
    source: Source = .cifar10, split: ImageDataset.Split = .train, imageCount: Int = 0,
    size: Int = 0, subsetSeed: Int = 0
  ) {
    self.source = source
    self.split = split
    self.imageCount = imageCount
    self.size = size
    self.subsetSeed = subsetSeed
  }
}

/// The images of a run as tensors on its device, with their true classes.
public struct ImageTask {
  /// (N, C, H, W), each channel with mean 0 and deviation 1 over the chosen images before they
  /// are averaged to a smaller size.
  public let images: Tensor
  /// The number of classes.
  public let classCount: Int
  /// Where the images came from.
  public let source: String
  /// The true class of each image.
  let labels: [Int]
  /// The true class of each test image; empty without a test set.
  let testLabels: [Int]
  /// Images and true classes, with the test set if one was asked for.
  let data: TaskData

  /// The number of images.
  public var count: Int { images.shape[0] }
  /// Channels, height and width.
  public var imageShape: [Int] { Array(images.shape.dropFirst()) }

  /// Loads, chooses, averages and standardizes.
  ///
  /// - Parameters:
  ///   - testCount: images of the test split to hold beside, standardized like the others; 0 for none.
  ///   - dtype: the images' element type, as the network wants it.
  /// - Throws: `DatasetError` naming the file or the request.
  public init(
    _ configuration: ImageTaskConfiguration, testCount: Int = 0, folder: DataFolder,
    dtype: DType = .float32, device: Device
  ) throws {
    let dataset = try Self.load(
      configuration, configuration.split, count: configuration.imageCount, folder)
    let scaling = dataset.channelStatistics.scaling
    func examples(_ dataset: ImageDataset) throws -> LabelledExamples {
      let size = configuration.size
      if size > 0 { try Self.refuseTooLarge(dataset, size) }
      let floats = try dataset.floats(
        averagedTo: size > 0 ? (height: size, width: size) : nil, scaling: scaling)
      let shape = floats.shape
      return LabelledExamples(
        inputs: Tensor(
          floats.values, shape: [floats.count, shape.channels, shape.height, shape.width],
          device: device
        ).converted(to: dtype),
        labels: Tensor(dataset.labels, device: device))
    }
    let test = try testCount > 0 ? Self.load(configuration, .test, count: testCount, folder) : nil
    data = TaskData(training: try examples(dataset), test: try test.map(examples))
    images = data.training.inputs
    labels = dataset.labels
    testLabels = test?.labels ?? []
    classCount = dataset.classCount
    source = dataset.source
  }

  /// A size that the machine's memory cannot hold is refused before it is tried.
  private static func refuseTooLarge(_ dataset: ImageDataset, _ size: Int) throws {
    let bytes =
      Double(dataset.count) * Double(dataset.shape.channels) * Double(size) * Double(size) * 4
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes * 2 <= memory else {
      func gigabytes(_ bytes: Double) -> String {
        (bytes / 1e9).formatted(.number.precision(.fractionLength(1)))
      }
      throw DatasetError(
        .invalidRequest, path: dataset.source,
        expected: "images for half of the memory, \(gigabytes(memory / 2)) GB",
        found: "\(dataset.count) images of \(size) x \(size) pixels, \(gigabytes(bytes)) GB",
        remedy: "lower data.size or data.imageCount")
    }
  }

  private static func load(
    _ configuration: ImageTaskConfiguration, _ split: ImageDataset.Split, count: Int,
    _ folder: DataFolder
  ) throws -> ImageDataset {
    let dataset =
      if configuration.source == .procedural {
        try ProceduralImages().dataset(split, count: count > 0 ? count : 5_000)
      } else {
        try DatasetRegistry.named(configuration.source.rawValue).images(split, from: folder)
      }
    guard count > 0, count != dataset.count else { return dataset }
    return try dataset.sampled(
      count, seed: UInt64(bitPattern: Int64(configuration.subsetSeed)))
  }
}
