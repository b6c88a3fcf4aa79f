import Testing

@testable import Datasets

@Suite struct CIFARTests {
  @Test("Records of CIFAR-10 become label and pixels in file order")
  func ten() throws {
    let folder = try TemporaryFolder()
    for file in 1...5 {
      try folder.write("data_batch_\(file).bin", cifarBytes([[UInt8(file)], [9]]))
    }
    try folder.write("test_batch.bin", cifarBytes([[0]]))
    let train = try CIFARFormat.cifar10.load(.train, fromFolder: folder.path)
    #expect(train.labels == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9])
    #expect(train.shape == ImageShape(channels: 3, height: 32, width: 32))
    #expect(Array(train.image(3)) == Array(cifarBytes([[1], [9]])[3074...]))
    #expect(train.classNames[9] == "truck")
    #expect(train.source == folder.path)
    #expect(try CIFARFormat.cifar10.load(.test, fromFolder: folder.path).labels == [0])
  }

  @Test("Records of CIFAR-100 have a coarse and a fine label")
  func hundred() throws {
    let folder = try TemporaryFolder()
    try folder.write("train.bin", cifarBytes([[19, 99], [4, 0]]))
    let fine = try CIFARFormat.cifar100.load(.train, fromFolder: folder.path)
    let coarse = try CIFARFormat.cifar100.load(.train, fromFolder: folder.path, label: .coarse)
    #expect(fine.labels == [99, 0])
    #expect(coarse.labels == [19, 4])
    #expect(fine.pixels == coarse.pixels)
    #expect(fine.classNames.count == 100)
    #expect(Set(fine.classNames).count == 100)
    #expect(fine.classNames == fine.classNames.sorted())
    #expect(coarse.classNames.count == 20)
    #expect(coarse.classNames[19] == "vehicles_2")
  }

  @Test("Truncated, empty and oversized files and wild labels are told apart, with their place")
  func damage() throws {
    let whole = cifarBytes([[1], [2]])
    func error(_ bytes: [UInt8]) throws -> DatasetError {
      try datasetError { _ = try CIFARFormat.cifar10.parse(bytes, path: "some/file.bin") }
    }
    #expect(try error([]).kind == .empty)
    #expect(try error(Array(whole.dropLast())).kind == .truncated)
    #expect(try error(whole + [0]).kind == .truncated)
    let large = [UInt8](repeating: 0, count: 10_001 * 3073)
    #expect(try error(large).kind == .oversized)
    #expect(try error(Array(large.prefix(10_000 * 3073 + 1))).kind == .oversized)
    var wild = whole
    wild[3073] = 10
    let label = try error(wild)
    #expect(label.kind == .labelOutOfRange)
    #expect(label.expected.contains("0..<10 at record 1, byte 3073"))
    #expect(label.found == "10")
    for error in [try error([]), label] {
      #expect(error.path == "some/file.bin")
      #expect(error.description.contains("nap data get cifar-10"))
    }
  }

  @Test("A missing folder names the command and NAP_DATA; a missing file is named")
  func missing() throws {
    let folder = try TemporaryFolder()
    let absent = folder.path + "/cifar-10-batches-bin"
    let error = try datasetError {
      _ = try CIFARFormat.cifar10.load(.train, fromFolder: absent)
    }
    #expect(error.kind == .missingFolder)
    #expect(error.path == absent)
    #expect(error.remedy.contains("nap data get cifar-10"))
    #expect(error.remedy.contains("NAP_DATA"))
    for file in [1, 2, 4, 5] { try folder.write("data_batch_\(file).bin", cifarBytes([[1]])) }
    let file = try datasetError {
      _ = try CIFARFormat.cifar10.load(.train, fromFolder: folder.path)
    }
    #expect(file.kind == .missingFile)
    #expect(file.path.hasSuffix("data_batch_3.bin"))
    try folder.write("data_batch_3.bin/inside", [1])
    let notFile = try datasetError {
      _ = try CIFARFormat.cifar10.load(.train, fromFolder: folder.path)
    }
    #expect(notFile.kind == .unreadable)
  }
}
