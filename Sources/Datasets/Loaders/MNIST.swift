import Foundation

/// MNIST and whatever lies in the same files: images and labels in two IDX arrays.
public struct MNISTFormat: Hashable, Sendable {
  /// The registry's name.
  public let name: String
  /// What the classes are called.
  public let classNames: [String]

  /// The ten digits.
  public static let mnist = MNISTFormat(name: "mnist", classNames: (0...9).map { "\($0)" })

  /// Describes a dataset in MNIST's files.
  public init(name: String, classNames: [String]) {
    self.name = name
    self.classNames = classNames
  }

  /// The names under which a split's images (`isImages`) or labels may lie, the preferred one first:
  /// with `-` or `.` before `idx`, compressed or not.
  public func fileNames(_ split: ImageDataset.Split, isImages: Bool) -> [String] {
    let stem = (split == .train ? "train" : "t10k") + (isImages ? "-images" : "-labels")
    let ending = isImages ? "idx3-ubyte" : "idx1-ubyte"
    return [".gz", ""].flatMap { ["\(stem)-\(ending)\($0)", "\(stem).\(ending)\($0)"] }
  }

  /// Reads a split from the folder that holds its files.
  ///
  /// - Throws: `DatasetError` for a missing folder or file, a damaged one, arrays that do not belong together, or a
  ///   label out of range.
  public func load(_ split: ImageDataset.Split, fromFolder folder: String) throws -> ImageDataset {
    try DataFolder.requireFolder(folder, dataset: name)
    let imagePath = try find(fileNames(split, isImages: true), in: folder)
    let labelPath = try find(fileNames(split, isImages: false), in: folder)
    return try combine(
      images: IDXArray(path: imagePath), path: imagePath,
      labels: IDXArray(path: labelPath), path: labelPath, source: folder)
  }

  /// The first of these files that exists.
  func find(_ names: [String], in folder: String) throws -> String {
    for name in names where FileManager.default.fileExists(atPath: folder + "/" + name) {
      return folder + "/" + name
    }
    throw DatasetError(
      .missingFile, path: folder + "/" + names[0],
      expected: "this file, or one named \(names.dropFirst().joined(separator: ", "))",
      found: "none of them",
      remedy: "run `nap data get \(name)`, or set NAP_DATA to where the folder lies")
  }

  /// Makes a dataset of two arrays.
  private func combine(
    images: IDXArray, path imagePath: String, labels labelArray: IDXArray, path labelPath: String,
    source: String
  ) throws -> ImageDataset {
    let (shape, count) = try checkedImages(images, path: imagePath)
    let labels = try checkedLabels(labelArray, path: labelPath)
    guard labels.count == count else {
      throw DatasetError(
        .malformed, path: labelPath, expected: "\(count) labels, one for each image",
        found: "\(labels.count)", remedy: Remedy.fetchAgain)
    }
    return try ImageDataset(
      name: name, source: source, shape: shape, pixels: images.bytes, labels: labels,
      classNames: classNames,
      files: [
        DataFile(path: imagePath, bytes: images.bytes),
        DataFile(path: labelPath, bytes: labelArray.bytes),
      ])
  }

  /// The size and number of images in an array.
  func checkedImages(_ array: IDXArray, path: String) throws -> (shape: ImageShape, count: Int) {
    let sizes = array.dimensions
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else {
      throw DatasetError(
        .malformed, path: path, expected: "images: three dimensions, each above 0",
        found: "dimensions \(sizes)", remedy: Remedy.fetchAgain)
    }
    return (ImageShape(channels: 1, height: sizes[1], width: sizes[2]), sizes[0])
  }

  /// The labels in an array, each of which names a class.
  func checkedLabels(_ array: IDXArray, path: String) throws -> [Int] {
    guard array.dimensions.count == 1 else {
      throw DatasetError(
        .malformed, path: path, expected: "labels: one dimension",
        found: "dimensions \(array.dimensions)", remedy: Remedy.fetchAgain)
    }
    if let record = array.bytes.firstIndex(where: { $0 >= classNames.count }) {
      throw DatasetError(
        .labelOutOfRange, path: path,
        expected: "a label in 0..<\(classNames.count) at record \(record)",
        found: "\(array.bytes[record])", remedy: Remedy.fetchAgain)
    }
    return array.bytes.map(Int.init)
  }
}
