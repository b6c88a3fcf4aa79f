import Testing

@testable import Datasets

@Suite struct TarReaderTests {
  private func files(_ archive: [UInt8]) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    try TarReader(MemorySource(archive, path: "some.tar")).forEachFile { entry, next in
      var bytes: [UInt8] = []
      while case let block = try next(), !block.isEmpty { bytes += block }
      found[entry.name] = bytes
    }
    return found
  }

  private func archive(_ folder: TemporaryFolder, format: String = "ustar") throws -> [UInt8] {
    try shell("tar --format=\(format) -C '\(folder.path)' -cf - set")
  }

  @Test("Files packed by tar come back with name and content", arguments: ["ustar", "gnu", "pax"])
  func readsTar(format: String) throws {
    let folder = try TemporaryFolder()
    let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    try folder.write("set/long.bin", long)
    try folder.write("set/block.bin", Array(long.prefix(512)))
    try folder.write("set/none.bin", [])
    #expect(
      try files(archive(folder, format: format))
        == ["set/long.bin": long, "set/block.bin": Array(long.prefix(512)), "set/none.bin": []])
  }

  @Test("A long name is whole where GNU's tar wrote it, and goes with its file alone")
  func longNames() throws {
    let folder = try TemporaryFolder()
    let long = "set/" + String(repeating: "folder/", count: 20) + "file.bin"
    try folder.write(long, [1])
    try folder.write("set/zero.bin", [2])
    try shell("ln -s '\(long)' '\(folder.path)/\(long)2'")
    #expect(try files(archive(folder, format: "gnu")) == [long: [1], "set/zero.bin": [2]])
    // A name longer than any path is passed over.
    let longest = Array(String(repeating: "n", count: 5_000).utf8)
    let name = try tarBytes("././@LongLink", "L", longest)
    let file = try tarBytes("short", "0", [3])
    #expect(try files(name + file) == ["short": [3]])
  }

  /// One record of an archive.
  private func tarBytes(_ name: String, _ type: Character, _ content: [UInt8]) throws -> [UInt8] {
    func octal(_ value: Int) -> String {
      let digits = String(value, radix: 8)
      return String(repeating: "0", count: 11 - digits.count) + digits + "\0"
    }
    let empty = String(repeating: "\0", count: 24)
    let start = name + String(repeating: "\0", count: 100 - name.count) + empty
    var header = Array((start + octal(content.count) + octal(0) + "        \(type)").utf8)
    header += [UInt8](repeating: 0, count: 512 - header.count)
    let sum = octal(header.reduce(0) { $0 + Int($1) })
    header.replaceSubrange(148..<156, with: Array(sum.utf8.suffix(8)))
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  @Test("A file that is passed over does not shift the next one")
  func skipping() throws {
    let folder = try TemporaryFolder()
    try folder.write("set/a", [UInt8](repeating: 1, count: 700))
    try folder.write("set/b", [2, 3])
    var firstBytes: [String: UInt8] = [:]
    try TarReader(MemorySource(archive(folder), path: "x")).forEachFile { entry, next in
      if entry.baseName == "b" { firstBytes["b"] = try next().first }
    }
    #expect(firstBytes == ["b": 2])
  }

  @Test("An archive cut inside a file, inside a header or with a wrong check sum is an error")
  func damage() throws {
    let folder = try TemporaryFolder()
    try folder.write("set/a", [UInt8](repeating: 1, count: 2_000))
    let whole = try archive(folder)
    // The folder's own header comes first, then the file's.
    #expect(try datasetError { _ = try files(Array(whole.prefix(1_500))) }.kind == .truncated)
    #expect(try datasetError { _ = try files(Array(whole.prefix(900))) }.kind == .truncated)
    var wrong = whole
    wrong[512 + 3] ^= 1
    #expect(try datasetError { _ = try files(wrong) }.kind == .malformed)
  }
}
