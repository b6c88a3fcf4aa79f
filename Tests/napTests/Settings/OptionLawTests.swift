import Foundation
import Testing

/// The numbers of options, and settings that once ended the program by a signal.
@Suite struct OptionLawTests {
  @Test(arguments: [
    ["train", "random-labels", "--threads"], ["train", "random-labels", "--seed"],
    ["compare", "random-labels", "--threads"], ["compare", "random-labels", "--seeds"],
    ["compare", "random-labels", "--jobs"],
    ["sweep", "random-labels", "--over", "tasks=1", "--seeds"],
    ["measure", "x.safetensors", "--steps"], ["measure", "x.safetensors", "--draws"],
    ["play", "x.safetensors", "--episodes"], ["play", "x.safetensors", "--frames"],
    ["play", "x.safetensors", "--scale"], ["play", "x.safetensors", "--rate"],
    ["play", "x.safetensors", "--seed"], ["audit", "x.safetensors", "--seed"],
    ["doctor", "--quick", "--seconds"], ["doctor", "--quick", "--hours"],
    ["train", "random-labels", "--alone", "--timeout"],
    ["launch", "--processes"], ["launch", "--processes", "1", "--restarts"],
    ["plan", "add", "--within"], ["plan", "add", "--workers"], ["plan", "add", "--retries"],
    ["plan", "run", "--plan", "x", "--entry"], ["plan", "run", "--lease"],
    ["plan", "run", "--patience"], ["plan", "serve", "--token-file", "x", "--port"],
    ["plan", "slurm", "x", "--hours"], ["plan", "slurm", "x", "--at-once"],
    ["data", "get", "nothing", "--patience"], ["data", "get", "nothing", "--attempts"],
  ])
  func `no number of an option ends the program by a signal`(arguments: [String]) throws {
    try withProgram { nap in
      var nap = nap
      nap.environment["NAP_DATA"] = nap.runs.path
      for value in ["9223372036854775807", "-1", "1e308", "nan"] {
        let result = try nap.runInTime(
          arguments.dropLast() + ["\(arguments[arguments.count - 1])=\(value)"], seconds: 30)
        #expect(
          result.signal == nil && result.isPunctual, "\(arguments) \(value): \(result.errors)")
        #expect([2, 3].contains(result.code), "\(arguments) \(value): \(result.code)")
      }
    }
  }

  @Test(arguments: [
    ["agent.network.torsoWidths=1000000,1000000"], ["agent.network.hiddenWidth=1000000000"],
    ["agent.network.distribution.atomCount=1000000000000"],
    ["agent.learnPeriod=9223372036854775807"], ["agent.updatesPerPeriod=9223372036854775807"],
    ["agent.replay.priorityExponent=1000"], ["agent.batchSize=10000000"],
    ["agent.batchSize=1000000000000"], ["environments.visits=9223372036854775807"],
    ["environments.framesPerVisit=9223372036854775807"], ["nap.normalization.epsilon=-0.001"],
    ["agent.batchSize=1000000", "agent.network.hiddenWidth=100000"],
  ])
  func `sizes of agents are refused in one sentence before anything is recorded`(
    settings: [String]
  ) throws {
    try withProgram { nap in
      let result = try nap.runInTime(
        ["train", "control", "--preset", "cartpole", "--threads", "1"]
          + settings.flatMap { ["--set", $0] }, seconds: 20)
      #expect([2, 3].contains(result.code) && result.signal == nil, "\(settings): \(result)")
      #expect(Program.message(result.errors).count == 1, "\(settings): \(result.errors)")
      #expect(try RunRecord(nap.runs) == nil)
    }
  }

  @Test(arguments: [
    ("clip-value", "limit=1e39"), ("clip-norm", "limit=1e39"), ("noisy-updates", "scale=1e308"),
    ("l2", "coefficient=1e39"), ("spectral-norm", "iterations=9223372036854775807"),
  ])
  func `sizes of methods are refused in one sentence`(method: String, setting: String) throws {
    try withProgram { nap in
      let result = try nap.run(
        ["train", "random-labels", "--arm", "nap", "--method", method]
          + ["--set", "methods.\(method).\(setting)"] + smallRun)
      expectOneSentence((result.code, result.errors), code: 2, "methods.\(method).")
      #expect(try RunRecord(nap.runs) == nil)
    }
  }
}
