import Experiments
import Foundation
import Plasticity

/// Every setting that a recipe's configurations have, as `--set` names them, and the values that none may trap at.
enum SettingCatalogue {
  /// Values at the ends of what numbers can be, and what is none.
  static let values = [
    "0", "-1", "1", "2147483648", "9223372036854775807", "1e12", "1e308", "1e-320", "nan", "inf",
  ]
  /// Those that no setting can mean anything by.
  static let beyondAll = ["9223372036854775807", "1e308", "nan", "inf"]

  /// Settings that take any integer: they choose random numbers.
  static let seeds = ["data.subsetSeed", "environments.gridworld.taskSeed"]
  /// Settings whose largest value is the machine's memory or the data's size to say, once a run starts.
  static let sizes = ["network.hidden", "data.imageCount"]

  /// One setting of one configuration.
  struct Setting: Hashable, Sendable {
    /// The arm that has it, such as `plain/redo`; `nil` for the recipe's own settings.
    var arm: String?
    /// What is set before, so that the setting is there, such as `agent.munchausen=default`.
    var before: [String]
    /// Its name.
    var key: String
    /// Its value, as `nap list` shows it.
    var value: String

    /// Whether the value is a number, a list of some, or absent.
    var isNumeric: Bool {
      Double(value.split(separator: ",").first ?? "") != nil || value == "null"
    }
  }

  /// Parts of an agent that are absent unless they are asked for.
  private static let parts = ["agent.exploration", "agent.munchausen"]

  /// The numeric settings of a configuration: its own, those of parts that are absent, and those of every method.
  static func settings<R: Recipe>(
    of recipe: R.Type, _ base: R.Configuration, withMethods: Bool
  ) throws -> [Setting] {
    let rows = try ConfigurationListing.rows(base)
    var all = rows.map { Setting(arm: nil, before: [], key: $0.key, value: $0.value) }
    for part in parts where rows.contains(where: { $0.key == part && $0.value == "null" }) {
      let before = "\(part)=default"
      let whole = try [ConfigurationOverride(parsing: before)].applied(to: base)
      all += try ConfigurationListing.rows(whole).filter { $0.key.hasPrefix("\(part).") }
        .map { Setting(arm: nil, before: [before], key: $0.key, value: $0.value) }
    }
    for method in withMethods ? R.methods : [] {
      let arm = try R.arm(R.arms[0].base, methods: [method.name])
      all += method.settings.map { Setting(arm: arm, before: [], key: $0.key, value: $0.value) }
    }
    return all.filter(\.isNumeric)
  }
}
