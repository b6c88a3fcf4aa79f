import TestSupport
import Testing
import Torch

@testable import Datasets

@Suite struct ImageDatasetTests {
  private func dataset(_ count: Int = 6) throws -> ImageDataset {
    try ImageDataset(
      name: "small", source: "a test", shape: ImageShape(channels: 2, height: 1, width: 2),
      pixels: (0..<count * 4).map { UInt8($0) }, labels: (0..<count).map { $0 % 3 },
      classNames: ["a", "b", "c"])
  }

  @Test("Images are found at their place, and classes are counted")
  func access() throws {
    let dataset = try dataset(5)
    #expect(dataset.count == 5)
    #expect(dataset.classCount == 3)
    #expect(dataset.labelHistogram == [2, 2, 1])
    #expect(Array(dataset.image(2)) == [8, 9, 10, 11])
  }

  @Test("Pixels that are not one image a label, or labels without a class, are refused")
  func refusals() throws {
    func make(_ pixels: Int, _ labels: [Int]) throws -> DatasetError.Kind {
      try datasetError {
        _ = try ImageDataset(
          name: "x", source: "x", shape: ImageShape(channels: 1, height: 2, width: 2),
          pixels: [UInt8](repeating: 0, count: pixels), labels: labels, classNames: ["a", "b"])
      }.kind
    }
    #expect(try make(7, [0, 1]) == .truncated)
    #expect(try make(9, [0, 1]) == .oversized)
    #expect(try make(8, [0, 2]) == .labelOutOfRange)
    #expect(try make(8, [-1, 1]) == .labelOutOfRange)
  }

  @Test("The first images keep their order; sampled ones differ by seed and never repeat")
  func subsets() throws {
    let dataset = try dataset(60)
    let first = try dataset.first(3)
    #expect(first.labels == [0, 1, 2])
    #expect(first.pixels == Array(0..<12))
    let sampled = try dataset.sampled(20, seed: 4)
    #expect(sampled.count == 20)
    #expect(Set((0..<20).map { Array(sampled.image($0)) }).count == 20)
    #expect(try dataset.sampled(20, seed: 4) == sampled)
    #expect(try dataset.sampled(20, seed: 5) != sampled)
    // The label belongs to the image: pixel 0 of image i is 4 i, its label i mod 3.
    for index in 0..<20 {
      #expect(Int(sampled.image(index).first ?? 255) / 4 % 3 == sampled.labels[index])
    }
    for count in [0, -1, 61] {
      #expect(try datasetError { _ = try dataset.first(count) }.kind == .invalidRequest)
      #expect(try datasetError { _ = try dataset.sampled(count, seed: 0) }.kind == .invalidRequest)
    }
    #expect(try datasetError { _ = try dataset.selecting([60]) }.kind == .invalidRequest)
  }

  @Test("Relabelling keeps the pixels and checks the labels")
  func relabelling() throws {
    let dataset = try dataset(3)
    let other = try dataset.relabelled([2, 2, 0])
    #expect(other.labels == [2, 2, 0])
    #expect(other.pixels == dataset.pixels)
    #expect(try datasetError { _ = try dataset.relabelled([3, 0, 0]) }.kind == .labelOutOfRange)
    #expect(try datasetError { _ = try dataset.relabelled([0]) }.kind == .oversized)
  }

  @Test("NumPy loads the images and labels that are written for it")
  func arrays() throws {
    let folder = try TemporaryFolder()
    let images = try ProceduralImages().dataset(.test, count: 7)
    let paths = try images.writeArrays(prefix: folder.path + "/made")
    #expect(paths == ["images", "labels"].map { folder.path + "/made-\($0).npy" })
    let script = """
      import sys, numpy as np
      images, labels = (np.load(path, mmap_mode="r") for path in sys.argv[1:])
      print(images.dtype, *images.shape, labels.dtype, *labels.shape, images.offset % 64)
      print(*labels)
      print(images.tobytes().hex())
      """
    let lines = try Python.run(script, paths).split(separator: "\n")
    #expect(lines.first == "uint8 7 3 32 32 int64 7 0")
    #expect(lines[1] == images.labels.map(String.init).joined(separator: " "))
    let hexadecimal = images.pixels.map { String(Int($0) | 0x100, radix: 16).dropFirst() }
    #expect(lines[2] == hexadecimal.joined())
    #expect(throws: DurableFileError.self) { try images.writeArrays(prefix: "/nowhere/at/all") }
  }
}
