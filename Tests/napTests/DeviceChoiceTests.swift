import Testing

@testable import NapCommand

@Suite struct DeviceChoiceTests {
  @Test(
    "what is recorded of a device is read back, and asks for the same",
    arguments: [
      ("cpu", "cpu", ["--device", "cpu"]),
      ("cuda:1", "cuda:1", ["--device", "cuda:1", "--no-capture"]),
      (
        "cuda deterministic", "cuda deterministic",
        ["--device", "cuda", "--deterministic", "--no-capture"]
      ),
      ("cuda captured", "cuda captured", ["--device", "cuda", "--capture"]),
      (
        "cuda deterministic captured", "cuda deterministic captured",
        ["--device", "cuda", "--deterministic", "--capture"]
      ),
      ("", "cpu", ["--device", "cpu"]),
    ])
  func roundTrip(recorded: String, again: String, arguments: [String]) {
    let choice = DeviceChoice(recorded: recorded)
    #expect(choice.recorded == again)
    #expect(choice.arguments == arguments)
  }

  @Test("a CPU has one kind of kernels and records nothing")
  func processor() {
    let choice = DeviceChoice("cpu", isDeterministic: true, isCaptured: true)
    #expect(choice == DeviceChoice("cpu"))
  }

  @Test(
    "a setting named capture is the option",
    arguments: [
      (["train", "--set", "capture=no"], ["train", "--no-capture"]),
      (["train", "--set=capture=false", "--yes"], ["train", "--no-capture", "--yes"]),
      (["--set", "tasks=1", "--set", "capture=yes"], ["--set", "tasks=1", "--capture"]),
      (
        ["launch", "--", "train", "--set", "capture=no"], ["launch", "--", "train", "--no-capture"]
      ),
      (["train", "--name", "capture=no"], ["train", "--name", "capture=no"]),
    ])
  func setting(arguments: [String], replaced: [String]) throws {
    #expect(try CaptureSetting.replaced(in: arguments) == replaced)
  }

  @Test("a setting named capture takes yes or no")
  func wrongSetting() {
    #expect {
      try CaptureSetting.replaced(in: ["train", "--set", "capture=maybe"])
    } throws: {
      "\($0)" == "--set capture=maybe: expected yes or no"
    }
  }

  @Test("both answers to one question are refused")
  func bothAnswers() {
    #expect(throws: Never.self) {
      try PlannedCommands.parsed(["compare", "random-labels", "--capture"])
    }
    #expect(throws: (any Error).self) {
      try PlannedCommands.parsed(["compare", "random-labels", "--capture", "--no-capture"])
    }
  }
}
