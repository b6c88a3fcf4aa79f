import TestSupport
import Testing

@testable import Datasets

@Suite(.timeLimit(.minutes(10))) struct DebianTextTests {
  private let downloader = Downloader(
    attempts: 3, connectSeconds: 5, stallSeconds: 5, firstPauseSeconds: 0.01)

  /// A package of four texts, one of them gzipped, and files that are none of them.
  private func package() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try folder.write("share/b.txt", Array("second\r\n".utf8))
    try folder.write("share/a.txt", Array("first".utf8))
    try folder.write("share/sub/c.txt", Array("third ü\n".utf8))
    try folder.write("share/d.txt", [])
    try folder.write("share/no/e.txt", Array("left out\n".utf8))
    try folder.write("share/f.text", Array("of another kind\n".utf8))
    try folder.write("pages/g.gz", gzipped(Array("one\ntwo\nthree\nfour".utf8)))
    try folder.write("verses/bible.data", verseArchive([lzw(Array("Ge1:1 In\n".utf8))]))
    return try packageBytes(folder)
  }

  private func text(_ expected: String, _ change: (inout DebianText) -> Void = { _ in })
    -> DebianText
  {
    let bytes = Array(expected.utf8)
    var text = DebianText(
      name: "some", summary: "", byteCount: bytes.count, sha256: SHA256.hexadecimal(of: bytes),
      packages: ["p.deb"], prefix: "./share/", suffix: ".txt", excluded: "/no/")
    change(&text)
    return text
  }

  private func pages(_ text: inout DebianText) {
    text = DebianText(
      name: "some", summary: "", byteCount: text.byteCount, sha256: text.sha256,
      packages: text.packages, prefix: "./pages/", suffix: ".gz", form: .gzip)
  }

  @Test("Files come by the order of their paths, with ends of lines and without returns")
  func order() throws {
    let folder = try TemporaryFolder()
    try folder.write("p.deb", package())
    func made(_ text: DebianText) throws -> String {
      String(decoding: try text.text(fromPackagesIn: folder.path), as: UTF8.self)
    }
    let all = "first\nsecond\nthird ü\n"
    #expect(try made(text(all)) == all)
    // a, b, d, sub/c: every third is a and sub/c.
    #expect(try made(text("first\nthird ü\n") { $0.stride = 3 }) == "first\nthird ü\n")
    #expect(try made(text("first\nsecond\n") { $0.longest = 20 }) == "first\nsecond\n")
    #expect(try made(text("first\nsecond\n") { $0.longest = 13 }) == "first\nsecond\n")
    #expect(try made(text("one\ntwo\nthree\nfour\n", pages)) == "one\ntwo\nthree\nfour\n")
    let cut = text("one\ntwo\n") {
      pages(&$0)
      $0.longest = 10
    }
    #expect(try made(cut) == "one\ntwo\n")
    let verses = DebianText(
      name: "some", summary: "", byteCount: 9,
      sha256: SHA256.hexadecimal(of: Array("Ge1:1 In\n".utf8)), packages: ["p.deb"],
      prefix: "./verses/", suffix: ".data", form: .verses)
    #expect(try made(verses) == "Ge1:1 In\n")
  }

  @Test("A text of another digest, one that is no UTF-8, and a package without data are errors")
  func damage() throws {
    let folder = try TemporaryFolder()
    try folder.write("p.deb", package())
    let other = try datasetError { _ = try text("other").text(fromPackagesIn: folder.path) }
    #expect(other.kind == .checksumMismatch && other.path.hasSuffix("p.deb"))
    #expect(other.expected.contains("some of 5 bytes"))
    let files = try TemporaryFolder()
    try files.write("share/a.txt", [0xff, 10])
    try folder.write("p.deb", packageBytes(files))
    let latin = DebianText(
      name: "some", summary: "", byteCount: 2, sha256: SHA256.hexadecimal(of: [0xff, 10]),
      packages: ["p.deb"], prefix: "./share/", suffix: ".txt")
    #expect(
      try datasetError { _ = try latin.text(fromPackagesIn: folder.path) }.kind == .malformed)
    try folder.write("p.deb", arBytes([("debian-binary", [50]), ("data.tar.zst", [1])]))
    let zstd = try datasetError { _ = try latin.text(fromPackagesIn: folder.path) }
    #expect(zstd.kind == .malformed && zstd.expected.contains("data.tar.xz"))
  }

  private func dataset(_ text: DebianText, _ package: [UInt8], _ server: LoopbackServer)
    -> DatasetDescription
  {
    DatasetDescription(
      name: "texts", summary: "", folder: "texts", content: .debian([text]),
      downloads: [
        RemoteFile(
          name: "p.deb", addresses: [server.folder + "/mirror", server.folder + "/archive"],
          byteCount: package.count, sha256: SHA256.hexadecimal(of: package))
      ])
  }

  @Test("A package that has left the mirror comes from the archive, and its text alone stays")
  func installs() throws {
    let package = try package()
    let server = try LoopbackServer(package, [.status(404), .cut(after: 300)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(text("first\nsecond\nthird ü\n"), package, server)
    #expect(!installer.verify(dataset).isComplete)
    try installer.install(dataset)
    #expect(folder.files == ["texts", "texts/some.txt"])
    #expect(server.targets == ["/mirror", "/archive", "/archive"])
    #expect(server.ranges.last == "bytes=300-")
    let report = installer.verify(dataset)
    #expect(report.isComplete && report.files.map(\.checksum) == [.matches])
    #expect(report.files.map(\.recordCount) == [22])
    #expect(dataset.textNames == ["some"])
    #expect(try dataset.text(named: "some", from: installer.root).bytes.count == 22)
    #expect(
      try datasetError { _ = try dataset.text(named: "none", from: installer.root) }.kind
        == .unknownName)
    try installer.install(dataset)
    #expect(server.targets.count == 3)
    try folder.write("texts/some.txt", Array("first\n".utf8))
    #expect(!installer.verify(dataset).isUsable)
    try installer.install(dataset)
    #expect(installer.verify(dataset).isComplete)
  }

  @Test("A package that is nowhere is an error that says what to put where; put there it is used")
  func nowhere() throws {
    let package = try package()
    let server = try LoopbackServer(package, [.status(404), .status(404)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(text("first\nsecond\nthird ü\n"), package, server)
    let error = try datasetError { try installer.install(dataset) }
    #expect(error.kind == .downloadFailed && error.expected == "the file p.deb")
    #expect(error.remedy.contains(SHA256.hexadecimal(of: package)))
    #expect(error.remedy.contains("put it at \(folder.path)/texts/p.deb"))
    #expect(folder.files == ["texts"])
    try folder.write("texts/p.deb", package)
    try installer.install(dataset)
    #expect(folder.files == ["texts", "texts/some.txt"] && server.targets.count == 2)
  }

  @Test("A package from which another text comes leaves no text behind")
  func another() throws {
    let package = try package()
    let server = try LoopbackServer(package)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let error = try datasetError { try installer.install(dataset(text("other"), package, server)) }
    #expect(error.kind == .checksumMismatch)
    #expect(folder.files == ["texts", "texts/p.deb"])
  }

  @Test("The registry's texts are of packages that are downloaded, each once, by name")
  func registry() throws {
    guard case .debian(let texts) = DatasetRegistry.debianTexts.content else {
      Issue.record("no texts of Debian")
      return
    }
    #expect(texts.flatMap(\.packages) == DatasetRegistry.debianTexts.downloads.map(\.name))
    #expect(Set(texts.map(\.name)).count == 6)
    for text in texts { #expect(text.sha256.count == 64 && text.byteCount > 1_000_000) }
    for file in DatasetRegistry.debianTexts.downloads {
      #expect(file.addresses[0].hasSuffix("/" + file.name) && file.addresses[1].count == 73)
    }
    let nowhere = DataFolder(path: "/nonexistent")
    let all = DatasetRegistry.debianTexts
    #expect(try datasetError { _ = try all.text(from: nowhere) }.expected.contains("bible, dict"))
    #expect(
      try datasetError { _ = try all.text(named: "python", from: nowhere) }.kind == .missingFolder)
    #expect(try datasetError { _ = try all.images(.test, from: nowhere) }.kind == .invalidRequest)
  }
}
