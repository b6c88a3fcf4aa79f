import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

/// Class folders of small images that differ, and shards of them.
struct ImageFixture {
  let folder: TemporaryFolder
  var classes: String { folder.path + "/classes" }
  var shards: String { folder.path + "/shards" }
  static let views = ImageViews(side: 8, resizedSide: 10)

  init(_ count: Int = 23) throws {
    folder = try TemporaryFolder()
    for index in 0..<count {
      try folder.write("classes/n\(index % 3)/image-\(index).JPEG", Self.jpeg(index))
    }
  }

  static func jpeg(_ index: Int) throws -> [UInt8] {
    let (width, height) = (20 + index % 5, 18 + index % 7)
    let pixels = (0..<3 * width * height).map {
      UInt8(truncatingIfNeeded: $0 / 3 * (3 + index % 11) + index * 9)
    }
    return try RGBImage(width: width, height: height, pixels: pixels).jpeg(
      quality: 90, path: "made")
  }

  @discardableResult
  func pack(
    _ change: (inout ImagePacker.Settings) -> Void = { _ in }, corrupt: CorruptImages = .fatal
  ) throws -> [String] {
    var settings = ImagePacker.Settings()
    settings.shardSize = 5
    change(&settings)
    return try ImagePacker(classes, to: shards, settings)
      .pack(workers: 3, corrupt: corrupt) { _ in }
  }

  func images(_ path: String, _ change: (inout ImagePipeline.Settings) -> Void = { _ in }) throws
    -> StreamedImages
  {
    var pipeline = ImagePipeline.Settings()
    pipeline.workers = 2
    change(&pipeline)
    return try StreamedImages(
      training: path, test: path, views: Self.views, pipeline: pipeline, device: .cpu)
  }
}

@Suite("Images that are decoded ahead of their use")
struct StreamedImagesTests {
  private typealias Erased = BatchSourceTests.Erased

  @Test("Class folders and tar shards are sources of batches", arguments: ["folders", "shards"])
  func laws(kind: String) throws {
    let fixture = try ImageFixture()
    if kind == "shards" { try fixture.pack() }
    let images = try fixture.images(kind == "shards" ? fixture.shards : fixture.classes)
    try BatchSourceLaws.check(
      count: 7,
      { Erased(try images.training(batchSize: 6, draws: SeededGenerator(seed: 2), share: $0)) },
      { BatchSourceTests.rows($0.images) })
    // Evaluation reads every image once, in order, from any place, whatever the sizes.
    func test(_ size: Int, from batch: Int = 0) throws -> [[Float]] {
      let count = (23 + size - 1) / size
      var source = Erased(try images.test(batchSize: size, batches: count - batch))
      let start = source.position
      try source.seek(
        BatchPosition(
          epoch: 0, offset: batch * size, epochStart: start.epochStart, generator: start.generator))
      var rows: [[Float]] = []
      for _ in batch..<count { rows += BatchSourceTests.rows(try source.nextBatch().images) }
      return rows
    }
    let whole = try test(23)
    #expect(whole.count == 23 && Set(whole).count == 23)
    #expect(try test(6) == whole)
    #expect(try test(6, from: 2) == Array(whole[12...]))
  }

  @Test("Neither threads nor batches ahead change a byte, and views differ from epoch to epoch")
  func threads() throws {
    let fixture = try ImageFixture()
    func batches(_ workers: Int, _ depth: Int) throws -> [[Float]] {
      let images = try fixture.images(fixture.classes) { ($0.workers, $0.depth) = (workers, depth) }
      var source = try images.training(batchSize: 5, draws: SeededGenerator(seed: 1), share: .whole)
      var rows: [[Float]] = []
      for _ in 0..<9 { rows += BatchSourceTests.rows(try source.nextBatch().images) }
      return rows
    }
    let one = try batches(1, 1)
    #expect(try batches(4, 3) == one)
    #expect(try batches(2, 40) == one)
    #expect(Set(one).count == one.count, "a view came twice")
  }

  @Test(
    "Batches are standardized views in the middle, with the labels of their files",
    .enabled(if: RealData.has("imagenet-sample"), "needs imagenet-sample in NAP_DATA"))
  func views() throws {
    let folder = RealData.folder.appending("imagenet-sample")
    let images = try StreamedImages(
      training: folder, test: folder, views: ImageViews(side: 16, resizedSide: 20), device: .cpu)
    #expect(images.trainingCount == 44 && images.testCount == 44 && images.classCount == 44)
    var source = try images.test(batchSize: 2, batches: 1)
    let (test, labels) = try source.nextBatch()
    #expect(test.shape == [2, 3, 16, 16] && labels.array(of: Int.self) == [0, 1])
    let path = folder + "/n01644900/n01644900_tailed_frog.JPEG"
    let view = ImageViews(side: 16, resizedSide: 20).middle(try EncodedImage(at: path).decoded())
    let expected = (Float(view.pixels[4]) / 255 - 0.456) / 0.224
    #expect(abs(test[0].floats[256 + 1] - expected) < 1e-5)
  }

  @Test("What the CPU writes of bytes is to the bit what operators of a device compute")
  func standardization() throws {
    let (factors, offsets) = try StreamedImages.scaling.coefficients(channels: 3)
    let (factors_3, offsets_3) = (factors.map(Float.init), offsets.map(Float.init))
    let bytes = (0..<3 * 19 * 19).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 256) }
    let written = bytes.withUnsafeBytes {
      StreamedImages.standardized([$0], side: 19, factors_3, offsets_3)
    }
    let images_1HW3 = Tensor(bytes, shape: [1, 19, 19, 3])
    #expect(
      written.isIdentical(to: StreamedImages.standardized(images_1HW3, factors_3, offsets_3)))
    #expect(Set(bytes).count == 256 && Set(written.floats).count > 256)
  }

  @Test("A damaged image names its file, or is left out", arguments: ["folders", "shards"])
  func damage(kind: String) throws {
    let fixture = try ImageFixture()
    try fixture.folder.write("classes/n1/image-4.JPEG", Array("no image at all".utf8))
    if kind == "shards" {
      // Packing finds it; written by hand it is in the shard.
      #expect(try datasetError { try fixture.pack() }.path.hasSuffix("classes/n1/image-4.JPEG"))
      var shard: [UInt8] = []
      for index in 0..<23 {
        shard += try TarWriter.file(
          "n/\(index).jpg", index == 4 ? [1, 2, 3] : ImageFixture.jpeg(index))
        shard += try TarWriter.file("n/\(index).cls", [UInt8(ascii: "1")])
      }
      try FileManager.default.removeItem(atPath: fixture.shards)
      try fixture.folder.write("shards/one.tar", shard + TarWriter.end)
      try fixture.folder.write("shards/classes.txt", Array("a\nb\n".utf8))
    }
    let path = kind == "shards" ? fixture.shards : fixture.classes
    var fatal = try fixture.images(path).training(
      batchSize: 23, draws: SeededGenerator(seed: 1), share: .whole)
    let before = fatal.position
    for _ in 0..<2 {
      let error = try datasetError { _ = try fatal.nextBatch() }
      #expect(
        error.path.hasSuffix(kind == "shards" ? "one.tar:n/4.jpg" : "classes/n1/image-4.JPEG"))
      #expect(fatal.position == before)
    }
    var skipping = try fixture.images(path) { $0.corrupt = .skip }
      .training(batchSize: 23, draws: SeededGenerator(seed: 1), share: .whole)
    let batch = try skipping.nextBatch()
    #expect(batch.images.shape == [22, 3, 8, 8] && batch.labels.shape == [22])
    // A file that is gone is not an image that is damaged.
    unlink(kind == "shards" ? fixture.shards + "/one.tar" : fixture.classes + "/n1/image-7.JPEG")
    var gone = try? fixture.images(path) { $0.corrupt = .skip }
      .training(batchSize: 22, draws: SeededGenerator(seed: 1), share: .whole)
    if kind == "shards" { #expect(gone == nil) }
    _ = try gone?.nextBatch()
  }

  @Test("The threads end with the source")
  func ends() throws {
    let fixture = try ImageFixture(6)
    let before = ProcessMemory.threadCount
    for _ in 0..<20 {
      var source = try fixture.images(fixture.classes) { $0.workers = 4 }
        .training(batchSize: 3, draws: SeededGenerator(seed: 1), share: .whole)
      _ = try source.nextBatch()
    }
    // Other suites have threads of their own.
    for _ in 0..<100 where ProcessMemory.threadCount > before + 40 {
      Thread.sleep(forTimeInterval: 0.02)
    }
    #expect(ProcessMemory.threadCount <= before + 40)
  }
}
