import Experiments
import Foundation
import RunStore
import Testing
import Torch
import Training

@Suite struct NotFiniteTests {
  private func poison(_ url: URL, _ value: Float) throws {
    let file = try SafetensorsFile(reading: url)
    let list = try file.names.map { name -> (name: String, tensor: Tensor) in
      let tensor = try file.tensor(name)
      guard name == "network.hidden0.weight" else { return (name, tensor) }
      var values = tensor.floats
      values[5] = value
      return (name, Tensor(values, shape: tensor.shape))
    }
    try SafetensorsFile.write(list, metadata: file.metadata, to: url)
  }

  @Test(arguments: [Float.nan, .infinity])
  func `a checkpoint with weights that are not finite ends the run with that outcome`(
    value: Float
  ) throws {
    try withProgram { nap in
      #expect(
        try nap.started(FaultRun.arguments(arm: "plain", tasks: 20), andAfter: 2) {
          $0.interrupt()
        }.code == 130)
      let before = try onlyRecord(nap)
      let url = RunRecord.checkpoint(of: before.run, in: nap.runs)
      let good = try Data(contentsOf: url)
      try poison(url, value)
      let audit = try nap.run("audit", url.path)
      expectOneSentence(
        (audit.code, audit.errors), code: 3, url.path, "expected finite weights", "hidden0.weight")
      let poisoned = try Data(contentsOf: url)
      let result = try nap.resume()
      #expect(result.code == 4, "\(result.errors)")
      #expect(result.errors.contains("not finite"))
      #expect(!result.errors.contains("Fatal"))
      #expect(try onlyRecord(nap).status.state == "not finite")
      #expect(try Data(contentsOf: url) == poisoned)
      // With the good one back, the run continues as if nothing had been.
      try good.write(to: url)
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).status == .finished)
    }
  }

  @Test func `a loss that stops being finite ends the run, and the last good state stays`() throws {
    try withProgram { nap in
      // From update 20 on, in the third task, the rate is 1e9, and 1e21 after as many again.
      let result = try nap.run(
        FaultRun.arguments(arm: "plain", tasks: 30) + [
          "--set", "optimizer.kind=sgd", "--set", "optimizer.learningRate=1e-3",
          "--set", "schedule.kind=step", "--set", "schedule.stepUpdates=20",
          "--set", "schedule.stepFactor=1e12",
        ])
      #expect(result.code == 4, "\(result.errors)")
      #expect(result.errors.contains("ended early: not finite"))
      let record = try onlyRecord(nap)
      #expect(record.status.state == "not finite")
      #expect(record.status.reason?.isEmpty == false)
      let state = try #require(record.state)
      #expect(state.updates == 16)
      let url = RunRecord.checkpoint(of: record.run, in: nap.runs)
      let good = try Checkpoint(reading: url)
      for (name, tensor) in good.snapshot.tensors where tensor.dtype == .float32 {
        #expect(tensor.floats.allSatisfy { $0.isFinite }, "\(name)")
      }
      // The state that failed lies beside it, and everything up to it is recorded.
      let diverged = try Checkpoint(
        reading: url.deletingLastPathComponent().appending(path: Checkpoint.divergedFileName))
      #expect(diverged.identity.updates > state.updates)
      #expect(record.values.contains { $0.updates > state.updates })
      // Again from the last good state: the same end, nothing doubled.
      #expect(try nap.resume().code == 4)
      #expect(try onlyRecord(nap) == record)
    }
  }

  @Test(arguments: ["plain", "norm", "nap", "nap/shrink-perturb", "fresh", "fresh-norm"])
  func `an agent whose weights stop being finite ends with that outcome, whatever its arm`(
    arm: String
  ) throws {
    try withProgram { nap in
      // The first visit is learned as it should be; from the second on the rate grows by 1e12 with each. An agent that
      // starts again counts its updates from each visit's beginning: there it grows within the first.
      let startsAnew = arm.hasPrefix("fresh")
      let result = try nap.run(
        ["train"] + AgentFaultRun.grids(8) + [
          "--arm", arm, "--set", "schedule.kind=step",
          "--set", "schedule.stepUpdates=\(startsAnew ? 4 : 30)",
          "--set", "schedule.stepFactor=1e12",
        ])
      #expect(result.code == 4, "\(result.errors)")
      #expect(result.errors.contains("ended early: not finite"), "\(result.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status.state == "not finite")
      guard !startsAnew else { return }
      let state = try #require(record.state)
      #expect(state.updates >= 30)
      let url = RunRecord.checkpoint(of: record.run, in: nap.runs)
      for (name, tensor) in try Checkpoint(reading: url).snapshot.tensors
      where tensor.dtype == .float32 && name.hasPrefix("network.") {
        #expect(tensor.floats.allSatisfy { $0.isFinite }, "\(name)")
      }
    }
  }
}
