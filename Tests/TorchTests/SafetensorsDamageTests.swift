import Foundation
import TestSupport
import Testing
import Torch

/// Files that were damaged after they were written.
@Suite struct SafetensorsDamageTests {
  private func sample(_ url: URL) throws -> Data {
    let table = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    try SafetensorsFile.write(
      [
        ("table", table), ("tied", table), ("truth", Tensor([true, false, true])),
        ("empty", .zeros([0])), ("half", Tensor([1, 2] as [Float], dtype: .bfloat16)),
      ], metadata: ["step": "12", "note": "café"], to: url)
    return try Data(contentsOf: url)
  }

  @Test func `the checksum finds a flipped bit in any byte`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "flipped")
      let whole = try sample(url)
      let key = try #require(whole.range(of: Data("nap.checksum".utf8)))
      for position in whole.indices {
        let bit = position % 8
        var damaged = whole
        damaged[position] ^= 1 << UInt8(bit)
        try damaged.write(to: url)
        // A file whose key is no longer the checksum's is a file without a checksum.
        let found = try? SafetensorsFile(reading: url)
        if key.contains(position) {
          #expect(found?.checksum == nil)
        } else {
          #expect(found == nil, "bit \(bit) of byte \(position)")
        }
      }
    }
  }

  @Test func `a wrong checksum is its own error, and can be passed over`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "damaged")
      var damaged = try sample(url)
      damaged[damaged.count - 1] ^= 1
      try damaged.write(to: url)
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(reading: url) }
      #expect(error?.kind == .wrongChecksum)
      #expect(error?.expected.contains("xxh64:") == true && error?.found.contains("xxh64:") == true)
      let file = try SafetensorsFile(reading: url, verifyingChecksum: false)
      #expect(try file.tensor("table").floats == [1, 2, 3, 4])
    }
  }

  @Test(arguments: 0..<8)
  func `random damage is an error or a whole file, never a crash`(seed: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "fuzzed")
      let whole = try sample(url)
      var random = SplitMix(state: UInt64(seed))
      var refused = 0
      for _ in 0..<150 {
        try Self.damaged(whole, &random).write(to: url)
        do {
          let file = try SafetensorsFile(reading: url, verifyingChecksum: false)
          for entry in file.entries where entry.dtype != nil {
            #expect(try file.tensor(entry.name).shape == entry.shape)
          }
        } catch let error as SafetensorsError {
          refused += 1
          #expect(!error.description.contains("\n"))
        }
      }
      #expect(refused > 60, "most damage to a short file hits the header")
    }
  }

  /// One to four changes of the kinds that break parsers.
  private static func damaged(_ whole: Data, _ random: inout SplitMix) -> Data {
    var bytes = [UInt8](whole)
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let grammar = Array("{}[]\",:\\0123456789-.eE \n\u{1}u".utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      // Mostly the header's text, sometimes its length, sometimes the data.
      let place = [8..<(8 + header), 8..<(8 + header), 0..<8, 0..<bytes.count]
      let range = place[Int.random(in: 0..<4, using: &random)].clamped(to: 0..<bytes.count)
      guard !range.isEmpty else { continue }
      let at = Int.random(in: range, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[at] = grammar.randomElement(using: &random) ?? 0
      case 2: bytes.remove(at: at)
      case 3: bytes.insert(grammar.randomElement(using: &random) ?? 0, at: at)
      case 4: bytes.removeSubrange(at...)
      default:
        let piece = bytes[at..<min(at + 20, bytes.count)]
        bytes.insert(contentsOf: piece, at: Int.random(in: 0...bytes.count, using: &random))
      }
    }
    return Data(bytes)
  }
}

/// A small random generator for Swift's own algorithms, so that fuzzing repeats.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
