package import Torch

/// Images of class folders, decoded as they are asked for; standardized by ImageNet's usual numbers.
///
/// Nothing is kept of an image but its path. Cost of a batch: its decoding, on the calling thread.
package struct FolderImages: ImageBatches {
  private let training: ClassFolders
  private let test: ClassFolders
  private let views: ImageViews
  private let (factors_3, offsets_3): ([Double], [Double])
  private let device: Device

  package var shape: ImageShape { ImageShape(channels: 3, height: views.side, width: views.side) }
  package var classCount: Int { training.classNames.count }
  package var trainingCount: Int { training.paths.count }
  package var testCount: Int { test.paths.count }
  package let files: [String: DataFile]

  /// Mean and deviation of the red, green and blue of ImageNet's training images, in 0...1, as torchvision has them.
  package static let scaling = PixelScaling.channels(
    mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// Lists both folders; reads no image.
  ///
  /// - Throws: `DatasetError` as ``ClassFolders`` does.
  package init(training: String, test: String, views: ImageViews, device: Device) throws {
    self.training = try ClassFolders(path: training)
    self.test = try ClassFolders(path: test, classNames: self.training.classNames)
    self.views = views
    self.device = device
    (factors_3, offsets_3) = try Self.scaling.coefficients(channels: 3)
    files = ["training": self.training.listing, "test": self.test.listing]
  }

  package func trainingBatch(_ indices: [Int], draws: SeededGenerator) throws -> Examples {
    var draws = draws
    return try examples(training, indices) { views.random($0, &draws) }
  }

  package func testBatch(_ range: Range<Int>) throws -> Examples {
    try examples(test, Array(range)) { views.middle($0) }
  }

  private func examples(
    _ folders: ClassFolders, _ indices: [Int], _ view: (RGBImage) -> RGBImage
  ) throws -> Examples {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(indices.count * shape.elementCount)
    for index in indices { bytes += view(try RGBImage(jpegAt: folders.paths[index])).pixels }
    let images_BHW3 = bytes.withUnsafeBytes {
      Tensor(
        bytes: $0, shape: [indices.count, views.side, views.side, 3], dtype: .uint8)
    }.moved(to: device).converted(to: .float32)
    func row(_ values: [Double]) -> Tensor { Tensor(values, dtype: .float32, device: device) }
    return (
      (images_BHW3 * row(factors_3) + row(offsets_3)).permuted(to: [0, 3, 1, 2]).contiguous(),
      Tensor(indices.map { folders.labels[$0] }, device: device)
    )
  }
}
