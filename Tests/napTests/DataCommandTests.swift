import Foundation
import TestSupport
import Testing

/// `nap data get` itself, against servers on this machine that misbehave.
@Suite(.timeLimit(.minutes(10))) struct DataCommandTests {
  /// The real text, where it is at hand: a download can only end well with its very bytes.
  private static let text: [UInt8]? = dataFolder.flatMap { folder in
    (try? Data(contentsOf: folder.appending(path: "text/tinyshakespeare.txt"))).map { [UInt8]($0) }
  }
  private static let name = "text/tinyshakespeare.txt"

  /// As many bytes as the real text has, but others.
  private static let wrong = [UInt8](repeating: 65, count: 1_115_394)

  private struct Place {
    let nap: Program
    let folder: URL
    let server: LoopbackServer

    var arguments: [String] {
      ["data", "get", "tiny-shakespeare", "--from", server.folder, "--data", folder.path]
    }
    /// What lies in the data folder.
    var files: [String] {
      ((try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }
    func get(_ more: String...) throws -> Program.Result { try nap.run(arguments + more) }
    func bytes() throws -> [UInt8] {
      [UInt8](try Data(contentsOf: folder.appending(path: DataCommandTests.name)))
    }
  }

  private func withServer(
    _ content: [UInt8]?, _ behaviours: [LoopbackServer.Behaviour] = [],
    _ body: (Place) throws -> Void
  ) throws {
    let server = try LoopbackServer(content ?? Self.wrong, behaviours)
    defer { server.stop() }
    try withProgram { nap in
      try body(Place(nap: nap, folder: nap.runs.appending(path: "data"), server: server))
    }
  }

  @Test(.enabled(if: text != nil))
  func `a dataset comes from a mirror, and what is there whole is not fetched again`() throws {
    try withServer(Self.text) { place in
      let first = try place.get()
      #expect(first.code == 0, "\(first.errors)")
      #expect(try place.bytes() == Self.text)
      #expect(place.files == ["text", Self.name])
      #expect(try place.get().code == 0)
      #expect(place.server.ranges == [""])
      #expect(place.server.targets == ["/tinyshakespeare.txt"])
    }
  }

  @Test(.enabled(if: text != nil))
  func `a server that cuts the connection is asked to go on where it broke`() throws {
    try withServer(Self.text, [.cut(after: 400_000), .cut(after: 300_000)]) { place in
      let result = try place.get()
      #expect(result.code == 0, "\(result.errors)")
      #expect(try place.bytes() == Self.text)
      #expect(place.server.ranges == ["", "bytes=400000-", "bytes=700000-"])
      #expect(place.files == ["text", Self.name])
    }
  }

  @Test(.enabled(if: text != nil))
  func `a server that ignores ranges is asked for everything again`() throws {
    try withServer(Self.text, [.ignoringRange]) { place in
      let text = try #require(Self.text)
      try FileManager.default.createDirectory(
        at: place.folder.appending(path: "text"), withIntermediateDirectories: true)
      try Data(text.prefix(5_000)).write(to: place.folder.appending(path: Self.name + ".part"))
      #expect(try place.get().code == 0)
      #expect(try place.bytes() == text)
      #expect(place.server.ranges == ["bytes=5000-", ""])
    }
  }

  @Test func `wrong bytes exit 3 with both checksums, and nothing of them stays`() throws {
    try withServer(Self.wrong) { place in
      let result = try place.get()
      #expect(result.code == 3)
      #expect(result.errors.contains("SHA-256 86c4e6aa9db7c042"), "\(result.errors)")
      #expect(result.errors.contains(place.server.folder))
      #expect(place.files == ["text"])
    }
  }

  @Test func `a server that never answers exits 3 once patience ends, and says so`() throws {
    try withServer(nil, [.silent]) { place in
      let result = try place.get("--patience", "0.5", "--attempts", "1")
      #expect(result.code == 3)
      #expect(result.errors.contains("expected an answer within 0.5 s"), "\(result.errors)")
      #expect(result.errors.contains("run the command again"))
      #expect(place.files == ["text"])
    }
  }

  @Test func `a connection that is cut for good exits 3 and keeps the part for the next time`()
    throws
  {
    try withServer(nil, [.cut(after: 10_000)]) { place in
      let result = try place.get("--attempts", "1")
      #expect(result.code == 3)
      #expect(result.errors.contains("it continues where it stopped"), "\(result.errors)")
      #expect(place.files == ["text", Self.name + ".part"])
    }
  }

  /// Runs the program where files may not pass a size, or on a small disk of its own.
  private func onFullDisk(_ script: String, _ place: Place) throws -> Program.Result {
    try FileManager.default.createDirectory(at: place.folder, withIntermediateDirectories: true)
    return try place.nap.runShell(script, [place.folder.path] + place.arguments)
  }

  @Test func `a disk that takes no more exits 3 with the file's name; with room it goes on`() throws
  {
    // sh counts blocks of 512 bytes, bash of 1,024: 100 or 200 KB.
    try withServer(Self.text) { place in
      let result = try onFullDisk(#"shift; ulimit -f 200; exec "$0" "$@""#, place)
      #expect(result.code == 3, "\(result.errors)")
      #expect(result.errors.contains(Self.name + ".part: expected"), "\(result.errors)")
      #expect(result.errors.contains("free space"))
      #expect(place.files == ["text", Self.name + ".part"])
      guard Self.text != nil else { return }
      #expect(try place.get().code == 0)
      #expect(try place.bytes() == Self.text)
      #expect(place.server.ranges.last?.hasPrefix("bytes=") == true)
    }
  }

  /// Whether a small file system of a test's own can be mounted here.
  private static let canMount =
    (try? Program(runs: URL(filePath: "/")).runShell("unshare -rm true", []).code) == 0

  @Test(.enabled(if: canMount))
  func `a file system without room exits 3 and says so`() throws {
    try withServer(Self.text) { place in
      let script = #"""
        folder=$1; shift
        exec unshare -rm sh -c 'mount -t tmpfs -o size=256k none "$0" && shift && exec "$@"' \
          "$folder" - "$0" "$@"
        """#
      let result = try onFullDisk(script, place)
      #expect(result.code == 3, "\(result.errors)")
      #expect(result.errors.contains("No space left on device"), "\(result.errors)")
    }
  }

  @Test(.enabled(if: text != nil))
  func `a second program is told to wait, and one killed half way leaves a part that is used`()
    throws
  {
    try withServer(Self.text, [.stalling(after: 300_000)]) { place in
      let first = try place.nap.start(place.arguments)
      let part = place.folder.appending(path: Self.name + ".part").path
      let deadline = Date().addingTimeInterval(60)
      while (try? FileManager.default.attributesOfItem(atPath: part)[.size] as? Int) != 300_000,
        Date() < deadline
      {
        Thread.sleep(forTimeInterval: 0.02)
      }
      let second = try place.get()
      #expect(second.code == 3)
      #expect(second.errors.contains("expected no other process writing this file"), "\(second)")
      kill(first.process.processIdentifier, SIGKILL)
      first.process.waitUntilExit()
      #expect(place.files == ["text", Self.name + ".part"])
      #expect(try place.get().code == 0)
      #expect(try place.bytes() == Self.text)
      #expect(place.server.ranges == ["", "bytes=300000-"])
    }
  }

  @Test(arguments: ["ftp://host/x", "host/x", "", "http://", "file:///etc"])
  func `a mirror that is no address of http exits 2`(address: String) throws {
    try withProgram { nap in
      let result = try nap.run("data", "get", "mnist", "--from", address)
      #expect(result.code == 2)
      #expect(result.errors.contains("--from"), "\(result.errors)")
    }
  }

  @Test func `help tells of mirrors and patience`() throws {
    try withProgram { nap in
      let help = try nap.run("data", "get", "--help").output
      for word in ["--from", "--patience", "--attempts", "mirror"] {
        #expect(help.contains(word), "\(word)")
      }
    }
  }
}
