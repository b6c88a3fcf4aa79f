import Testing

@testable import Datasets

@Suite struct ArReaderTests {
  private let archive = arBytes([("one", [1, 2, 3]), ("two/", []), ("data.tar.xz", [7, 8])])

  private func find(_ name: String, in bytes: [UInt8]) throws -> ArReader.Member? {
    try ArReader(MemorySource(bytes, path: "some.deb")).first { $0.name == name }
  }

  @Test("Members are found by name, odd sizes and empty ones before them, and none is none")
  func finds() throws {
    #expect(try find("one", in: archive) == .init(name: "one", offset: 68, byteCount: 3))
    #expect(try find("two", in: archive) == .init(name: "two", offset: 132, byteCount: 0))
    let data = try #require(try find("data.tar.xz", in: archive))
    #expect(Array(archive[data.offset..<data.offset + data.byteCount]) == [7, 8])
    #expect(try find("three", in: archive) == nil)
    #expect(try find("one", in: Array("!<arch>\n".utf8)) == nil)
  }

  @Test("The byte that fills up the last member may be missing")
  func lastOdd() throws {
    let odd = arBytes([("one", [1, 2, 3])])
    #expect(odd.count == 72)
    #expect(try find("two", in: Array(odd.dropLast())) == nil)
  }

  @Test("Other bytes, a header cut or wrong, and a member longer than the archive are errors")
  func damage() throws {
    for (bytes, kind) in [
      (Array("not an archive, by far".utf8), DatasetError.Kind.malformed),
      ([], .malformed), (Array(archive.prefix(40)), .truncated),
      (Array(archive.prefix(70)), .truncated), (archive.replacing(8 + 48, with: 120), .malformed),
      (archive.replacing(8 + 50, with: 45), .malformed),
      (archive.replacing(8 + 59, with: 13), .malformed),
      (archive.replacing(8 + 57, with: 57), .malformed),
    ] {
      let error = try datasetError { _ = try find("nothing", in: bytes) }
      #expect(error.kind == kind, "\(error)")
      #expect(error.path == "some.deb")
    }
    let long = arBytes([("one", [1])]).replacing(8 + 49, with: 57)
    #expect(try datasetError { _ = try find("one", in: long) }.kind == .truncated)
  }
}

extension [UInt8] {
  fileprivate func replacing(_ index: Int, with byte: UInt8) -> [UInt8] {
    var copy = self
    copy[index] = byte
    return copy
  }
}
