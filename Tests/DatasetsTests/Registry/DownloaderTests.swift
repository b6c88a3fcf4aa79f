import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite(.timeLimit(.minutes(10))) struct DownloaderTests {
  private let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
  private let patient = Downloader(
    attempts: 4, connectSeconds: 5, stallSeconds: 10, firstPauseSeconds: 0.01)
  private let once = Downloader(
    attempts: 1, connectSeconds: 5, stallSeconds: 0.7, firstPauseSeconds: 0.01)

  private func file(_ servers: LoopbackServer..., sha256: String? = nil) -> RemoteFile {
    RemoteFile(
      name: "file.bin", addresses: servers.map(\.address), byteCount: content.count,
      sha256: sha256 ?? SHA256.hexadecimal(of: content))
  }

  @Test("A whole file is fetched, checked and put in place, and is not fetched again")
  func whole() throws {
    let server = try LoopbackServer(content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/new/file.bin"
    var seen: [DownloadProgress] = []
    try once.fetch(file(server), to: path) { seen.append($0) }
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == content)
    #expect(folder.files == ["new", "new/file.bin"])
    #expect(seen.last?.receivedByteCount == content.count)
    #expect(seen.map(\.receivedByteCount) == seen.map(\.receivedByteCount).sorted())
    try once.fetch(file(server), to: path)
    #expect(server.ranges == [""])
  }

  #if os(Linux)
    @Test("Transfers leave no file open, however they end")
    func descriptors() async {
      // A process of its own: other tests open files too.
      await #expect(processExitsWith: .success) {
        let content = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        func open() throws -> [String] {
          try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").map {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
              ?? ""
          }
        }
        let once = Downloader(
          attempts: 1, connectSeconds: 5, stallSeconds: 5, firstPauseSeconds: 0)
        func fetch(_ count: Int) throws {
          for index in 0..<count {
            let server = try LoopbackServer(
              content, index % 2 == 0 ? [] : [index % 4 == 1 ? .cut(after: 10) : .status(404)])
            defer { server.stop() }
            let folder = try TemporaryFolder()
            let file = RemoteFile(
              name: "file.bin", addresses: [server.address], byteCount: content.count,
              sha256: SHA256.hexadecimal(of: content))
            try? once.fetch(file, to: folder.path + "/file.bin")
          }
        }
        try fetch(4)
        let before = try open()
        try fetch(40)
        let after = try open()
        #expect(after.count <= before.count + 4, "\(after.sorted())")
      }
    }
  #endif

  @Test("A cut connection is resumed from where it broke, within one call")
  func cutThenResumed() throws {
    let server = try LoopbackServer(content, [.cut(after: 100_000), .cut(after: 50_000)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    try patient.fetch(file(server), to: folder.path + "/file.bin")
    #expect(server.ranges == ["", "bytes=100000-", "bytes=150000-"])
    #expect(folder.files == ["file.bin"])
  }

  @Test("A later call goes on with the part, and until then nothing lies in the file's place")
  func resumedLater() throws {
    let server = try LoopbackServer(content, [.cut(after: 120_000)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    let error = try datasetError { try once.fetch(file(server), to: path) }
    #expect(error.kind == .downloadFailed)
    #expect(error.path == server.address)
    #expect(error.found.contains("120000 bytes"))
    #expect(folder.files == ["file.bin.part"])
    try once.fetch(file(server), to: path)
    #expect(server.ranges == ["", "bytes=120000-"])
    #expect(folder.files == ["file.bin"])
  }

  @Test("A server that cannot resume is asked for everything again")
  func cannotResume() throws {
    let server = try LoopbackServer(content, [.ignoringRange])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    try folder.write("file.bin.part", Array(content.prefix(1_000)))
    try once.fetch(file(server), to: folder.path + "/file.bin")
    #expect(server.ranges == ["bytes=1000-", ""])
    #expect(folder.files == ["file.bin"])
  }

  @Test("Wrong bytes never take the file's place, and are not kept")
  func wrongBytes() throws {
    let server = try LoopbackServer(content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    let wrong = String(repeating: "0", count: 64)
    let error = try datasetError { try patient.fetch(file(server, sha256: wrong), to: path) }
    #expect(error.kind == .checksumMismatch)
    #expect(error.expected.contains(wrong))
    #expect(error.found == SHA256.hexadecimal(of: content))
    #expect(folder.files.isEmpty)
    #expect(server.ranges == [""], "wrong from the start, it is asked for once")
  }

  @Test("A part with wrong bytes is thrown away, and the file fetched afresh")
  func wrongPart() throws {
    let server = try LoopbackServer(content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    try folder.write("file.bin.part", [UInt8](repeating: 9, count: 1_000))
    try patient.fetch(file(server), to: folder.path + "/file.bin")
    #expect(server.ranges == ["bytes=1000-", ""])
    try folder.write("file.bin.part", [UInt8](repeating: 9, count: content.count + 5))
    try FileManager.default.removeItem(atPath: folder.path + "/file.bin")
    try patient.fetch(file(server), to: folder.path + "/file.bin")
    #expect(folder.files == ["file.bin"])
  }

  @Test("A damaged file in place is replaced only once the new one is whole")
  func replaces() throws {
    let server = try LoopbackServer(content, [.cut(after: 10)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = try folder.write("file.bin", [1, 2, 3])
    #expect(throws: DatasetError.self) { try once.fetch(file(server), to: path) }
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == [1, 2, 3])
    try once.fetch(file(server), to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == content.count)
  }

  @Test("More bytes than the file has stop the download")
  func tooMany() throws {
    let server = try LoopbackServer(content + content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let error = try datasetError {
      try patient.fetch(file(server), to: folder.path + "/file.bin")
    }
    #expect(error.kind == .oversized)
    #expect(folder.files.isEmpty)
  }

  @Test("A server that never answers, or falls silent, ends in a timeout that keeps the part")
  func silence() throws {
    let server = try LoopbackServer(content, [.silent, .stalling(after: 70_000)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    let start = Date()
    let error = try datasetError { try once.fetch(file(server), to: path) }
    #expect(error.kind == .timedOut)
    #expect(folder.files.isEmpty)
    #expect(try datasetError { try once.fetch(file(server), to: path) }.kind == .timedOut)
    #expect(Date().timeIntervalSince(start) < 20)
    #expect(folder.files == ["file.bin.part"])
    try once.fetch(file(server), to: path)
    #expect(server.ranges.last == "bytes=70000-")
  }

  @Test(
    "A server that sends next to nothing ends in a timeout that keeps the part, which is gone on with"
  )
  func drip() throws {
    let server = try LoopbackServer(content, [.dripping(after: 70_000)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    let start = ContinuousClock.now
    let error = try datasetError { try once.fetch(file(server), to: path) }
    #expect(error.kind == .timedOut && error.expected.contains("bytes a second"))
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(folder.files == ["file.bin.part"])
    try once.fetch(file(server), to: path)
    #expect(folder.files == ["file.bin"])
  }

  private let hasty = Downloader(
    attempts: 3, connectSeconds: 5, stallSeconds: 10, firstPauseSeconds: 0.01, trialSeconds: 0.2,
    slowSeconds: 0.5)

  @Test("A slow address is left for a quicker one, which goes on where it was left")
  func slow() throws {
    let (slow, quick) = (try LoopbackServer(content, [.slow(1_000)]), try LoopbackServer(content))
    defer { [slow, quick].forEach { $0.stop() } }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    try hasty.fetch(file(slow, quick), to: path)
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == content)
    #expect(slow.ranges == [""] && quick.ranges.count == 1)
    let offset = try #require(Int(quick.ranges[0].filter(\.isNumber)))
    #expect(offset > 1_000 && offset < 200_000)
  }

  @Test("Of slow addresses the quickest goes on to the end, and is not left again")
  func quickestOfSlow() throws {
    let first = try LoopbackServer(content, [.slow(2_000), .slow(4_000)])
    let second = try LoopbackServer(content, [.slow(200)])
    defer { [first, second].forEach { $0.stop() } }
    let folder = try TemporaryFolder()
    try hasty.fetch(file(first, second), to: folder.path + "/file.bin")
    #expect(first.ranges.count == 2 && second.ranges.count == 1)
    let offsets = (second.ranges + first.ranges.suffix(1)).compactMap { Int($0.filter(\.isNumber)) }
    #expect(offsets.count == 2 && offsets[0] < offsets[1], "each goes on where the other stopped")
    #expect(folder.files == ["file.bin"])
  }

  @Test(
    "What a slow address gave is kept where another cannot go on from it, or fails",
    arguments: [false, true])
  func slowIsKept(fails: Bool) throws {
    let first = try LoopbackServer(content, [.slow(2_000), .slow(9_000)])
    let second = try LoopbackServer(content, [fails ? .cut(after: 0) : .ignoringRange])
    defer { [first, second].forEach { $0.stop() } }
    let folder = try TemporaryFolder()
    try hasty.fetch(file(first, second), to: folder.path + "/file.bin")
    #expect(
      first.ranges.count == 2 && first.ranges[1].hasPrefix("bytes=") && second.ranges.count == 1)
    #expect(folder.files == ["file.bin"])
  }

  @Test("An address is not left where the rest is quick, nor where it is the only one")
  func notLeft() throws {
    let (one, other) = (try LoopbackServer(content, [.slow(9_000)]), try LoopbackServer(content))
    defer { [one, other].forEach { $0.stop() } }
    let folder = try TemporaryFolder()
    try hasty.fetch(file(one, other), to: folder.path + "/a.bin")
    #expect(one.ranges == [""] && other.ranges.isEmpty)
    let alone = try LoopbackServer(content, [.slow(3_000)])
    defer { alone.stop() }
    try hasty.fetch(file(alone), to: folder.path + "/b.bin")
    #expect(alone.ranges == [""])
  }

  @Test("CIFAR and MNIST have a second address, on another server")
  func secondAddresses() {
    for dataset in [DatasetRegistry.cifar10, DatasetRegistry.cifar100, DatasetRegistry.mnist] {
      for file in dataset.downloads {
        let hosts = file.addresses.compactMap { URL(string: $0)?.host() }
        #expect(Set(hosts).count >= 2, "\(file.name)")
        #expect(file.addresses.allSatisfy { $0.hasSuffix("/" + file.name) })
      }
    }
  }

  @Test("A refusal moves on to the next address; with none left it is an error at once")
  func refusals() throws {
    let gone = try LoopbackServer(content, [.status(404), .status(404)])
    let good = try LoopbackServer(content)
    defer { [gone, good].forEach { $0.stop() } }
    let folder = try TemporaryFolder()
    let error = try datasetError {
      try patient.fetch(file(gone), to: folder.path + "/file.bin")
    }
    #expect(error.kind == .downloadFailed)
    #expect(error.found.contains("404"))
    #expect(gone.ranges.count == 1)
    try patient.fetch(file(gone, good), to: folder.path + "/file.bin")
    #expect(folder.files == ["file.bin"])
  }

  @Test("A server's passing failure is tried again")
  func passingFailure() throws {
    let server = try LoopbackServer(content, [.status(503), .status(429)])
    defer { server.stop() }
    let folder = try TemporaryFolder()
    try patient.fetch(file(server), to: folder.path + "/file.bin")
    #expect(server.ranges.count == 3)
  }

  @Test("Nobody listening is an error that names the address")
  func nobody() throws {
    let server = try LoopbackServer(content)
    server.stop()
    let folder = try TemporaryFolder()
    let error = try datasetError { try once.fetch(file(server), to: folder.path + "/file.bin") }
    #expect(error.kind == .downloadFailed)
    #expect(error.path == server.address)
  }

  @Test("What progress throws stops the download and keeps the part")
  func stopped() throws {
    struct Stop: Error {}
    let server = try LoopbackServer(content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    #expect(throws: Stop.self) {
      try once.fetch(file(server), to: folder.path + "/file.bin") { _ in throw Stop() }
    }
    #expect(folder.files == ["file.bin.part"])
  }

  @Test("Two downloads of one file at once: the second is told that it is busy")
  func busy() throws {
    let server = try LoopbackServer(content)
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file.bin"
    let first = try PartialFile(path)
    #expect(try datasetError { try once.fetch(file(server), to: path) }.kind == .busy)
    first.discard()
  }

  @Test("A pipe, a folder or a device in the part's place is refused, and nothing waits for it")
  func strangePart() throws {
    let server = try LoopbackServer(content)
    defer { server.stop() }
    for make in ["mkfifo", "mkdir", "ln -s /dev/null"] {
      let folder = try TemporaryFolder()
      try shell("\(make) '\(folder.path)/file.bin.part'")
      let error = try datasetError {
        try once.fetch(file(server), to: folder.path + "/file.bin")
      }
      #expect(error.kind == .unwritable && error.path.hasSuffix("file.bin.part"), "\(make)")
      #expect(server.ranges.isEmpty, "\(make)")
    }
  }
}
