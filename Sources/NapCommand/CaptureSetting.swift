import Experiments
import Texts

/// `--set capture=no`, which is `--no-capture`: how updates are computed is an option of the machine, no setting of a
/// run's configuration, but is looked for there.
enum CaptureSetting {
  /// The arguments with the option in place of the setting.
  ///
  /// - Throws: ``UsageError`` for another word than yes, true, no or false.
  static func replaced(in arguments: [String]) throws(UsageError) -> [String] {
    var result: [String] = []
    for argument in arguments {
      let text: Substring
      if result.last == "--set", argument.hasPrefix("capture=") {
        result.removeLast()
        text = argument.dropFirst("capture=".count)
      } else if argument.hasPrefix("--set=capture=") {
        text = argument.dropFirst("--set=capture=".count)
      } else {
        result.append(argument)
        continue
      }
      switch text {
      case "yes", "true": result.append("--capture")
      case "no", "false": result.append("--no-capture")
      default: throw UsageError("--set capture=\(Excerpt.of(String(text))): expected yes or no")
      }
    }
    return result
  }
}
