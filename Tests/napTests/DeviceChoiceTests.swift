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
}
