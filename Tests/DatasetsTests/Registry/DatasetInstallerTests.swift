import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite(.timeLimit(.minutes(10))) struct DatasetInstallerTests {
  private let downloader = Downloader(
    attempts: 1, connectSeconds: 5, stallSeconds: 5, firstPauseSeconds: 0.01)

  /// A tar.gz of CIFAR-10's files with one or two records each, and other files beside them.
  private func archive(leavingOut missing: String = "") throws -> [UInt8] {
    let folder = try TemporaryFolder()
    for name in ImageDataset.Split.allCases.flatMap(CIFARFormat.cifar10.fileNames)
    where name != missing {
      try folder.write("cifar-10-batches-bin/" + name, cifarBytes([[3], [4]]))
    }
    try folder.write("cifar-10-batches-bin/readme.html", [1])
    try folder.write("evil/../readme.html", [1])
    return try shell("tar -C '\(folder.path)' -czf - .")
  }

  private func dataset(_ archive: [UInt8], _ server: LoopbackServer) -> DatasetDescription {
    DatasetDescription(
      name: "cifar-10", summary: "", folder: "cifar-10-batches-bin", content: .cifar(.cifar10),
      downloads: [
        RemoteFile(
          name: "a.tar.gz", addresses: [server.address], byteCount: archive.count,
          sha256: SHA256.hexadecimal(of: archive))
      ], officialCounts: [.train: 10, .test: 2])
  }

  @Test("An archive is fetched, unpacked, noted and removed; what is there whole is left alone")
  func installs() throws {
    let archive = try archive()
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(archive, server)
    #expect(!installer.verify(dataset).isUsable)
    try installer.install(dataset)
    let names = (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin", "SHA256SUMS"]
    let expected = ["cifar-10-batches-bin"] + names.map { "cifar-10-batches-bin/" + $0 }
    #expect(folder.files == expected.sorted())
    let report = installer.verify(dataset)
    #expect(report.isComplete)
    #expect(report.files.map(\.checksum) == [FileReport.Checksum](repeating: .matches, count: 6))
    #expect(report.files.map(\.recordCount) == [2, 2, 2, 2, 2, 2])
    let check = try shell("cd '\(folder.path)/cifar-10-batches-bin' && sha256sum -c SHA256SUMS")
    #expect(String(decoding: check, as: UTF8.self).contains("test_batch.bin: OK"))
    #expect(
      try dataset.images(.train, from: installer.root).labels == [3, 4, 3, 4, 3, 4, 3, 4, 3, 4])
    try installer.install(dataset)
    #expect(server.ranges.count == 1)
  }

  @Test("A file changed afterwards is found by its digest, and a damaged one by its size")
  func verifies() throws {
    let archive = try archive()
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(archive, server)
    try installer.install(dataset)
    var bytes = cifarBytes([[3], [4]])
    bytes[100] ^= 1
    try folder.write("cifar-10-batches-bin/data_batch_2.bin", bytes)
    let changed = installer.verify(dataset)
    #expect(!changed.isUsable(.train))
    #expect(changed.isUsable(.test))
    guard case .differs(_, SHA256.hexadecimal(of: bytes)) = changed.files[1].checksum else {
      Issue.record("\(changed.files[1])")
      return
    }
    try folder.write("cifar-10-batches-bin/data_batch_2.bin", Array(bytes.dropLast()))
    #expect(installer.verify(dataset).files[1].problem?.kind == .truncated)
    try installer.install(dataset)
    #expect(installer.verify(dataset).isComplete)
  }

  @Test("A damaged list of checksums is a problem of each file, and a new one is fetched")
  func damagedList() throws {
    let archive = try archive()
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(archive, server)
    try installer.install(dataset)
    try folder.write("cifar-10-batches-bin/SHA256SUMS", Array("no digest  data_batch_1.bin\n".utf8))
    let report = installer.verify(dataset)
    #expect(!report.isUsable)
    #expect(report.files.allSatisfy { $0.problem?.path.hasSuffix("/SHA256SUMS") == true })
    #expect(report.files.first?.problem?.found.contains("line 1") == true)
    try installer.install(dataset)
    #expect(installer.verify(dataset).isComplete)
  }

  @Test("An archive that lacks a file is an error that names it")
  func incomplete() throws {
    let archive = try archive(leavingOut: "data_batch_4.bin")
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let error = try datasetError { try installer.install(dataset(archive, server)) }
    #expect(error.kind == .malformed)
    #expect(error.expected.contains("data_batch_4.bin"))
    #expect(folder.files.allSatisfy { !$0.hasSuffix(".part") })
  }

  @Test("An archive cut anywhere leaves whole files only")
  func cutArchive() throws {
    let whole = try archive()
    var fileCounts: Set<Int> = []
    for tenth in 1...9 {
      let folder = try TemporaryFolder()
      let path = try folder.write("a.tar.gz", Array(whole.prefix(whole.count * tenth / 10)))
      let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
      let error = try datasetError {
        try installer.unpack(path, .cifar10, into: folder.path + "/into")
      }
      #expect([.truncated, .malformed].contains(error.kind))
      let names = folder.files.filter { $0.hasPrefix("into/") }
      fileCounts.insert(names.count)
      for name in names {
        #expect(name.hasSuffix(".bin"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
        #expect(bytes.count == 2 * 3073)
      }
    }
    #expect(fileCounts.count > 2, "the cuts fell into different files: \(fileCounts)")
  }

  @Test("Fewer records than the official ones can be used, are not complete, and get replaced")
  func smaller() throws {
    let archive = try archive()
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let installer = DatasetInstaller(root: DataFolder(path: folder.path), downloader: downloader)
    let dataset = dataset(archive, server)
    for name in ImageDataset.Split.allCases.flatMap(CIFARFormat.cifar10.fileNames) {
      try folder.write("cifar-10-batches-bin/" + name, cifarBytes([[1]]))
    }
    let before = installer.verify(dataset)
    #expect(before.isUsable)
    #expect(!before.isComplete)
    #expect(before.files.map(\.checksum) == [FileReport.Checksum](repeating: .unknown, count: 6))
    try installer.install(dataset)
    #expect(installer.verify(dataset).isComplete)
    #expect(try dataset.images(.test, from: installer.root).labels == [3, 4])
  }

  @Test("The registry knows its names, and its files' digests are digests")
  func registry() throws {
    #expect(
      DatasetRegistry.all.map(\.name)
        == ["cifar-10", "cifar-100", "mnist", "tiny-shakespeare", "debian-texts", "procedural"])
    let error = try datasetError { _ = try DatasetRegistry.named("cifar") }
    #expect(error.kind == .unknownName)
    #expect(error.expected.contains("cifar-100, mnist"))
    for file in DatasetRegistry.all.flatMap(\.downloads) {
      #expect(
        file.sha256.count == 64 && file.sha256.allSatisfy { $0.isHexDigit && !$0.isUppercase })
      #expect(file.byteCount > 0)
      #expect(file.addresses.allSatisfy { $0.hasPrefix("https://") })
    }
    let procedural = try DatasetRegistry.named("procedural")
    let nowhere = DataFolder(path: "/nonexistent")
    #expect(try procedural.images(.test, from: nowhere).count == 2_000)
    #expect(try datasetError { _ = try procedural.text(from: nowhere) }.kind == .invalidRequest)
    let text = try DatasetRegistry.named("tiny-shakespeare")
    #expect(try datasetError { _ = try text.images(.test, from: nowhere) }.kind == .invalidRequest)
    #expect(try datasetError { _ = try text.text(from: nowhere) }.kind == .missingFolder)
  }

  @Test(
    "NAP_DATA names the folder; without it, or with nothing in it, it lies under the home folder")
  func dataFolder() {
    #expect(DataFolder(environment: ["NAP_DATA": "/somewhere"]).path == "/somewhere")
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    #expect(DataFolder(environment: [:]).path == home + "/.cache/nap/data")
    #expect(DataFolder(environment: ["NAP_DATA": ""]).path == home + "/.cache/nap/data")
  }
}
