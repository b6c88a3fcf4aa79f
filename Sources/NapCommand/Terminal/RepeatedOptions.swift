import Experiments

/// Refuses an option that is given twice; otherwise its last value would be used silently.
enum RepeatedOptions {
  /// Options that may be repeated.
  private static let repeatable: Set<String> = ["--set", "--over", "--map"]

  /// - Throws: `UsageError` with an option that is given twice.
  static func refuse(_ arguments: [String]) throws(UsageError) {
    var seen: Set<String> = []
    for argument in arguments {
      if argument == "--" { return }
      // `-` and negative numbers are values.
      guard argument.hasPrefix("-"),
        argument.dropFirst().first.map({ !$0.isNumber && $0 != "." }) == true
      else { continue }
      let name = String(argument.prefix { $0 != "=" })
      guard seen.insert(name == "-o" ? "--output" : name).inserted || repeatable.contains(name)
      else {
        throw UsageError(
          "\(name) is given twice; give it once (several values are separated by commas)")
      }
    }
  }
}
