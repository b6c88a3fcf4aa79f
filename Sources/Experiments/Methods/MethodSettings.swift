import Texts

/// Settings of baseline methods for a whole comparison. Each applies to the arms that have the method.
public struct MethodSettings: Sendable {
  private let overrides: [ConfigurationOverride]

  /// Settings whose keys begin with `methods.`.
  public init(_ overrides: [ConfigurationOverride]) { self.overrides = overrides }

  /// Whether a setting is one of a method.
  public static func isOne(_ override: ConfigurationOverride) -> Bool {
    override.key == "methods" || override.key.hasPrefix("methods.")
  }

  /// The settings of each arm.
  ///
  /// - Throws: ``UsageError`` for a setting that no arm has, with the nearest keys of the arms that have the method, or
  ///   the fact that none has it.
  public func byArm<R: Recipe>(
    _ arms: [String], _ recipe: R.Type, _ base: R.Configuration
  ) throws -> [String: [String: String]] {
    var settings: [String: [String: String]] = [:]
    for override in overrides {
      let method = override.key.split(separator: ".").dropFirst().first.map(String.init) ?? ""
      var hasFound = false
      for arm in arms {
        let configuration = try ComparisonPlan.configuration(R.self, base, arm: arm)
        guard try JSON(encoding: configuration)[["methods", method]] != nil else { continue }
        hasFound = true
        _ = try override.applied(to: configuration)
        // An arm's own setting stays.
        guard try !ArmName(parsing: arm).sets(override.key) else { continue }
        settings[arm, default: [:]][override.key] = override.value
      }
      guard hasFound else {
        throw UsageError(
          "--set \(override.key)=\(override.value): no arm has the method '\(method)'; add it with "
            + "--methods, and see nap list for the methods and their settings")
      }
    }
    return settings
  }
}
