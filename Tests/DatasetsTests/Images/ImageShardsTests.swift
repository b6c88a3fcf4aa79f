import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

@Suite("Tar shards of images")
struct ImageShardsTests {
  @Test("Packed images are those of the folder, mixed, once each, with their classes")
  func packs() throws {
    let fixture = try ImageFixture()
    try fixture.pack { $0.shortSide = 0 }
    let shards = try ImageShards(fixture.shards, classCount: 0)
    #expect(
      shards.count == 23 && shards.classCount == 3 && shards.classNames == ["n0", "n1", "n2"])
    #expect(shards.blocks?.counts == [5, 5, 5, 5, 3])
    let found = try (0..<23).map { try shards.image($0) }
    let folders = try ClassFolders(path: fixture.classes)
    let expected = try (0..<23).map { try folders.image($0) }
    #expect(
      Set(found.map(\.bytes)) == Set(expected.map(\.bytes)), "images stay byte for byte as they are"
    )
    let labels = Dictionary(
      expected.map { ($0.bytes, $0.label) }, uniquingKeysWith: { first, _ in first })
    for image in found { #expect(labels[image.bytes] == image.label) }
    #expect(found.map(\.bytes) != expected.map(\.bytes))
    #expect(found[0].path.contains("shard-000000.tar:n") && found[0].path.hasSuffix(".jpg"))
    // Another seed, another order; the same, the same bytes.
    let first = try Data(contentsOf: URL(filePath: fixture.shards + "/shard-000001.tar"))
    try FileManager.default.removeItem(atPath: fixture.shards)
    try fixture.pack { ($0.shortSide, $0.seed) = (0, 0) }
    #expect(try Data(contentsOf: URL(filePath: fixture.shards + "/shard-000001.tar")) == first)
    try FileManager.default.removeItem(atPath: fixture.shards)
    try fixture.pack { ($0.shortSide, $0.seed) = (0, 1) }
    #expect(try Data(contentsOf: URL(filePath: fixture.shards + "/shard-000001.tar")) != first)
  }

  @Test(
    "Larger images are resized to the short side, smaller and equal ones are kept, PNGs become JPEGs"
  )
  func sides() throws {
    let fixture = try ImageFixture()
    let png = try #require(GoldenImages.odd["png-palette"])
    try fixture.folder.write("classes/n0/drawing.JPEG", png)
    try fixture.pack { $0.shortSide = 19 }
    let shards = try ImageShards(fixture.shards, classCount: 0)
    for index in 0..<24 {
      let image = try shards.image(index)
      let encoded = try EncodedImage(image.bytes, path: image.path)
      #expect(min(encoded.width, encoded.height) <= 19 && !encoded.isPNG, "\(image.path)")
    }
  }

  @Test("Packing that was stopped goes on with what is missing, and only with the same options")
  func resumes() throws {
    let fixture = try ImageFixture()
    struct Stop: Error {}
    var settings = ImagePacker.Settings()
    settings.shardSize = 5
    try fixture.pack()
    let names = ["index.json", "shard-000000.tar", "shard-000003.tar", "shard-000004.tar"]
    let whole = try names.map { try Data(contentsOf: URL(filePath: "\(fixture.shards)/\($0)")) }
    for name in ["index.json", "shard-000003.tar"] { unlink("\(fixture.shards)/\(name)") }
    try fixture.folder.write("shards/shard-000003.tar.part", [1, 2, 3])
    var seen: [Int] = []
    let packer = try ImagePacker(fixture.classes, to: fixture.shards, settings)
    #expect(packer.keptCount == 18)
    #expect(throws: Stop.self) {
      try packer.pack(workers: 1, corrupt: .fatal) { _ in
        throw Stop()
      }
    }
    unlink(fixture.shards + "/shard-000003.tar")
    _ = try packer.pack(workers: 2, corrupt: .fatal) { seen.append($0) }
    #expect(seen.last == 23)
    #expect(
      try names.map { try Data(contentsOf: URL(filePath: "\(fixture.shards)/\($0)")) } == whole)
    settings.quality = 80
    #expect(
      try datasetError { _ = try ImagePacker(fixture.classes, to: fixture.shards, settings) }.path
        .hasSuffix("packing.json"))
    try fixture.folder.write("classes/n0/more.JPEG", ImageFixture.jpeg(1))
    settings.quality = 90
    #expect(throws: DatasetError.self) {
      try ImagePacker(fixture.classes, to: fixture.shards, settings)
    }
  }

  @Test("What cannot be packed is refused before anything is written")
  func refusals() throws {
    let fixture = try ImageFixture(4)
    func refused(
      _ words: String, _ output: String? = nil,
      _ change: (inout ImagePacker.Settings) -> Void = { _ in }
    ) throws {
      var settings = ImagePacker.Settings()
      change(&settings)
      let error = try datasetError {
        _ = try ImagePacker(fixture.classes, to: output ?? fixture.shards, settings)
      }
      #expect("\(error)".contains(words), "\(error)")
    }
    try refused("--shard-size") { $0.shardSize = 0 }
    try refused("--quality") { $0.quality = 101 }
    try refused("a folder outside", fixture.classes + "/out")
    try fixture.folder.write("other/file", [1])
    try refused("other files", fixture.folder.path + "/other")
    try fixture.folder.write("classes/n0/image-0.jpg", ImageFixture.jpeg(1))
    try refused("image-0.JPEG besides")
    unlink(fixture.classes + "/n0/image-0.jpg")
    try fixture.folder.write("classes/n.0/1.jpg", ImageFixture.jpeg(1))
    try fixture.folder.write("classes/n_0/2.jpg", ImageFixture.jpeg(1))
    try refused("differ in more than dots")
    #expect(!FileManager.default.fileExists(atPath: fixture.shards))
  }

  @Test("Shards that are damaged, cut, changed or of another kind are refused with their names")
  func damage() throws {
    let folder = try TemporaryFolder()
    func file(_ name: String, _ bytes: [UInt8] = [1]) throws -> [UInt8] {
      try TarWriter.file(name, bytes)
    }
    let one = Array("1".utf8)
    func refused(_ words: String..., archive: [UInt8], path: String? = nil) throws {
      try folder.write("a.tar", archive)
      let error = try datasetError {
        _ = try ImageShards(path ?? folder.path + "/a.tar", classCount: 2)
      }
      for word in words { #expect("\(error)".contains(word), "\(error)") }
    }
    let sound = try file("x/1.jpg") + file("x/1.cls", one)
    try refused("the mark of an archive's end", archive: sound)
    try refused("a.tar:x/2", "a class alone", archive: sound + file("x/2.cls", one) + TarWriter.end)
    try refused("a.tar:x/2", "an image alone", archive: sound + file("x/2.jpg") + TarWriter.end)
    try refused(
      "a.tar:x/1", "twice",
      archive: sound + file("x/2.jpg") + file("x/2.cls", one) + sound + TarWriter.end)
    try refused("two", archive: file("1.jpg") + file("1.jpeg") + file("1.cls", one) + TarWriter.end)
    try refused("in 0..<2", archive: file("1.jpg") + file("1.cls", Array("2".utf8)) + TarWriter.end)
    try refused(
      "class in digits", archive: file("1.jpg") + file("1.cls", Array("cat".utf8)) + TarWriter.end)
    try refused("nap data pack", archive: file("readme.txt") + TarWriter.end)
    try refused("expected a file", archive: sound, path: folder.path + "/{b,c}.tar")
    for pattern in ["x-{1..", "x-{3..1}.tar", "x-{0..9000000}.tar", "x-{a..b}.tar"] {
      try refused("a folder of shards", archive: sound, path: pattern)
    }
    // Names of the same length that differ beyond 100 bytes are two keys.
    let long = String(repeating: "k", count: 120)
    var two: [UInt8] = []
    for name in [long + "a", long + "b"] {
      two += try file(name + ".jpg") + file(name + ".cls", one)
    }
    try folder.write("a.tar", two + TarWriter.end)
    #expect(try ImageShards(folder.path + "/a.tar", classCount: 2).count == 2)
    #expect(
      "\(try datasetError { _ = try ImageShards(folder.path + "/a.tar", classCount: 0) })".contains(
        "data.classCount"))
    #expect(
      try ImageShards.paths("/s/x-{08..11}-{a,b}.tar").map { $0.dropFirst(3) } == [
        "x-08-a.tar", "x-08-b.tar", "x-09-a.tar", "x-09-b.tar", "x-10-a.tar", "x-10-b.tar",
        "x-11-a.tar", "x-11-b.tar",
      ])
    try folder.write("z/a.tar.gz", [1])
    try refused("compressed", archive: sound, path: folder.path + "/z")
    #expect(ImageShards.isPattern(folder.path + "/z"))
    // Class folders beside the archives that they were unpacked from.
    try folder.write("unpacked/n1.tar", [1])
    try folder.write("unpacked/n1/1.jpg", [1])
    #expect(!ImageShards.isPattern(folder.path + "/unpacked"))
    // One that changes while it is read.
    try folder.write("a.tar", two + TarWriter.end)
    let shards = try ImageShards(folder.path + "/a.tar", classCount: 2)
    #expect(try shards.image(1).bytes == [1])
    let handle = try #require(FileHandle(forWritingAtPath: folder.path + "/a.tar"))
    try handle.seekToEnd()
    try handle.write(contentsOf: [UInt8](repeating: 0, count: 512))
    #expect(try datasetError { _ = try shards.image(1) }.found.contains("written to"))
    let later = try ImageShards(folder.path + "/a.tar", classCount: 2)
    try handle.truncate(atOffset: 1_024)
    #expect(throws: DatasetError.self) { try later.image(0) }
    // A list of other shards.
    try folder.write("a.tar", sound + TarWriter.end)
    try folder.write(
      "index.json",
      Array(
        #"{"__kind__":"wids-shard-index-v1","wids_version":1,"shardlist":[{"url":"a.tar","nsamples":1,"filesize":9}]}"#
          .utf8))
    #expect(
      "\(try datasetError { _ = try ImageShards(folder.path, classCount: 2) })".contains(
        "index.json"))
    try folder.write("index.json", Array("{}".utf8))
    #expect(try datasetError { _ = try ImageShards(folder.path, classCount: 2) }.kind == .malformed)
  }

  @Test("14 million images: list, order and positions in constant memory")
  func simulatedImageNet21k() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let (shards, each) = (1_400, 10_000)
      var index = ShardIndex(shardlist: [])
      for shard in 0..<shards {
        let name = "train-\(shard).tar"
        // 300 MB each, of which nothing is on the disk.
        let descriptor = open(folder.path + "/" + name, O_CREAT | O_WRONLY, 0o644)
        #expect(ftruncate(descriptor, 300_000_000) == 0)
        close(descriptor)
        index.shardlist.append(.init(url: name, nsamples: each, filesize: 300_000_000))
      }
      try folder.write("index.json", [UInt8](JSONEncoder().encode(index)))
      ProcessMemory.returnFreedMemory()
      ProcessMemory.resetPeak()
      let before = ProcessMemory.residentBytes
      let images = try ImageShards(folder.path, classCount: 21_841)
      #expect(images.count == 14_000_000)
      let plan = try BatchPlan(
        exampleCount: images.count, batchSize: 1_024, order: .bijection, dropsLast: true,
        blocks: images.blocks)
      var sampler = BatchSampler(plan, seed: 3)
      var seen: Set<Int> = []
      for _ in 0..<20 { seen.formUnion(sampler.nextBatch().indices) }
      #expect(seen.count == 20 * 1_024)
      #expect(Set(seen.map { $0 / each }).count == ImageShards.together)
      // The middle of a later epoch, reached at once, on eight processes.
      let saved = sampler.position
      let far = BatchPosition(
        epoch: 57, offset: 9_000 * 1_024, epochStart: saved.epochStart, generator: saved.generator)
      var whole = try BatchSampler(plan, position: far)
      let batch = whole.nextBatch()
      var parts: [Int] = []
      for rank in 0..<8 {
        var part = try BatchSampler(plan, position: far, share: ProcessShare(rank: rank, of: 8))
        parts += part.nextBatch().indices
      }
      #expect(
        parts == batch.indices && Set(parts).count == 1_024 && parts.allSatisfy { $0 < 14_000_000 })
      let growth = ProcessMemory.peakBytes - before
      let isSanitized = ProcessInfo.processInfo.environment["NAP_SANITIZER"] != nil
      #expect(isSanitized || growth < 24 << 20, "\(growth) bytes")
    }
  }
}
