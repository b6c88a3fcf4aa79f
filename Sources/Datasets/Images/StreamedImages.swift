import CImages
package import Torch

/// Images of class folders or tar shards, decoded on threads ahead of their use; standardized by ImageNet's usual
/// numbers.
///
/// Order and views follow from the seed and an image's place in its epoch, so they are the same for any number of
/// threads and processes. Memory: three bytes a pixel of the batches ahead and of one at work, and what one image takes
/// for each thread.
package struct StreamedImages: ImageBatches {
  private let training: any EncodedImages
  private let test: any EncodedImages
  private let views: ImageViews
  private let pipeline: ImagePipeline.Settings
  private let (factors_3, offsets_3): ([Double], [Double])
  private let device: Device

  package var shape: ImageShape { ImageShape(channels: 3, height: views.side, width: views.side) }
  package var classCount: Int { training.classCount }
  package var trainingCount: Int { training.count }
  package var testCount: Int { test.count }
  package let files: [String: DataFile]

  /// Mean and deviation of the red, green and blue of ImageNet's training images, in 0...1, as torchvision has them.
  package static let scaling = PixelScaling.channels(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// Lists both splits; reads no image.
  ///
  /// - Parameters:
  ///   - training, test: folders of class folders, or tar shards; see ``ImageShards``.
  ///   - classCount: the classes there must be; 0 for those that are found.
  /// - Throws: `DatasetError` as ``ClassFolders`` and ``ImageShards`` do, and for splits whose classes differ.
  package init(
    training: String, test: String, classCount: Int = 0, views: ImageViews,
    pipeline: ImagePipeline.Settings = .init(), device: Device
  ) throws {
    if ImageShards.isPattern(training) {
      self.training = try ImageShards(training, classCount: classCount)
    } else {
      self.training = try ClassFolders(path: training)
    }
    if ImageShards.isPattern(test) {
      self.test = try ImageShards(test, classCount: self.training.classCount)
    } else {
      self.test = try ClassFolders(
        path: test,
        classNames: (self.training as? ClassFolders)?.classNames
          ?? (self.training as? ImageShards)?.classNames)
    }
    for (split, path) in [(self.training, training), (self.test, test)] {
      let expected = classCount > 0 ? classCount : self.training.classCount
      guard split.classCount == expected else {
        throw DatasetError(
          .invalidRequest, path: path, expected: "\(expected) classes",
          found: "\(split.classCount)",
          remedy: "set data.classCount to the number of classes, or 0")
      }
    }
    (self.views, self.pipeline, self.device) = (views, pipeline, device)
    (factors_3, offsets_3) = try Self.scaling.coefficients(channels: 3)
    files = ["training": self.training.listing, "test": self.test.listing]
  }

  package func training(
    batchSize: Int, draws: SeededGenerator, share: ProcessShare
  ) throws -> Source {
    let plan = try BatchPlan(
      exampleCount: training.count, batchSize: batchSize, order: .bijection, dropsLast: true,
      blocks: training.blocks)
    let (views, draws) = (views, draws)
    return source(
      training, BatchSampler(plan, generator: draws.split("batches"), share: share), batches: .max
    ) { image, epoch, place in
      var own = draws.split("views").split("epoch-\(epoch)").split("place-\(place)")
      return try views.random(image, &own)
    }
  }

  package func test(batchSize: Int, batches: Int) throws -> Source {
    let views = views
    return source(test, BatchSampler(try testPlan(batchSize), seed: 0), batches: batches) {
      image, _, _ in
      views.middle(try image.decoded())
    }
  }

  private func source(
    _ images: any EncodedImages, _ sampler: BatchSampler, batches: Int,
    _ view: @escaping @Sendable (EncodedImage, _ epoch: Int, _ place: Int) throws -> RGBImage
  ) -> Source {
    let (side, size, device) = (views.side, shape.elementCount, device)
    let (factors_3, offsets_3) = (factors_3.map(Float.init), offsets_3.map(Float.init))
    return PreparedBatches(
      sampler, ImagePipeline(images, pipeline, byteCount: size, batches: batches, view)
    ) { bytes, labels in
      // What was left out has no class.
      let kept = labels.indices.filter { labels[$0] != nil }
      let rows = kept.map { UnsafeRawBufferPointer(rebasing: bytes[$0 * size..<($0 + 1) * size]) }
      let classes_B = Tensor(kept.compactMap { labels[$0] }, device: device)
      if device == .cpu {
        return (Self.standardized(rows, side: side, factors_3, offsets_3), classes_B)
      }
      let kept_BHW3 = Tensor(shape: [kept.count, side, side, 3], dtype: .uint8, device: device) {
        for (place, row) in rows.enumerated() {
          UnsafeMutableRawBufferPointer(rebasing: $0[(place * size)...]).copyMemory(from: row)
        }
      }
      return (Self.standardized(kept_BHW3, factors_3, offsets_3), classes_B)
    }
  }

  /// Images of bytes with channels in front, each number times its channel's factor and its offset added; one pass on
  /// the CPU.
  static func standardized(
    _ rows: [UnsafeRawBufferPointer], side: Int, _ factors_3: [Float], _ offsets_3: [Float]
  ) -> Tensor {
    Tensor(shape: [rows.count, 3, side, side], dtype: .float32) { bytes in
      let planes = bytes.bindMemory(to: Float.self).baseAddress
      for (place, row) in rows.enumerated() {
        nap_standardize(
          row.bindMemory(to: UInt8.self).baseAddress, side * side, factors_3, offsets_3,
          planes.map { $0 + place * row.count })
      }
    }
  }

  /// The same to the bit by operators, on any device.
  static func standardized(
    _ bytes_BHW3: Tensor, _ factors_3: [Float], _ offsets_3: [Float]
  ) -> Tensor {
    func row(_ values: [Float]) -> Tensor {
      Tensor(values, shape: [1, 3, 1, 1], device: bytes_BHW3.device)
    }
    // Bytes are put in order before they are four times as many.
    return bytes_BHW3.permuted(to: [0, 3, 1, 2]).contiguous().converted(to: .float32)
      * row(factors_3) + row(offsets_3)
  }
}

/// Batches of a sampler that a pipeline has ready.
private struct PreparedBatches: BatchSource {
  private var sampler: BatchSampler
  private let pipeline: ImagePipeline
  private let examples: (UnsafeRawBufferPointer, [Int?]) -> ImageBatches.Examples

  init(
    _ sampler: BatchSampler, _ pipeline: ImagePipeline,
    _ examples: @escaping (UnsafeRawBufferPointer, [Int?]) -> ImageBatches.Examples
  ) {
    (self.sampler, self.pipeline, self.examples) = (sampler, pipeline, examples)
  }

  var position: BatchPosition { sampler.position }
  var share: ProcessShare { sampler.share }

  mutating func nextBatch() throws -> ImageBatches.Examples {
    let result = try pipeline.take(sampler, examples)
    _ = sampler.nextBatch()
    return result
  }

  mutating func seek(_ position: BatchPosition) throws { try sampler.seek(position) }
}
