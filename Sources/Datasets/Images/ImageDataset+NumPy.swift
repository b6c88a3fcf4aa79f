import Foundation
import Torch

extension ImageDataset {
  /// Writes the images and labels for NumPy: `PREFIX-images.npy`, uint8 (N, C, H, W), and `PREFIX-labels.npy`, int64
  /// (N).
  ///
  ///     images = numpy.load("cifar-10-train-images.npy", mmap_mode="r")
  ///
  /// Source: NumPy's format 1.0. Cost: one pass over the pixels.
  /// - Returns: the two paths.
  /// - Throws: `DurableFileError` for a folder that cannot be written; an older file is then untouched.
  public func writeArrays(prefix: String) throws -> [String] {
    let sizes = [shape.channels, shape.height, shape.width]
    let numbers = labels.map { Int64($0).littleEndian }
    return [
      try Self.write(pixels, "|u1", [count] + sizes, to: prefix + "-images.npy"),
      try Self.write(numbers, "<i8", [count], to: prefix + "-labels.npy"),
    ]
  }

  private static func write<Element>(
    _ values: [Element], _ type: String, _ shape: [Int], to path: String
  ) throws -> String {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let facts = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Numbers begin at a multiple of 64 bytes: before them are the magic bytes, the version and the length of the rest.
    let length = (facts.utf8.count + 1 + 10 + 63) / 64 * 64 - 10
    let padding = [UInt8](repeating: 0x20, count: length - facts.utf8.count - 1)
    let header =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
      + Array(facts.utf8) + padding + [0x0a]
    try DurableFile.write(to: URL(filePath: path)) { file in
      try file.append(header)
      try values.withUnsafeBytes { try file.append($0) }
    }
    return path
  }
}
