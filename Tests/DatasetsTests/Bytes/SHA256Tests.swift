import Testing

@testable import Datasets

@Suite struct SHA256Tests {
  @Test("Digests equal the vectors of FIPS 180-4")
  func vectors() {
    #expect(
      SHA256.hexadecimal(of: [])
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      SHA256.hexadecimal(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.hexadecimal(
        of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test("A digest does not depend on how the bytes are cut, at every length around a block")
  func pieces() throws {
    let folder = try TemporaryFolder()
    for length in [1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 89) }
      let whole = SHA256.hexadecimal(of: bytes)
      for step in [1, 7, 64, 65] {
        var digest = SHA256()
        for start in stride(from: 0, to: length, by: step) {
          digest.update(Array(bytes[start..<min(start + step, length)]))
        }
        #expect(digest.hexadecimal() == whole, "length \(length), pieces of \(step)")
      }
      let path = try folder.write("bytes", bytes)
      #expect(try SHA256.hexadecimal(ofFileAt: path) == whole)
      let program = String(
        decoding: try shell("sha256sum '\(path)' || shasum -a 256 '\(path)'"), as: UTF8.self)
      #expect(program.hasPrefix(whole), "length \(length)")
    }
  }
}
