import Foundation
import Testing

@testable import RunStore

@Suite("Provenance")
struct ProvenanceTests {
  @Test("This process's provenance is filled in")
  func current() {
    let found = Provenance.current(
      napVersion: "1", libtorchVersion: "2", device: "cpu", threadCount: 2,
      commandLine: ["nap", "list"])
    #expect(found.commandLine == ["nap", "list"])
    #expect(found.processIdentifier == Int(getpid()))
    #expect(found.host.coreCount >= 1 && found.host.memoryBytes > 1 << 20)
    #expect(!found.host.processor.isEmpty && !found.host.operatingSystem.isEmpty)
    #expect(abs(found.started.timeIntervalSinceNow) < 60)
    #expect(found.workingDirectory == FileManager.default.currentDirectoryPath)
  }

  @Test("A command is quoted so that a shell takes it back")
  func shellCommand() throws {
    let arguments = ["nap", "--set", "a=b c", "it's", "", "$HOME", "x/y_z.1"]
    var provenance = Provenance.fixture()
    provenance.commandLine = ["printf", "%s\\n"] + arguments
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", provenance.shellCommand]
    let output = Pipe()
    shell.standardOutput = output
    try shell.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    #expect(String(decoding: data, as: UTF8.self) == arguments.joined(separator: "\n") + "\n")
  }

  @Test("The commit of a repository is found, changes to it are marked, elsewhere there is none")
  func commit() throws {
    try withTemporaryFolder { folder in
      #expect(SourceCommit.of(folder: folder) == nil)
      func git(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
          ["git", "-C", folder.path, "-c", "user.name=a", "-c", "user.email=a@b"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      let file = folder.appendingPathComponent("file")
      try Data("1".utf8).write(to: file)
      try git("init", "-q")
      try git("add", "file")
      try git("commit", "-q", "-m", "one")
      let clean = try #require(SourceCommit.of(folder: folder))
      #expect(clean.count == 40 && clean.allSatisfy(\.isHexDigit))
      try Data("2".utf8).write(to: file)
      #expect(SourceCommit.of(folder: folder) == clean + "-dirty")
    }
  }

  @Test("Peak memory covers what the process has touched")
  func peakMemory() {
    let before = ProcessUsage.peakMemoryBytes
    #expect(before > 1 << 20)
    let size = before + (64 << 20)
    let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
    memset(block, 1, size)
    #expect(ProcessUsage.peakMemoryBytes >= size)
    block.deallocate()
  }
}
