import Testing

@testable import Torch

@Suite struct SafetensorsChecksumTests {
  private func hash(_ bytes: [UInt8], cut: [Int] = []) -> String {
    var hash = SafetensorsChecksum()
    bytes.withUnsafeBytes { all in
      var start = 0
      for end in cut + [bytes.count] {
        hash.update(UnsafeRawBufferPointer(rebasing: all[start..<end]))
        start = end
      }
    }
    return hash.hexadecimal
  }

  @Test func `hashes are the published ones`() {
    #expect(hash([]) == "ef46db3751d8e999")
    #expect(hash(Array("a".utf8)) == "d24ec4f1a98c6e5b")
    #expect(hash(Array("abc".utf8)) == "44bc2cf5ad770999")
    // More than one stripe of 32 bytes, and a rest of every kind.
    #expect(
      hash(Array("Nobody inspects the spammish repetition".utf8)) == "fbcea83c8a378bf1")
  }

  @Test func `how a stream is cut into calls does not matter`() {
    let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    let whole = hash(bytes)
    for cut in 0...200 {
      #expect(hash(bytes, cut: [cut]) == whole)
      #expect(hash(bytes, cut: [cut / 3, cut / 2, cut]) == whole)
    }
  }

  @Test func `every bit matters`() {
    for length in [1, 7, 8, 31, 32, 33, 100] {
      let bytes = [UInt8](repeating: 0x5a, count: length)
      var seen: Set<String> = [hash(bytes)]
      for bit in 0..<(8 * length) {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        seen.insert(hash(changed))
      }
      #expect(seen.count == 8 * length + 1)
    }
  }
}
