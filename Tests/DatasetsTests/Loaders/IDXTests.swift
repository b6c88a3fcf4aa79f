import Foundation
import Testing

@testable import Datasets

@Suite struct IDXTests {
  private func error(_ bytes: [UInt8]) throws -> DatasetError {
    try datasetError { _ = try IDXArray(bytes, path: "some-idx") }
  }

  @Test("Arrays of one to four dimensions are read, compressed or not")
  func reads() throws {
    let bytes = (0..<24).map { UInt8($0 * 10) }
    for dimensions in [[24], [4, 6], [2, 3, 4], [1, 2, 3, 4]] {
      let plain = idxBytes(dimensions, bytes)
      for stored in [plain, try gzipped(plain)] {
        let array = try IDXArray(stored, path: "x")
        #expect(array.dimensions == dimensions)
        #expect(array.bytes == bytes)
      }
    }
  }

  @Test("A header that is no IDX of bytes is refused")
  func header() throws {
    let good = idxBytes([2], [1, 2])
    #expect(try error([]).kind == .empty)
    #expect(try error([0, 0, 8]).kind == .truncated)
    #expect(try error([0, 0, 8, 2, 0, 0, 0, 1]).kind == .truncated)
    for (index, value) in [(0, 1), (1, 1), (2, 0x0d), (3, 0), (3, 5)] as [(Int, UInt8)] {
      var wrong = good
      wrong[index] = value
      #expect(try error(wrong).kind == .malformed, "byte \(index) = \(value)")
    }
  }

  @Test("Fewer or more elements than declared are errors, compressed or not")
  func lengths() throws {
    let packed = try gzipped(idxBytes([1, 100], [UInt8](repeating: 3, count: 99)))
    #expect(try error(packed).kind == .truncated)
    #expect(try error(gzipped(idxBytes([98], [UInt8](repeating: 3, count: 99)))).kind == .oversized)
    #expect(try error(idxBytes([98], [UInt8](repeating: 3, count: 99))).kind == .oversized)
    #expect(try error(idxBytes([98], [UInt8](repeating: 3, count: 96))).kind == .truncated)
    #expect(try error(Array(gzipped(idxBytes([4], [1, 2, 3, 4])).dropLast(3))).kind == .truncated)
  }

  @Test("A header that declares more than the file can hold is refused before memory is taken")
  func lies() throws {
    let huge = 0xffff_ffff
    let before = peakMemory()
    for dimensions in [
      [huge], [huge, huge, huge, huge], [60_000, 28, 28_000], [1 << 31, 1 << 31, 4],
    ] {
      let lie = idxBytes(dimensions, [1, 2, 3])
      for stored in [lie, try gzipped(lie)] {
        let error = try error(stored)
        #expect(error.kind == .malformed, "\(dimensions)")
        #expect(error.found.contains("\(dimensions[0])"))
      }
    }
    // A lie that deflate could make true: memory follows the bytes that come, not the header.
    let zeros = try gzipped(idxBytes([100_000_000], [UInt8](repeating: 0, count: 200_000)))
    #expect(try error(zeros + [UInt8](repeating: 0, count: 100_000)).kind == .truncated)
    #expect(peakMemory() - before < 512 << 20)
  }

  /// The most address space this process has held, in bytes (0 where the system does not say).
  private func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") }
    let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap {
      Int($0)
    }
    return (kibibytes ?? 0) << 10
  }
}
