import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite("Tar beside Python's tarfile")
struct TarWriterTests {
  static let files: [(name: String, bytes: [UInt8])] = [
    ("a.jpg", [1, 2, 3]), ("n01440764/a.cls", Array("7".utf8)), ("none", []),
    ("bilder/schöne Größe – 図.jpg", (0..<600).map { UInt8(truncatingIfNeeded: $0) }),
    (String(repeating: "folder/", count: 40) + "deep.bin", [9]),
    (String(repeating: "x", count: 100), [4]), (String(repeating: "y", count: 101), [5]),
    (String(repeating: "z", count: 99) + "é", [6]),
  ]

  private static func archive() throws -> [UInt8] {
    try files.flatMap { try TarWriter.file($0.name, $0.bytes) } + TarWriter.end
  }

  static func read(_ archive: [UInt8]) throws -> [(name: String, bytes: [UInt8])] {
    var found: [(name: String, bytes: [UInt8])] = []
    try TarReader(MemorySource(archive, path: "some.tar"), requiresEnd: true).forEachFile {
      entry, next in
      var bytes: [UInt8] = []
      while case let block = try next(), !block.isEmpty { bytes += block }
      #expect(Array(archive[entry.offset..<entry.offset + entry.byteCount]) == bytes)
      found.append((entry.name, bytes))
    }
    return found
  }

  @Test("What is written is read again")
  func roundTrip() throws {
    let found = try Self.read(Self.archive())
    #expect(found.map(\.name) == Self.files.map(\.name))
    #expect(found.map(\.bytes) == Self.files.map(\.bytes))
    for name in ["", "a\0b", String(repeating: "a", count: 4_097)] {
      #expect(throws: DatasetError.self) { try TarWriter.file(name, []) }
    }
  }

  @Test("Python's tarfile and the program tar read what is written")
  func pythonReads() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("ours.tar", Self.archive())
    let program = """
      import sys, tarfile, json
      with tarfile.open(sys.argv[1]) as tar:
        print(json.dumps([[m.name, list(tar.extractfile(m).read())] for m in tar]))
      """
    let output = Data(try Python.run(program, [path]).utf8)
    let found = try #require(JSONSerialization.jsonObject(with: output) as? [[Any]])
    #expect(found.map { $0[0] as? String } == Self.files.map { $0.name })
    #expect(found.map { ($0[1] as? [Int])?.map { UInt8($0) } } == Self.files.map { $0.bytes })
    let listed = try shell("LC_ALL=C.UTF-8 tar --quoting-style=literal -tf '\(path)'")
    #expect(
      String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
        == Self.files.map(\.name))
  }

  @Test(
    "What Python's tarfile writes is read, with long, foreign and binary names and sizes",
    arguments: ["GNU", "PAX", "USTAR"])
  func pythonWrites(format: String) throws {
    let folder = try TemporaryFolder()
    let program = """
      import io, sys, tarfile
      more = {"pax_headers": {"comment": "all"}} if "\(format)" == "PAX" else {}
      with tarfile.open(sys.argv[1], "w", format=tarfile.\(format)_FORMAT, **more) as tar:
        for name, size in [("a/b.bin", 3), ("schön/図.bin", 513), ("/".join(["long"] * 30) + "/x.bin", 1), ("after", 2)]:
          info = tarfile.TarInfo(name); info.size = size; info.mtime = 1.5
          if "\(format)" == "PAX": info.pax_headers = {"SCHILY.xattr.user.x": "ü\\n="}
          tar.addfile(info, io.BytesIO(bytes(i % 256 for i in range(size))))
        link = tarfile.TarInfo("link"); link.type = tarfile.SYMTYPE
        link.linkname = "a" * 150 if "\(format)" != "USTAR" else "a"
        tar.addfile(link)
        info = tarfile.TarInfo("last"); info.size = 1
        tar.addfile(info, io.BytesIO(b"x"))
      """
    _ = try Python.run(program, [folder.path + "/theirs.tar"])
    let archive = try [UInt8](Data(contentsOf: URL(filePath: folder.path + "/theirs.tar")))
    let found = try Self.read(archive)
    let long = Array(repeating: "long", count: 30).joined(separator: "/") + "/x.bin"
    #expect(found.map(\.name) == ["a/b.bin", "schön/図.bin", long, "after", "last"])
    #expect(found.map(\.bytes.count) == [3, 513, 1, 2, 1])
  }

  @Test("Sizes in base 256, names that are no UTF-8, and what is no size")
  func fields() throws {
    var file = try TarWriter.file("abc", [1, 2])
    func sealed(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      bytes.replaceSubrange(148..<156, with: Array("        ".utf8))
      let sum = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
      bytes.replaceSubrange(
        148..<156, with: Array((String(repeating: "0", count: 6 - sum.count) + sum + "\0 ").utf8))
      return bytes
    }
    file.replaceSubrange(124..<136, with: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    file[1] = 0xE9
    #expect(try Self.read(sealed(file) + TarWriter.end).map(\.name) == ["a\\xE9c"])
    #expect(try Self.read(sealed(file) + TarWriter.end).map(\.bytes) == [[1, 2]])
    for size in [
      [0xFF] + [UInt8](repeating: 0xFF, count: 11),
      [0x80, 0, 0, 0, 0x7F] + [UInt8](repeating: 0, count: 7),
    ] {
      file.replaceSubrange(124..<136, with: size)
      #expect(
        try datasetError { _ = try Self.read(sealed(file) + TarWriter.end) }.kind == .malformed)
    }
    for record in ["9 path=ab", "12 path=a", "x path=a\n", "11 size=-1\n", "99999999 path=a\n"] {
      var header = try TarWriter.file("PaxHeaders/x", Array(record.utf8))
      header[156] = UInt8(ascii: "x")
      let archive = try sealed(header) + TarWriter.file("short", [1]) + TarWriter.end
      #expect(try datasetError { _ = try Self.read(archive) }.kind == .malformed, "\(record)")
    }
  }

  @Test("An archive that was cut at the edge of a file is found out where an end is required")
  func cut() throws {
    let whole = try Self.archive()
    let first = try TarWriter.file(Self.files[0].name, Self.files[0].bytes)
    for count in [first.count, first.count + 100, whole.count - TarWriter.end.count] {
      let error = try datasetError { _ = try Self.read(Array(whole.prefix(count))) }
      #expect(error.kind == .truncated && error.path == "some.tar", "\(count)")
    }
    let folder = try TemporaryFolder()
    let path = try folder.write("cut.tar", Array(first.prefix(700)))
    #expect(
      try datasetError { try TarReader(FileSource(path: path)).forEachFile { _, _ in } }.kind
        == .truncated)
  }
}
