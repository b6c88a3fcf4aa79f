import Foundation
import Testing

@Suite struct SettingFaultTests {
  @Test(arguments: [
    (["taks=5"], ["there is no key 'taks'", "did you mean tasks"]),
    (["optimizer.learnignRate=1"], ["did you mean optimizer.learningRate"]),
    (["optimiser.learningRate=1"], ["did you mean optimizer.learningRate"]),
    (["network.=1"], ["there is no key 'network.'"]),
    (["tasks.x=1"], ["there is no key 'tasks.x'"]),
    (["tasks"], ["--set 'tasks'", "expected key=value"]),
    (["=5"], ["expected key=value"]),
    ([""], ["expected key=value"]),
    (["tasks="], ["--set tasks=:", "expected a whole number"]),
    (["tasks=many"], ["expected a whole number"]),
    (["tasks=1.5"], ["expected a whole number"]),
    (["tasks=true"], ["expected a whole number"]),
    (["tasks=null"], ["expected a whole number"]),
    (["tasks=9223372036854775808"], ["expected a whole number"]),
    (["tasks=1e30"], ["expected a whole number"]),
    (["tasks=9223372036854775807"], ["tasks must be 1 to 10,000,000"]),
    (["updatesPerTask=9223372036854775807"], ["tasks times updatesPerTask"]),
    (["tasks=-1"], ["tasks must be 1 to", "but is -1"]),
    (["batchSize=0"], ["batchSize must be at least 1"]),
    (["optimizer.learningRate=nan"], ["expected a number"]),
    (["optimizer.learningRate=1e999"], ["expected a number"]),
    (["optimizer.learningRate=-1"], ["optimizer.learningRate", "from 0"]),
    (["optimizer.beta1=1"], ["optimizer.beta1", "below 1"]),
    (["relabeledShare=2"], ["stream.relabeledShare", "at most 1"]),
    (["network.hidden=-3", "data.source=procedural"], ["network.hidden", "positive"]),
    (["network.hidden=a,b"], ["network.hidden=a,b", "expected a"]),
    (["network.kind=rnn"], ["expected one of mlp, cnn, vgg"]),
    (["data.source=imagenet"], ["expected one of cifar-10, cifar-100, mnist, procedural"]),
    (["optimizer.kind=Adam"], ["expected one of sgd, rmsprop, adam, adamw, muon, adamh, muonh"]),
    (["schedule.restartsAtTask=3"], ["expected true or false"]),
    (["optimizer=adam"], ["is a group", "optimizer.kind"]),
    (["tasks=5", "tasks=6"], ["--set tasks is given twice", "as 5 and as 6"]),
    (["recording.probeCount=0"], ["recording.probeCount"]),
  ])
  func `a setting that cannot be is one sentence that names it`(
    settings: [String], words: [String]
  ) throws {
    try withProgram { nap in
      let result = try nap.run(
        ["train", "random-labels", "--threads", "1"] + settings.flatMap { ["--set", $0] })
      #expect(result.code == 2, "\(settings): \(result.errors)")
      #expect(!result.errors.contains("Swift"), "\(settings): \(result.errors)")
      for word in words {
        #expect(result.errors.contains(word), "\(settings): \(result.errors)")
      }
      #expect(try RunRecord(nap.runs) == nil, "\(settings): a run was recorded")
    }
  }

  @Test(arguments: [
    (["data.imageCount=9223372036854775807"], ["1 to 1,000,000 images"]),
    (["data.size=60000"], ["lower data.size or data.imageCount", "60000 x 60000"]),
    (["data.size=100000000"], ["lower data.size or data.imageCount"]),
    (["network.hidden=2000000000"], ["cannot hold the run"]),
    (["network.hidden=9223372036854775807"], ["cannot hold the run"]),
  ])
  func `a size that the machine cannot hold is one sentence, not a crash`(
    settings: [String], words: [String]
  ) throws {
    try withProgram { nap in
      let result = try nap.run(
        ["train", "random-labels", "--threads", "1", "--set", "data.source=procedural"]
          + settings.flatMap { ["--set", $0] })
      expectOneSentence((result.code, result.errors), code: 3)
      for word in words {
        #expect(result.errors.contains(word), "\(settings): \(result.errors)")
      }
      #expect(try RunRecord(nap.runs) == nil)
    }
  }

  @Test(arguments: [
    ("cuda:97", 3, "has no such device"), ("cuda:9223372036854775807", 3, "has no such device"),
    ("cuda:-1", 2, "expected cpu, cuda"), ("cuda:", 2, "expected cpu, cuda"),
    ("cuda:99999999999999999999", 2, "expected cpu, cuda"), ("gpu", 2, "expected cpu, cuda"),
    ("", 2, "expected cpu, cuda"),
  ])
  func `a device that is not there, or is none, is one sentence`(
    device: String, code: Int32, words: String
  ) throws {
    try withProgram { nap in
      for arguments in [["train", "random-labels"], ["train", "--resume", "x"]] {
        let result = try nap.run(arguments + ["--device", device])
        expectOneSentence((result.code, result.errors), code: code, "--device", words)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: nap.runs.path) == [])
    }
  }
}
