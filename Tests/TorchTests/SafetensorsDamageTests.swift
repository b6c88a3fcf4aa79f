import Foundation
import TestSupport
import Testing

@testable import Torch

/// Files that were damaged after they were written.
@Suite struct SafetensorsDamageTests {
  private static func sample(_ url: URL) throws -> Data {
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
      let whole = try Self.sample(url)
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
      var damaged = try Self.sample(url)
      damaged[damaged.count - 1] ^= 1
      try damaged.write(to: url)
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(reading: url) }
      #expect(error?.kind == .wrongChecksum)
      #expect(error?.expected.contains("xxh64:") == true && error?.found.contains("xxh64:") == true)
      let file = try SafetensorsFile(reading: url, verifyingChecksum: false)
      #expect(try file.tensor("table").floats == [1, 2, 3, 4])
    }
  }

  #if os(Linux)
    private static let words = [
      "{", "}", "[", "]", "\"", ",", ":", "\\", "\\n", "\\u0000", "\\ud83e", "\"x\":", "\"dtype\":",
      "\"shape\":[", "\"data_offsets\":[0,", "\"__metadata__\":{", "\"nap.tied\":", "\"C64\"",
      "\"F4\"", "\"BOOL\"", " ", "\u{e9}",
    ]

    /// Names and entries: below twelve bytes for a byte of header. For a file: the header once more,
    /// its indices by name, and the tensors.
    private static func law(_ name: String) throws -> ParserLaw {
      let whole = try withTemporaryFolder { folder in
        let url = folder.appending(path: "sound")
        let made = try sample(url)
        try SafetensorsFile.write([("alone", Tensor([1, 2, 3]))], to: url, checksum: false)
        return [made, try Data(contentsOf: url)].map { [UInt8]($0) }
      }
      if name == "safetensors" {
        return ParserLaw(name, seeds: whole, words: words, factor: 24)
      }
      let headers = whole.map { bytes -> [UInt8] in
        let count = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        return Array(bytes[8..<8 + count])
      }
      let entry = { (n: Int) in "\"\(n)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}" }
      let large = "{\((0..<10_000).map(entry).joined(separator: ","))}"
      return ParserLaw(name, seeds: headers, words: words, factor: 12, large: Array(large.utf8))
    }

    @Test(.timeLimit(.minutes(60)))
    func `a damaged file is an error that names it, or whole, within its memory`() async throws {
      let end = await #expect(processExitsWith: .success) {
        try Self.law("safetensors").check(isRefusal: { $0 is SafetensorsError }) { input in
          let file = try SafetensorsFile(reading: input.file(), verifyingChecksum: false)
          for entry in file.entries where entry.dtype != nil {
            #expect(try file.tensor(entry.name).shape == entry.shape)
          }
        }
      }
      try Self.law("safetensors").explain(end == nil)
    }

    @Test(.timeLimit(.minutes(60)))
    func `a damaged header is an error that names the file, or sound`() async throws {
      let end = await #expect(processExitsWith: .success) {
        let lengths = try Self.law("safetensors-header").mutator.seeds.map { header in
          try SafetensorsHeader.dataLength(of: header)
        }
        try Self.law("safetensors-header").check(isRefusal: { $0 is SafetensorsError }) { input in
          // The header of either sound file may have become this one.
          var refusal: SafetensorsProblem?
          for length in lengths + [0] {
            do {
              _ = try SafetensorsHeader(parsing: input.bytes, dataLength: length)
              return
            } catch let problem as SafetensorsProblem { refusal = problem }
          }
          if let refusal { throw refusal.located(at: input.path) }
        }
      }
      try Self.law("safetensors-header").explain(end == nil)
    }
  #endif
}

extension SafetensorsHeader {
  /// Bytes of data that a sound header speaks of.
  fileprivate static func dataLength(of bytes: [UInt8]) throws -> Int {
    var length = 0
    while true {
      do {
        _ = try SafetensorsHeader(parsing: bytes, dataLength: length)
        return length
      } catch let problem as SafetensorsProblem where length < 1 << 16 {
        _ = problem
        length += 1
      }
    }
  }
}
