import Foundation
import TestSupport
import Testing
import Torch

@Suite struct DurableFileTests {
  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `pieces are joined, overwritten and take the name together`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      try DurableFile.write(to: url) { file in
        try file.append(Data("hello ".utf8))
        try file.append(Data())
        try file.append(Data("world".utf8))
        try file.overwrite(at: 0, with: Data("H".utf8))
        try file.append(Data("!".utf8))
        #expect(!FileManager.default.fileExists(atPath: url.path))
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "Hello world!")
      try DurableFile.write(Data("new".utf8), to: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "new")
      #expect(try names(folder) == ["file"])
    }
  }

  @Test func `an error while writing leaves the old file, and nothing beside it`() throws {
    struct Stop: Error {}
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      try DurableFile.write(Data("old".utf8), to: url)
      #expect(throws: Stop.self) {
        try DurableFile.write(to: url) { file in
          try file.append(Data("half of the new".utf8))
          throw Stop()
        }
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      #expect(try names(folder) == ["file"])
    }
  }

  @Test func `a symbolic link stays one, and permissions stay`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      let link = folder.appending(path: "link")
      try DurableFile.write(Data("old".utf8), to: url)
      let manager = FileManager.default
      try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
      try manager.createSymbolicLink(at: link, withDestinationURL: url)
      try DurableFile.write(Data("new".utf8), to: link)
      #expect(try manager.destinationOfSymbolicLink(atPath: link.path) == url.path)
      #expect(try String(contentsOf: url, encoding: .utf8) == "new")
      #expect(try manager.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int == 0o640)
      #expect(try names(folder) == ["file", "link"])
    }
  }

  @Test func `a folder that is missing, a file or a folder's own name cannot be written`() throws {
    try withTemporaryFolder { folder in
      try Data("x".utf8).write(to: folder.appending(path: "file"))
      for (path, code) in [("none/file", ENOENT), ("file/below", ENOTDIR), ("", EISDIR)] {
        let url = folder.appending(path: path)
        let error = #expect(throws: DurableFileError.self) {
          try DurableFile.write(Data("x".utf8), to: url)
        }
        #expect(error?.code == code && error?.step == "create")
        #expect(error?.description.hasPrefix("\(error?.path ?? "?"): expected to create") == true)
        #expect(error?.path.hasPrefix(folder.resolvingSymlinksInPath().path) == true)
      }
      #expect(try names(folder) == ["file"])
    }
  }

  @Test func `a full disk is an error that names the file, and the old one stays`() async {
    // In a process of its own, whose files may not pass 64 KiB: writes then fail as on a full disk.
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        let url = folder.appending(path: "checkpoint")
        try SafetensorsFile.write([("x", Tensor([7] as [Float]))], to: url)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 64 << 10, rlim_max: 64 << 10)
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        let error = #expect(throws: DurableFileError.self) {
          try SafetensorsFile.write([("x", Tensor.ones([100_000]))], to: url)
        }
        #expect(error?.code == EFBIG && error?.step == "write")
        #expect(error?.path.hasSuffix("/checkpoint") == true)
        #expect(error?.advice.contains("space") == true)
        #expect(try SafetensorsFile(reading: url).tensor("x").item == 7)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["checkpoint"])
      }
    }
  }

  @Test func `a folder without write permission is an error that names the file`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        let url = folder.appending(path: "file")
        try DurableFile.write(Data("old".utf8), to: url)
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        // Permissions do not hold root back, so it becomes nobody for the attempt.
        let user = geteuid()
        if user == 0 { #expect(seteuid(65534) == 0) }
        let error = #expect(throws: DurableFileError.self) {
          try DurableFile.write(Data("new".utf8), to: url)
        }
        if user == 0 { #expect(seteuid(0) == 0) }
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        #expect(error?.code == EACCES && error?.step == "create")
        #expect(error?.advice.contains("write") == true)
        #expect(try String(contentsOf: url, encoding: .utf8) == "old")
      }
    }
  }

  @Test func `a process killed while writing leaves the old file whole`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nap-killed-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: "file")
    try DurableFile.write(Data("old".utf8), to: url)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = url.path as String] in
      try DurableFile.write(to: URL(filePath: path)) { file in
        try file.append(Data(repeating: 1, count: 1 << 20))
        kill(getpid(), SIGKILL)
        sleep(60)
      }
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == "old")
    #expect(try names(folder).filter { $0 != "file" }.allSatisfy { $0.hasSuffix(".partial") })
  }

  @Test func `what killed writers left is removed, what a living one writes is not`() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "file")
      for name in [".file.abc.partial", ".other.partial", "visible.partial", ".hidden"] {
        try Data("x".utf8).write(to: folder.appending(path: name))
      }
      try DurableFile.write(to: url) { file in
        try file.append(Data("new".utf8))
        #expect(
          DurableFile.removeAbandoned(in: folder) == [".file.abc.partial", ".other.partial"])
      }
      #expect(try String(contentsOf: url, encoding: .utf8) == "new")
      #expect(try names(folder) == [".hidden", "file", "visible.partial"])
      #expect(DurableFile.removeAbandoned(in: folder.appending(path: "none")) == [])
    }
  }
}
