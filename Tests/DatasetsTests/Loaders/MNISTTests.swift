import Testing

@testable import Datasets

@Suite struct MNISTTests {
  private let images = idxBytes([2, 3, 2], (0..<12).map { UInt8($0) })
  private let labels = idxBytes([2], [7, 0])

  @Test(
    "Files are found under each of their names",
    arguments: ["-idx", ".idx"], ["", ".gz"])
  func names(separator: String, ending: String) throws {
    let folder = try TemporaryFolder()
    for stem in ["train", "t10k"] {
      try folder.write(
        "\(stem)-images\(separator)3-ubyte\(ending)", ending.isEmpty ? images : gzipped(images))
      try folder.write(
        "\(stem)-labels\(separator)1-ubyte\(ending)", ending.isEmpty ? labels : gzipped(labels))
    }
    for split in ImageDataset.Split.allCases {
      let dataset = try MNISTFormat.mnist.load(split, fromFolder: folder.path)
      #expect(dataset.shape == ImageShape(channels: 1, height: 3, width: 2))
      #expect(dataset.labels == [7, 0])
      #expect(dataset.pixels == (0..<12).map { UInt8($0) })
    }
  }

  @Test("A missing folder or file names the command; files that do not fit together are refused")
  func damage() throws {
    let folder = try TemporaryFolder()
    func error() throws -> DatasetError {
      try datasetError { _ = try MNISTFormat.mnist.load(.test, fromFolder: folder.path) }
    }
    #expect(
      try datasetError {
        _ = try MNISTFormat.mnist.load(.test, fromFolder: folder.path + "/mnist")
      }.kind == .missingFolder)
    #expect(try error().kind == .missingFile)
    #expect(try error().remedy.contains("nap data get mnist"))
    try folder.write("t10k-images-idx3-ubyte", images)
    #expect(try error().path.contains("t10k-labels"))
    for (bytes, kind) in [
      (idxBytes([3], [1, 2, 3]), .malformed), (idxBytes([2, 1], [1, 2]), .malformed),
      (idxBytes([2], [1, 10]), .labelOutOfRange),
    ] as [([UInt8], DatasetError.Kind)] {
      try folder.write("t10k-labels-idx1-ubyte", bytes)
      #expect(try error().kind == kind)
      #expect(try error().path.contains("t10k-labels-idx1-ubyte"))
    }
    try folder.write("t10k-labels-idx1-ubyte", labels)
    for dimensions in [[12], [2, 6], [12, 0, 4]] {
      let count = dimensions.reduce(1, *)
      try folder.write(
        "t10k-images-idx3-ubyte", idxBytes(dimensions, [UInt8](repeating: 0, count: count)))
      #expect(try error().kind == .malformed)
    }
  }
}
