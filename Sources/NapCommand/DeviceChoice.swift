import Experiments
import Torch

/// A device and how it works, as runs and plans record it: `cuda deterministic captured`.
struct DeviceChoice: Equatable {
  /// The device, as on the command line.
  var name: String
  /// Whether its kernels add up in one order.
  var isDeterministic = false
  /// Whether updates are recorded once and replayed.
  var isCaptured = false

  init(_ name: String, isDeterministic: Bool = false, isCaptured: Bool = false) {
    self.name = name
    self.isDeterministic = isDeterministic && name != "cpu"
    self.isCaptured = isCaptured && name != "cpu"
  }

  /// What was recorded, taken apart.
  init(recorded: String) {
    let words = recorded.split(separator: " ").map(String.init)
    self.init(
      words.first ?? "cpu", isDeterministic: words.contains("deterministic"),
      isCaptured: words.contains("captured"))
  }

  /// The words of a record.
  var recorded: String {
    name + (isDeterministic ? " deterministic" : "") + (isCaptured ? " captured" : "")
  }

  /// The options that ask for it.
  var arguments: [String] {
    ["--device", name] + (isDeterministic ? ["--deterministic"] : [])
      + (name == "cpu" ? [] : [isCaptured ? "--capture" : "--no-capture"])
  }

  /// Has the process work so. To be called before the first operator.
  func prepareProcess() {
    if isDeterministic { Machine.isDeterministic = true }
    CaptureChoice.isOn = isCaptured
  }
}
