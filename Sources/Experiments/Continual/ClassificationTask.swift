public import Datasets
public import Torch

/// The examples of a run as tensors on its device, with their true classes.
public struct ClassificationTask {
  /// Images (N, C, H, W), each channel with mean 0 and deviation 1 over the chosen images before they are averaged to a
  /// smaller size; or int64 tokens (N, T).
  public var inputs: Tensor { data.training.inputs }
  /// The number of classes.
  public let classCount: Int
  /// The number of different tokens; `nil` for images.
  public let vocabulary: Int?
  /// The source of the examples.
  public let source: String
  /// The files of the examples, by the group of the run's manifest with their checksums, such as
  /// `cifar-10/data_batch_1.bin`; none for examples without files.
  let files: [String: DataFile]
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
  ///   - testCount: images of the test split to load, standardized like the others; 0 for none. For sums, all pairs
  ///     that are not trained on are test examples.
  ///   - dtype: the images' element type, as the network wants it.
  /// - Throws: `DatasetError` naming the file or the request.
  public init(
    _ configuration: TaskDataConfiguration, testCount: Int = 0, folder: DataFolder,
    dtype: DType = .float32, device: Device
  ) throws {
    switch configuration.examples {
    case .modularAddition(let sums):
      self = try Self.sums(sums.addition, seed: configuration.subsetSeed, device: device)
    case .cifar10(let images), .cifar100(let images), .mnist(let images), .procedural(let images):
      self = try Self.images(
        configuration, images, testCount: testCount, folder: folder, dtype: dtype, device: device)
    }
  }

  private init(
    classCount: Int, vocabulary: Int?, source: String, files: [String: DataFile] = [:],
    labels: [Int], testLabels: [Int], data: TaskData
  ) {
    self.classCount = classCount
    self.vocabulary = vocabulary
    self.source = source
    self.files = files
    self.labels = labels
    self.testLabels = testLabels
    self.data = data
  }

  private static func images(
    _ configuration: TaskDataConfiguration, _ images: TaskDataConfiguration.Images,
    testCount: Int, folder: DataFolder, dtype: DType, device: Device
  ) throws -> ClassificationTask {
    let dataset = try Self.load(configuration, images.split, count: images.imageCount, folder)
    let scaling = dataset.channelStatistics.scaling
    func examples(_ dataset: ImageDataset) throws -> LabelledExamples {
      let size = images.size
      try Self.refuseTooLarge(dataset, size)
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
      files: Self.files(dataset, test), labels: dataset.labels, testLabels: test?.labels ?? [],
      data: TaskData(training: try examples(dataset), test: try test.map(examples)))
  }

  private static func files(_ datasets: ImageDataset?...) -> [String: DataFile] {
    var files: [String: DataFile] = [:]
    for dataset in datasets.compactMap(\.self) {
      for file in dataset.files { files["\(dataset.name)/\(file.name)"] = file }
    }
    return files
  }

  /// The files that a run of these settings reads, by their groups; reads them.
  ///
  /// - Throws: `DatasetError` naming the file or the request.
  static func files(
    _ configuration: TaskDataConfiguration, testCount: Int, folder: DataFolder
  ) throws -> [String: DataFile] {
    guard let images = configuration.images, configuration.source != .procedural else {
      return [:]
    }
    return files(
      try load(configuration, images.split, count: 0, folder),
      try testCount > 0 ? load(configuration, .test, count: 0, folder) : nil)
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

  /// Refuses images that the memory cannot hold twice as numbers, while they are made and as a tensor.
  ///
  /// - Parameter size: the side that they are averaged to; 0 keeps their own.
  private static func refuseTooLarge(_ dataset: ImageDataset, _ size: Int) throws {
    let shape = dataset.shape
    let (height, width) = size > 0 ? (size, size) : (shape.height, shape.width)
    let bytes =
      Double(dataset.count) * Double(shape.channels) * Double(height) * Double(width) * 4
    let limit = MemoryLimit.current
    guard bytes * 2 <= limit.leftBytes else {
      throw DatasetError(
        .invalidRequest, path: dataset.source,
        expected: "images for half of what is left of \(limit.words), "
          + MemoryLimit.gigabytes(limit.leftBytes / 2),
        found: "\(dataset.count) images of \(height) x \(width) pixels, "
          + MemoryLimit.gigabytes(bytes),
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
