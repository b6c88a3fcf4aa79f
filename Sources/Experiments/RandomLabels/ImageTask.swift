public import Datasets
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

/// The images of a run as tensors on its device.
public struct ImageTask {
  /// (N, C, H, W), each channel with mean 0 and deviation 1 over the chosen images before they
  /// are averaged to a smaller size.
  public let images: Tensor
  /// The number of classes.
  public let classCount: Int
  /// Where the images came from.
  public let source: String

  /// The number of images.
  public var count: Int { images.shape[0] }
  /// Channels, height and width.
  public var imageShape: [Int] { Array(images.shape.dropFirst()) }

  /// Loads, chooses, averages and standardizes.
  ///
  /// - Parameter dtype: the images' element type, as the network wants it.
  /// - Throws: `DatasetError` naming the file or the request.
  public init(
    _ configuration: ImageTaskConfiguration, folder: DataFolder, dtype: DType = .float32,
    device: Device
  ) throws {
    var dataset = try Self.load(configuration, folder)
    if configuration.imageCount > 0, configuration.imageCount != dataset.count {
      dataset = try dataset.sampled(
        configuration.imageCount, seed: UInt64(bitPattern: Int64(configuration.subsetSeed)))
    }
    let size = configuration.size
    let floats = try dataset.floats(
      averagedTo: size > 0 ? (height: size, width: size) : nil,
      scaling: dataset.channelStatistics.scaling)
    let shape = floats.shape
    images = Tensor(
      floats.values, shape: [floats.count, shape.channels, shape.height, shape.width],
      device: device
    ).converted(to: dtype)
    classCount = dataset.classCount
    source = dataset.source
  }

  private static func load(
    _ configuration: ImageTaskConfiguration, _ folder: DataFolder
  ) throws -> ImageDataset {
    if configuration.source == .procedural {
      return try ProceduralImages().dataset(
        configuration.split,
        count: configuration.imageCount > 0 ? configuration.imageCount : 5_000)
    }
    return try DatasetRegistry.named(configuration.source.rawValue)
      .images(configuration.split, from: folder)
  }
}
