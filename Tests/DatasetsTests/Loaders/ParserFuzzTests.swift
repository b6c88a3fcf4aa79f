import Foundation
import TestSupport
import Testing

@testable import Datasets

/// The formats of datasets against damaged bytes; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct ParserFuzzTests {
  private static func isRefusal(_ error: any Error) -> Bool {
    guard let error = error as? DatasetError else { return false }
    return !error.expected.isEmpty && !error.found.isEmpty && !error.remedy.isEmpty
  }

  /// Pixels, labels and one copy while an array grows.
  private static func law(_ format: CIFARFormat) -> ParserLaw {
    let labels: [[UInt8]] = format.classNames.count == 1 ? [[1], [9]] : [[1, 2], [19, 99]]
    let seeds = [cifarBytes(labels), cifarBytes(Array(labels.prefix(1)))]
    let large = cifarBytes(Array(repeating: labels[0], count: 1_000))
    return ParserLaw(format.name, seeds: seeds, factor: 4, large: large)
  }

  @Test("CIFAR records in memory", arguments: ["cifar-10", "cifar-100"])
  func cifar(name: String) async {
    let end = await #expect(processExitsWith: .success) { [name = name as String] in
      let format: CIFARFormat = name == "cifar-10" ? .cifar10 : .cifar100
      Self.law(format).check(isRefusal: Self.isRefusal) { input in
        let dataset = try format.parse(input.bytes, path: input.path)
        #expect(dataset.count * format.recordByteCount == input.bytes.count)
        #expect(dataset.pixels.count == dataset.count * 3072)
      }
    }
    Self.law(name == "cifar-10" ? .cifar10 : .cifar100).explain(end == nil)
  }

  /// The bytes, and up to four times as many while an array grows; deflate's ratio besides.
  private static func idxLaw(_ name: String) throws -> ParserLaw {
    let images = idxBytes([3, 4, 5], (0..<60).map { UInt8($0) })
    let labels = idxBytes([3], [1, 2, 3])
    let isCompressed = name == "idx.gz"
    let seeds = isCompressed ? [try gzipped(images), try gzipped(labels)] : [images, labels]
    return ParserLaw(
      name, seeds: seeds, factor: isCompressed ? 4 * GzipSource.largestRatio : 4,
      large: isCompressed ? [] : idxBytes([8_000, 1_000], [UInt8](repeating: 1, count: 8_000_000)))
  }

  @Test("IDX arrays in memory and in files, plain and compressed", arguments: ["idx", "idx.gz"])
  func idx(name: String) async throws {
    let end = await #expect(processExitsWith: .success) { [name = name as String] in
      var isEven = false
      try Self.idxLaw(name).check(isRefusal: Self.isRefusal) { input in
        isEven.toggle()
        let array =
          try isEven
          ? IDXArray(path: input.file().path) : IDXArray(input.bytes, path: input.path)
        #expect(array.bytes.count == array.dimensions.reduce(1, *))
        #expect(array.bytes.count <= input.bytes.count * GzipSource.largestRatio)
      }
    }
    try Self.idxLaw(name).explain(end == nil)
  }

  /// Two blocks and zlib's window, whatever the input holds.
  private static func gzipLaw() throws -> ParserLaw {
    ParserLaw(
      "gzip", seeds: [try gzipped(Array("one line\n".utf8)), try gzipped(cifarBytes([[1]]))],
      factor: 2)
  }

  @Test("Gzip streams")
  func gzip() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.gzipLaw().check(isRefusal: Self.isRefusal) { input in
        let source = try GzipSource(MemorySource(input.bytes, path: input.path))
        var total = 0
        while case let block = try source.read(1 << 16), !block.isEmpty { total += block.count }
        #expect(total <= input.bytes.count * GzipSource.largestRatio)
      }
    }
    try Self.gzipLaw().explain(end == nil)
  }

  /// One block of 64 KiB, whatever the archive holds.
  private static func tarLaw(_ name: String) throws -> ParserLaw {
    let folder = try TemporaryFolder()
    try folder.write("set/a.bin", (0..<700).map { UInt8(truncatingIfNeeded: $0) })
    try folder.write("set/b.bin", [1, 2, 3])
    let plain = try shell("tar --format=ustar -C '\(folder.path)' -cf - set")
    // With POSIX's extended headers, and with GNU's records of long names.
    let long = String(repeating: "n", count: 120)
    let extended =
      try TarWriter.file(long + "ä", [1, 2]) + TarWriter.file("b", [3]) + TarWriter.end
    try folder.write("set/" + long, [7])
    let gnu = try shell("tar --format=gnu -C '\(folder.path)' -cf - set")
    return ParserLaw(
      name, seeds: name == "tar" ? [plain, extended, gnu] : [try gzipped(plain)],
      words: ["ustar", "0000644 ", "path=", "size=", "30 "],
      factor: 2, large: name == "tar" ? try shell(largeTar(folder)) : [])
  }

  /// A script that archives a file of 8 MB.
  private static func largeTar(_ folder: TemporaryFolder) -> String {
    "cd '\(folder.path)' && head -c 8000000 /dev/zero > large && tar --format=ustar -cf - large"
  }

  @Test("Archives, plain and compressed", arguments: ["tar", "tar.gz"])
  func tar(name: String) async throws {
    let end = await #expect(processExitsWith: .success) { [name = name as String] in
      try Self.tarLaw(name).check(isRefusal: Self.isRefusal) { input in
        let stored = MemorySource(input.bytes, path: input.path)
        var total = 0
        try TarReader(name == "tar" ? stored : GzipSource(stored)).forEachFile { _, next in
          while case let block = try next(), !block.isEmpty { total += block.count }
        }
        #expect(total <= input.bytes.count * (name == "tar" ? 1 : GzipSource.largestRatio))
      }
    }
    try Self.tarLaw(name).explain(end == nil)
  }

  /// JPEGs and PNGs as pixels, with a progressive JPEG's coefficients, for the most pixels that a byte can stand for.
  private static func imageLaw() throws -> ParserLaw {
    let pixels = (0..<3 * 40 * 30).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
    let jpeg = try RGBImage(width: 40, height: 30, pixels: pixels).jpeg(quality: 60, path: "made")
    let odd = ["progressive", "cmyk", "png-palette", "png-alpha"].compactMap {
      GoldenImages.odd[$0]
    }
    return ParserLaw(
      "images", seeds: [jpeg] + odd, words: ["JFIF", "Adobe", "IHDR", "IDAT", "PLTE", "\u{1A}\n"],
      factor: 1_024 * 16)
  }

  @Test("Images, whatever their kind")
  func images() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.imageLaw().check(isRefusal: Self.isRefusal) { input in
        let encoded = try EncodedImage(input.bytes, path: input.path)
        let image = try encoded.decoded()
        #expect(image.width * image.height <= EncodedImage.mostPixels)
        let box = RGBImage.Box(left: image.width / 2, top: image.height / 3, width: 1, height: 1)
        #expect(try encoded.decoded(box, scaledBy: 1).pixels == image.cropped(box).pixels)
        #expect(try encoded.resized(box, toSide: 1).pixels == image.cropped(box).pixels)
      }
    }
    try Self.imageLaw().explain(end == nil)
  }

  /// A shard's table has a key and a few numbers for each 2 KiB of the shard.
  private static func shardLaw() throws -> ParserLaw {
    var shard: [UInt8] = []
    for index in 0..<3 {
      shard += try TarWriter.file("n/\(index).jpg", [UInt8](repeating: 7, count: 100 * index))
      shard += try TarWriter.file("n/\(index).cls", [UInt8(ascii: "0") + UInt8(index)])
    }
    return ParserLaw(
      "shards", seeds: [shard + TarWriter.end], words: [".jpg", ".cls", "n/1"], factor: 4)
  }

  @Test("Tables of tar shards")
  func shards() async throws {
    let end = await #expect(processExitsWith: .success) {
      try Self.shardLaw().check(isRefusal: Self.isRefusal) { input in
        let file = try input.file().path
        let table = try ShardTable(FileSource(path: file), classCount: 3)
        for member in table.members {
          #expect(
            member.offset + member.byteCount <= input.bytes.count && (0..<3).contains(member.label))
        }
      }
    }
    try Self.shardLaw().explain(end == nil)
  }

  private static let indexLaw = ParserLaw(
    "shard-index",
    seeds: [
      Array(
        (#"{"__kind__":"wids-shard-index-v1","wids_version":1,"#
          + #""shardlist":[{"url":"a.tar","nsamples":3,"filesize":10240}]}"#).utf8)
    ], words: ["9e99", "-1", "\"nsamples\":", "null"], factor: 64)

  @Test("Lists of shards")
  func shardIndex() async {
    let end = await #expect(processExitsWith: .success) {
      Self.indexLaw.check(isRefusal: Self.isRefusal) { input in
        for shard in try ShardIndex.counts(input.bytes, path: input.path).values {
          #expect(shard.count >= 0)
        }
      }
    }
    Self.indexLaw.explain(end == nil)
  }

  /// One block of 64 KiB.
  private static let arLaw = ParserLaw(
    "ar",
    seeds: [
      arBytes([("debian-binary", [50, 10]), ("data.tar.xz", [1, 2, 3])]),
      arBytes([("other/", [UInt8](repeating: 7, count: 301))]),
    ], words: ["!<arch>\n", "`\n", "data.tar.xz", "9999999999"], factor: 2,
    large: arBytes([("one", [UInt8](repeating: 1, count: 8_000_000)), ("two", [])]))

  @Test("The archives that Debian's packages are")
  func ar() async {
    let end = await #expect(processExitsWith: .success) {
      Self.arLaw.check(isRefusal: Self.isRefusal) { input in
        let source = MemorySource(input.bytes, path: input.path)
        let member = try ArReader(source).first { $0.name == "data.tar.xz" }
        if let member { #expect(member.offset + member.byteCount <= input.bytes.count) }
      }
    }
    Self.arLaw.explain(end == nil)
  }

  /// A window has at most 64 KiB, for which some 360 codes of 9 bits are the fewest; and one copy while it grows.
  private static func verseLaw() -> ParserLaw {
    let text = Array("In the beginning God created the heaven and the earth.\n".utf8)
    let window = lzw(Array(repeating: text, count: 20).flatMap { $0 })
    return ParserLaw(
      "verses", seeds: [verseArchive([window, lzw(text)]), verseArchive([lzw(text)])],
      words: ["EC02"], factor: 512)
  }

  @Test("The Bible's windows")
  func verses() async {
    let end = await #expect(processExitsWith: .success) {
      Self.verseLaw().check(isRefusal: Self.isRefusal) { input in
        let text = try VerseArchive.text(input.bytes, path: input.path)
        #expect(text.count <= input.bytes.count * 256)
      }
    }
    Self.verseLaw().explain(end == nil)
  }

  /// The text once more, and an entry per line.
  private static func digestListLaw() -> ParserLaw {
    let line = SHA256.hexadecimal(of: [1]) + "  data_batch_1.bin\n"
    let many = (0..<30_000).map { "\(SHA256.hexadecimal(of: [1]))  \($0)\n" }.joined()
    let other = SHA256.hexadecimal(of: [2]) + " *test_batch.bin\n"
    return ParserLaw(
      "digest-list", seeds: [Array((line + other).utf8), Array(line.utf8)],
      words: ["\n", "  ", " *", "\\", "\r\n", "a"], factor: 32,
      large: Array(many.utf8))
  }

  @Test("Lists of checksums")
  func digestList() async {
    let end = await #expect(processExitsWith: .success) {
      Self.digestListLaw().check(isRefusal: Self.isRefusal) { input in
        let list = try DigestList(input.bytes, path: input.path)
        for digest in list.digests.values { #expect(digest.utf8.count == 64) }
      }
    }
    Self.digestListLaw().explain(end == nil)
  }

  private static let content = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }

  /// A block of 1 MiB while the digest is taken.
  private static func partLaw() -> ParserLaw {
    let seeds = [[], Array(content.prefix(1_000)), content]
    return ParserLaw("part", seeds: seeds, factor: 2, share: 0.2)
  }

  @Test("The part of a download, damaged in any way, still becomes the whole file")
  func part() async {
    let end = await #expect(processExitsWith: .success) {
      let server = try LoopbackServer(Self.content)
      defer { server.stop() }
      let file = RemoteFile(
        name: "file.bin", addresses: [server.address], byteCount: Self.content.count,
        sha256: SHA256.hexadecimal(of: Self.content))
      let downloader = Downloader(
        attempts: 3, connectSeconds: 5, stallSeconds: 5, firstPauseSeconds: 0)
      let tally = Self.partLaw().tally(isRefusal: Self.isRefusal) { input in
        try Data(input.bytes).write(to: URL(fileURLWithPath: input.path + ".part"))
        try downloader.fetch(file, to: input.path)
        #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: input.path))) == Self.content)
        unlink(input.path)
      }
      #expect(tally.violations == [] && tally.refused.isEmpty && tally.sound > 0, "\(tally)")
    }
    Self.partLaw().explain(end == nil)
  }
}
