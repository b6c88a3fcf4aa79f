import Foundation
import TestSupport
import Testing
import Texts

@testable import Experiments

@Suite struct ExternalProgramTests {
  /// A folder with one program, on a search path of its own.
  private func with<Result>(
    _ script: String, named name: String = "tool", _ body: ([String: String]) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let program = folder.appending(path: name)
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: program.path)
      return try body(["PATH": "/nonexistent:\(folder.path)"])
    }
  }

  @Test func `a program tells its version and place`() throws {
    try with("echo \"tool $1 7.88.1 (system)\"") { environment in
      let component = ExternalProgram(name: "tool", versionArgument: "--version")
        .component(for: "work", environment: environment)
      #expect(component.version == "7.88.1")
      #expect(component.detail.hasSuffix("/tool"))
      #expect(component.remedy == nil)
    }
  }

  @Test(arguments: ["exit 1", "true", "kill -9 $$"])
  func `a program that does not run is not here`(script: String) throws {
    try with(script) { environment in
      let component = ExternalProgram(name: "tool", versionArgument: "--version")
        .component(for: "work", environment: environment)
      #expect(component.version == nil)
      #expect(component.detail.hasSuffix("does not run"))
      #expect(component.remedy != nil)
    }
  }

  @Test func `the command that installs is the system's own`() throws {
    try with("true", named: "dnf") { environment in
      let user = PackageManager.command(
        installing: "curl", environment: environment, isRoot: false)
      #expect(user == "sudo dnf install -y curl")
      let root = PackageManager.command(installing: "curl", environment: environment, isRoot: true)
      #expect(root == "dnf install -y curl")
    }
    let unknown = PackageManager.command(installing: "curl", environment: ["PATH": ""])
    #expect(unknown.contains("install curl"))
  }
}
