import Experiments
import Foundation
import RunStore
import TestSupport
import Testing
import Torch

@testable import Environments

/// What strangers wrote is not executed: states of environments, and whatever lies in the current folder.
@Suite(.enabled(if: FragileWorld.isInstalled)) struct StrangerTests {
  /// A pickle that makes a file when it is read, as Python's protocol 0.
  private func pickle(making file: URL) -> [UInt8] {
    Array("cos\nsystem\n(S'touch \(file.path)'\ntR.".utf8)
  }

  /// Writes a checkpoint again with another state of its environment.
  private func replaceState(_ pickle: [UInt8], in url: URL, checksum: Bool = true) throws {
    let file = try SafetensorsFile(reading: url)
    let state = EnvironmentState(format: "gymnasium/1", checked: [1] + pickle)
    let tensors = try file.names.map { name in
      let tensor =
        name == "environment.state"
        ? Tensor(state.bytes, shape: [state.bytes.count]) : try file.tensor(name)
      return (name, tensor)
    }
    try SafetensorsFile.write(tensors, metadata: file.metadata, to: url, checksum: checksum)
  }

  @Test
  func `a state of an environment that the run did not write is read only where that is asked for`()
    throws
  {
    try withTemporaryFolder { folder in
      let nap = try FragileWorld(in: folder).program("runs")
      let stopped = try nap.started(FragileWorld.arguments(steps: 3000), andAfter: 0) { process in
        let deadline = ContinuousClock.now + .seconds(60)
        while try RunRecord(nap.runs)?.state == nil, ContinuousClock.now < deadline {
          usleep(5_000)
        }
        process.interrupt()
      }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let run = try onlyRecord(nap).run
      let url = RunRecord.checkpoint(of: run, in: nap.runs)
      let own = try Data(contentsOf: url)
      let mark = folder.appending(path: "executed")

      try replaceState(pickle(making: mark), in: url)
      let refused = try nap.resume()
      expectOneSentence(
        (refused.code, refused.errors), code: 3, url.path, "no record of",
        "--trust-environment-state")
      #expect(!FileManager.default.fileExists(atPath: mark.path))

      // With the flag it is read, here to no good end.
      let trusted = try nap.run(
        "train", "--resume", run.text, "--threads", "1", "--trust-environment-state")
      #expect(trusted.code == 3, "\(trusted.errors)")
      #expect(FileManager.default.fileExists(atPath: mark.path), "the pickle was one")

      try own.write(to: url)
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
    }
  }

  @Test func `a plan's runs read a stranger's state only where the plan is told to`() throws {
    try withTemporaryFolder { folder in
      let nap = try FragileWorld(in: folder).program("runs")
      let compare =
        ["compare"] + FragileWorld.arguments(steps: 100_000).dropFirst()
        + [
          "--arms", "plain", "--seeds", "1", "--jobs", "1", "--report",
          folder.appending(path: "report.csv").path,
        ]
      let (process, output, errors) = try nap.start(compare)
      let readers = [Reader(output), Reader(errors)]
      let deadline = ContinuousClock.now + .seconds(60)
      while try RunRecord(nap.runs)?.state == nil, ContinuousClock.now < deadline { usleep(5_000) }
      process.interrupt()
      process.waitUntilExit()
      let texts = readers.map { $0.finish() }
      #expect(process.terminationStatus == 130, "\(texts)")
      let url = RunRecord.checkpoint(of: try onlyRecord(nap).run, in: nap.runs)
      let mark = folder.appending(path: "executed")
      try replaceState(pickle(making: mark), in: url)
      let refused = try nap.run(compare)
      #expect(!FileManager.default.fileExists(atPath: mark.path))
      #expect(refused.code == 3 && refused.errors.contains("--trust-environment-state"))
      #expect(refused.errors.contains("1 of 1 runs stopped at a fault"), "\(refused.errors)")
      _ = try nap.run(compare + ["--trust-environment-state"])
      #expect(FileManager.default.fileExists(atPath: mark.path), "the flag reached the run")
    }
  }

  @Test func `a checkpoint without its checksum is refused by every verb`() throws {
    try withProgram { nap in
      let stopped = try nap.started(FaultRun.arguments(tasks: 20), andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130)
      let run = try onlyRecord(nap).run
      let url = RunRecord.checkpoint(of: run, in: nap.runs)
      let file = try SafetensorsFile(reading: url)
      try SafetensorsFile.write(
        file.names.map { ($0, try file.tensor($0)) }, metadata: file.metadata, to: url,
        checksum: false)
      for arguments in [
        ["train", "--resume", run.text], ["audit", url.path], ["measure", url.path, "--no-probe"],
      ] {
        let refused = try nap.run(arguments)
        expectOneSentence(
          (refused.code, refused.errors), code: 3, url.path, "with its checksum, found none")
      }
    }
  }

  @Test func `nothing that lies in the current folder is executed`() throws {
    try withTemporaryFolder { folder in
      let mark = folder.appending(path: "executed")
      let here = folder.appending(path: "a/b")
      // Modules that Python's part of an environment imports, and a Python of somebody else's, in the folder and above
      // it.
      try FileManager.default.createDirectory(at: here, withIntermediateDirectories: true)
      for name in ["json", "mmap", "socket", "pickle", "numpy", "gymnasium", "sitecustomize"] {
        try Data("open(\"\(mark.path)\", \"w\")\n".utf8).write(
          to: here.appending(path: "\(name).py"))
      }
      for place in [here, folder] {
        let python = place.appending(path: ".deps/python/bin/python")
        try FileManager.default.createDirectory(
          at: python.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("#!/bin/sh\ntouch '\(mark.path)'\nexit 1\n".utf8).write(to: python)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: python.path)
      }
      // The program as installed, beside which there is no Python.
      let installed = folder.appending(path: "bin/nap")
      try FileManager.default.createDirectory(
        at: installed.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Program.url, to: installed)
      var nap = Program(runs: folder.appending(path: "runs"))
      nap.launcher = ["/usr/bin/env", "-C", here.path]

      nap.environment["NAP_PYTHON"] = Python.executable.path
      let trained = try nap.run(
        ["train", "control", "--preset", "cartpole", "--env", "gymnasium:CartPole-v1"]
          + ["--set", "environments.framesPerVisit=40"] + AgentFaultRun.agent)
      #expect(trained.code == 0, "\(trained.errors)")
      #expect(!FileManager.default.fileExists(atPath: mark.path), "a module of the current folder")
      // What draws imports modules, too.
      let drawn = try nap.run(["report", "-o", folder.appending(path: "r.svg").path])
      #expect(drawn.code == 0, "\(drawn.errors)")
      #expect(!FileManager.default.fileExists(atPath: mark.path), "a module of the current folder")

      nap.environment["NAP_PYTHON"] = ""
      for arguments in [
        ["report", "-o", folder.appending(path: "r.png").path], ["doctor", "--quick"],
        [
          "train", "control", "--preset", "cartpole", "--env", "gymnasium:CartPole-v1", "--set",
          "environments.framesPerVisit=8",
        ],
      ] {
        _ = try nap.run(arguments, program: installed)
        #expect(
          !FileManager.default.fileExists(atPath: mark.path),
          "a Python of the current folder: \(arguments)")
      }
    }
  }
}
