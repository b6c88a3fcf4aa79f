public import Datasets
import Foundation
public import Torch

/// The examples of a run as tensors on its device, with their true classes.
public struct ClassificationTask {
  /// Images (N, C, H, W), each channel with mean 0 and deviation 1 over the chosen images before they
  /// are averaged to a smaller size; or int64 tokens (N, T).
  public var inputs: Tensor { data.training.inputs }
  /// The number of classes.
  public let classCount: Int
  /// The number of different tokens; `nil` for images.
  public let vocabulary: Int?
  /// Where the examples came from.
  public let source: String
  /// The true class of each example.
  let labels: [Int]
  /// The true class of each test example; empty without a test set.
  let testLabels: [Int]
  /// Examples and true classes, with the test set if one was asked for.
  let data: TaskData

  /// The number of examples.
  public var count: Int { inputs.shape[0] }
  /// Channels, height and width, or the number of tokens.
  public var inputShape: [Int] { Array(inputs.shape.dropFirst()) }

  /// Loads and chooses; averages and standardizes images.
  ///
  /// - Parameters:
  ///   - testCount: images of the test split to hold beside, standardized like the others; 0 for none. Of
  ///     sums every pair that is not trained on is held beside, whatever the number.
  ///   - dtype: the images' element type, as the network wants it.
  /// - Throws: `DatasetError` naming the file or the request.
  public init(
    _ configuration: TaskDataConfiguration, testCount: Int = 0, folder: DataFolder,
    dtype: DType = .float32, device: Device
  ) throws {
    self =
      try configuration.source.isTokens
      ? Self.sums(configuration.addition, seed: configuration.subsetSeed, device: device)
      : Self.images(
        configuration, testCount: testCount, folder: folder, dtype: dtype, device: device)
  }

  private init(
    classCount: Int, vocabulary: Int?, source: String, labels: [Int], testLabels: [Int],
    data: TaskData
  ) {
    self.classCount = classCount
    self.vocabulary = vocabulary
    self.source = source
    self.labels = labels
    self.testLabels = testLabels
    self.data = data
  }

  private static func images(
    _ configuration: TaskDataConfiguration, testCount: Int, folder: DataFolder, dtype: DType,
    device: Device
  ) throws -> ClassificationTask {
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
    return ClassificationTask(
      classCount: dataset.classCount, vocabulary: nil, source: dataset.source,
      labels: dataset.labels, testLabels: test?.labels ?? [],
      data: TaskData(training: try examples(dataset), test: try test.map(examples)))
  }

  private static func sums(
    _ configuration: ModularAdditionConfiguration, seed: Int, device: Device
  ) throws(DatasetError) -> ClassificationTask {
    let addition = try configuration.sums()
    let (training, test) = addition.split(seed: UInt64(bitPattern: Int64(seed)))
    func examples(_ examples: ModularAddition.Examples) -> LabelledExamples {
      LabelledExamples(
        inputs: Tensor(
          examples.tokens, shape: [examples.sums.count, addition.length], device: device),
        labels: Tensor(examples.sums, device: device))
    }
    return ClassificationTask(
      classCount: addition.modulus, vocabulary: addition.vocabulary,
      source: "sums modulo \(addition.modulus)", labels: training.sums, testLabels: test.sums,
      data: TaskData(training: examples(training), test: examples(test)))
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
    _ configuration: TaskDataConfiguration, _ split: ImageDataset.Split, count: Int,
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
