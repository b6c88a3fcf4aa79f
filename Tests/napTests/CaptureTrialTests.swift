import Foundation
import TestSupport
import Testing
import Torch
import Training

@testable import NapCommand

// What a trial finds on CUDA is the case `capture-default` of Tools/gpu-check, which is rehearsed on a stand-in.
@Suite struct CaptureTrialTests {
  @Test("a device that records nothing is a reason in words")
  func processor() throws {
    #expect(
      try CaptureTrial.problem(on: .cpu)
        == "updates are not replayed as a CUDA graph: only CUDA's devices record their work")
    #expect(!CaptureTrialProcess.passes(on: "cpu"))
    #expect(!CaptureTrialProcess.passes(on: "nonsense"))
  }

  @Test(
    "a trial passes where its process says so; whatever else it does is a reason in words",
    arguments: [
      ("echo replayed", nil),
      ("echo they differ by 2 of a change of 1", "they differ by 2 of a change of 1"),
      ("echo replayed; exit 3", "a trial of it ended with exit code 3"),
      ("echo replayed; kill -SEGV $$", "a trial of it ended with signal 11"),
      ("true", "a trial of it said nothing"),
      ("exec sleep 600", "a trial of it had not ended after 1 s"),
    ] as [(String, String?)])
  func process(_ does: String, problem: String?) throws {
    try withTemporaryFolder { folder in
      let program = folder.appending(path: "nap")
      try Data(
        "#!/bin/sh\n[ \"$*\" = 'try-capture --device cuda:1' ] || exit 9\n\(does)\n".utf8
      ).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
      let limit = does.contains("sleep") ? 1.0 : 60
      #expect(CaptureTrialProcess.problem(of: "cuda:1", program: program, limit: limit) == problem)
    }
  }

  @Test("a program that is not there is a reason in words")
  func missing() {
    let found = CaptureTrialProcess.problem(
      of: "cuda", program: URL(filePath: "/nowhere/nap"), limit: 1)
    #expect(found?.hasPrefix("the trial of it could not be started: ") == true)
  }
}
