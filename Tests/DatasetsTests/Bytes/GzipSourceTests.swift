import Testing

@testable import Datasets

@Suite struct GzipSourceTests {
  private let plain = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

  private func inflate(_ bytes: [UInt8], step: Int = 10_000) throws -> [UInt8] {
    let source = try GzipSource(MemorySource(bytes, path: "some.gz"))
    var result: [UInt8] = []
    while case let block = try source.read(step), !block.isEmpty { result += block }
    return result
  }

  @Test(
    "What gzip compressed comes back, whatever is asked for at a time",
    arguments: [1_000, 65_537, 1 << 20])
  func roundTrip(step: Int) throws {
    #expect(try inflate(gzipped(plain), step: step) == plain)
  }

  @Test("Members one after another read as one, and zeros after the end are padding")
  func members() throws {
    let packed = try gzipped(plain)
    #expect(try inflate(packed + packed) == plain + plain)
    #expect(try inflate(packed + [0, 0, 0]) == plain)
  }

  @Test("A stream cut anywhere is an error, at the last byte too")
  func cut() throws {
    let packed = try gzipped(Array(plain.prefix(5_000)))
    for length in [0, 1, 5, 10, 11, packed.count / 2, packed.count - 8, packed.count - 1] {
      let error = try datasetError { _ = try inflate(Array(packed.prefix(length))) }
      #expect(error.kind == .truncated, "\(length) bytes: \(error)")
      #expect(error.path == "some.gz")
    }
  }

  @Test("A wrong check value, strange bytes after the end, and no gzip at all are errors")
  func damage() throws {
    let packed = try gzipped(plain)
    var wrongSum = packed
    wrongSum[packed.count - 7] ^= 1
    for bytes in [wrongSum, packed + [7], Array("not gzip at all".utf8)] {
      #expect(try datasetError { _ = try inflate(bytes) }.kind == .malformed)
    }
  }
}
