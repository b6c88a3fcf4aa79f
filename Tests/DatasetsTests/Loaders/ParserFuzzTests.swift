import Foundation
import Testing

@testable import Datasets

/// Parsers against damaged input: each either gives a sound value or a `DatasetError`, and never stops the process.
///
/// `NAP_FUZZ_COUNT` sets the inputs a parser (300 unless set).
@Suite struct ParserFuzzTests {
  static let inputCount =
    ProcessInfo.processInfo.environment["NAP_FUZZ_COUNT"].flatMap { Int($0) } ?? 300

  /// Counts what the inputs led to, so that a fuzz test that reaches nothing fails.
  private struct Tally {
    var sound = 0
    var kinds: [DatasetError.Kind: Int] = [:]
  }

  private func run(
    _ seeds: [[UInt8]], named name: String, _ parse: ([UInt8]) throws -> Void
  ) throws -> Tally {
    var generator = SeededGenerator(seed: 2024).split(name)
    var tally = Tally()
    for seed in seeds { try parse(seed) }
    for number in 0..<Self.inputCount {
      let input = Mutator.mutated(seeds, using: &generator)
      do {
        try parse(input)
        tally.sound += 1
      } catch let error as DatasetError {
        #expect(!error.path.isEmpty && !error.found.isEmpty && !error.expected.isEmpty)
        tally.kinds[error.kind, default: 0] += 1
      } catch {
        Issue.record("input \(number) of \(name): \(error)")
      }
    }
    return tally
  }

  @Test("CIFAR records", arguments: [CIFARFormat.cifar10, .cifar100])
  func cifar(format: CIFARFormat) throws {
    let labels: [[UInt8]] = format.classNames.count == 1 ? [[1], [9]] : [[1, 2], [19, 99]]
    let whole = cifarBytes(labels)
    let tally = try run([whole, cifarBytes(Array(labels.prefix(1)))], named: format.name) { input in
      let dataset = try format.parse(input, path: "fuzz.bin")
      #expect(dataset.count * format.recordByteCount == input.count)
      #expect(dataset.pixels.count == dataset.count * 3072)
    }
    #expect(tally.sound > 0 && tally.kinds[.truncated, default: 0] > 0, "\(tally)")
  }

  @Test("IDX arrays, plain and compressed")
  func idx() throws {
    let images = idxBytes([3, 4, 5], (0..<60).map { UInt8($0) })
    let labels = idxBytes([3], [1, 2, 3])
    for (name, seeds) in [
      ("idx", [images, labels]), ("idx.gz", [try gzipped(images), try gzipped(labels)]),
    ] {
      let tally = try run(seeds, named: name) { input in
        let array = try IDXArray(input, path: "fuzz-idx")
        #expect(array.bytes.count == array.dimensions.reduce(1, *))
        #expect(array.bytes.count <= input.count * GzipSource.largestRatio)
      }
      #expect(tally.sound > 0 && tally.kinds[.malformed, default: 0] > 0, "\(name): \(tally)")
      #expect(tally.kinds[.truncated, default: 0] > 0, "\(name): \(tally)")
    }
  }

  @Test("Compressed archives")
  func tar() throws {
    let folder = try TemporaryFolder()
    try folder.write("set/a.bin", (0..<700).map { UInt8(truncatingIfNeeded: $0) })
    try folder.write("set/b.bin", [1, 2, 3])
    let plain = try shell("tar --format=ustar -C '\(folder.path)' -cf - set")
    func read(_ source: any ByteSource) throws {
      var total = 0
      try TarReader(source).forEachFile { _, next in
        while case let block = try next(), !block.isEmpty { total += block.count }
      }
      #expect(total <= source.storedByteCount * GzipSource.largestRatio)
    }
    let bare = try run([plain], named: "tar") { try read(MemorySource($0, path: "fuzz.tar")) }
    #expect(bare.sound > 0 && bare.kinds[.malformed, default: 0] > 0, "\(bare)")
    let packed = try run([try gzipped(plain)], named: "tar.gz") {
      try read(GzipSource(MemorySource($0, path: "fuzz.tar.gz")))
    }
    #expect(packed.kinds[.malformed, default: 0] > 0, "\(packed)")
  }
}

/// Damages sound inputs in the ways files are damaged.
enum Mutator {
  /// One of `seeds` after one to four mutations.
  static func mutated(_ seeds: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = seeds[generator.index(below: seeds.count)]
    for _ in 0...generator.index(below: 4) { mutate(&bytes, using: &generator) }
    return bytes
  }

  private static let boundaries: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]

  private static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
    guard !bytes.isEmpty else {
      bytes.append(UInt8(generator.index(below: 256)))
      return
    }
    // Headers decide most: half of the places lie in the first 64 bytes.
    let reach = generator.index(below: 2) == 0 ? min(64, bytes.count) : bytes.count
    let place = generator.index(below: reach)
    switch generator.index(below: 7) {
    case 0: bytes[place] ^= 1 << UInt8(generator.index(below: 8))
    case 1: bytes[place] = boundaries[generator.index(below: boundaries.count)]
    case 2: bytes.removeLast(generator.index(below: bytes.count) + 1)
    case 3: bytes.remove(at: place)
    case 4: bytes.insert(UInt8(generator.index(below: 256)), at: place)
    case 5:
      let end = min(place + 4, bytes.count)
      for index in place..<end { bytes[index] = boundaries[generator.index(below: 5)] }
    default:
      let length = min(generator.index(below: 600) + 1, bytes.count - place)
      bytes.append(contentsOf: bytes[place..<place + length])
    }
  }
}
