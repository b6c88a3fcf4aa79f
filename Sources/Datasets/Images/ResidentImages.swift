package import Torch

/// Two splits that lie whole on the device, as bytes; batches are standardized by the channels of the training split.
///
/// Memory on the device: one byte a pixel value.
package struct ResidentImages: ImageBatches {
  package let shape: ImageShape
  package let classCount: Int
  package let files: [String: DataFile]
  private let augmentation: CropAndFlip?
  private let training: (images: Tensor, labels: Tensor)
  private let test: (images: Tensor, labels: Tensor)
  private let (factors_1C11, offsets_1C11): (Tensor, Tensor)

  package var trainingCount: Int { training.images.shape[0] }
  package var testCount: Int { test.images.shape[0] }

  /// Copies both splits to the device.
  ///
  /// - Parameter augmentation: `nil` for images as they are.
  /// - Throws: `DatasetError` (`invalidRequest`) for splits that differ in shape or classes, and for a margin that is
  ///   not below the sides.
  package init(
    _ training: ImageDataset, test: ImageDataset, augmentation: CropAndFlip?, device: Device
  ) throws {
    let shape = training.shape
    func require(_ holds: Bool, _ expected: String, _ found: String, _ remedy: String) throws {
      guard !holds else { return }
      throw DatasetError(
        .invalidRequest, path: training.source, expected: expected, found: found, remedy: remedy)
    }
    try require(
      test.shape == shape && test.classNames == training.classNames,
      "a test split of \(shape) in the same \(training.classCount) classes",
      "\(test.shape) in \(test.classCount)", "take both splits from one dataset")
    let margin = augmentation?.margin ?? 0
    try require(
      (0..<min(shape.height, shape.width)).contains(margin),
      "a margin below the sides \(shape.height) and \(shape.width)", "\(margin)",
      "lower data.margin")
    self.shape = shape
    self.augmentation = augmentation
    classCount = training.classCount
    files = Dictionary(
      (training.files + test.files).map { ("\(training.name)/\($0.name)", $0) },
      uniquingKeysWith: { first, _ in first })
    func resident(_ split: ImageDataset) -> (images: Tensor, labels: Tensor) {
      let images = split.pixels.withUnsafeBytes {
        Tensor(
          bytes: $0, shape: [split.count, shape.channels, shape.height, shape.width], dtype: .uint8)
      }
      return (images.moved(to: device), Tensor(split.labels, device: device))
    }
    (self.training, self.test) = (resident(training), resident(test))
    let (factors, offsets) = try training.channelStatistics.scaling.coefficients(
      channels: shape.channels)
    func row(_ values: [Double]) -> Tensor {
      Tensor(values, shape: [1, shape.channels, 1, 1], dtype: .float32, device: device)
    }
    (factors_1C11, offsets_1C11) = (row(factors), row(offsets))
  }

  private func standardized(_ bytes_BCHW: Tensor) -> Tensor {
    bytes_BCHW.converted(to: .float32) * factors_1C11 + offsets_1C11
  }

  package func training(
    batchSize: Int, draws: SeededGenerator, share: ProcessShare
  ) throws -> Source {
    let plan = try BatchPlan(exampleCount: trainingCount, batchSize: batchSize, dropsLast: true)
    let sampler = BatchSampler(plan, generator: draws.split("batches"), share: share)
    return ExampleBatches(sampler) { batch in
      let indices_B = Tensor(batch.indices, device: training.images.device)
      let images_BCHW = standardized(training.images.selected(axis: 0, indices: indices_B))
      // Views are those of the whole batch, whatever part of it this is.
      let views = augmentation?.views(
        batch.whole.count, draws.split("update-\(batch.number)").split("views"))
      return (
        augmentation.flatMap { crop in
          views.map { crop.apply(images_BCHW, Array($0[batch.part])) }
        } ?? images_BCHW, training.labels.selected(axis: 0, indices: indices_B)
      )
    }
  }

  package func test(batchSize: Int, batches: Int) throws -> Source {
    ExampleBatches(BatchSampler(try testPlan(batchSize), seed: 0)) { batch in
      (standardized(test.images[batch.places]), test.labels[batch.places])
    }
  }
}
