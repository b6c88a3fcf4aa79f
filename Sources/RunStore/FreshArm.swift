import Foundation

/// What the arm `fresh` of stores before schema 5 is called now: `fresh-norm`.
///
/// There `fresh` was the network with normalizations, initialized again at every task. Now it is the network as
/// written, initialized again, and the one with normalizations is `fresh-norm`. Names that were stored then are read
/// under today's, so that the two are never taken for one another; runs of other configurations keep their names.
public enum FreshArm {
  /// The name, today, of an arm that a run or a checkpoint of an earlier build has.
  ///
  /// - Parameter configuration: the run's, as JSON text: it says whether network and normalizations start again.
  public static func name(_ stored: String, ofRun configuration: String) -> String {
    guard let rest = rest(of: stored), let settings = Settings(configuration),
      settings.startsAnew == true, settings.isNormalized
    else { return stored }
    return "fresh-norm" + rest
  }

  /// The name, today, of an arm that a plan of an earlier build has.
  ///
  /// - Parameter configuration: what the plan's arms are applied to, as JSON text.
  static func name(_ stored: String, inPlanOf configuration: String) -> String {
    guard let rest = rest(of: stored), let settings = Settings(configuration),
      settings.startsAnew != nil, settings.isNormalized
    else { return stored }
    return "fresh-norm" + rest
  }

  /// What stands behind `fresh` in a name of that arm, such as `/redo`; `nil` for other arms.
  private static func rest(of name: String) -> String? {
    guard name == "fresh" || name.hasPrefix("fresh/") || name.hasPrefix("fresh[") else {
      return nil
    }
    return String(name.dropFirst("fresh".count))
  }

  /// The two settings that `fresh` was made of.
  private struct Settings {
    /// Whether network and optimizer start again; `nil` in a configuration without that setting.
    let startsAnew: Bool?
    let isNormalized: Bool

    init?(_ configuration: String) {
      guard
        let members = (try? JSONSerialization.jsonObject(with: Data(configuration.utf8)))
          as? [String: Any]
      else { return nil }
      let boundary = members["boundary"] as? [String: Any]
      startsAnew = (members["isFresh"] ?? boundary?["isFresh"]) as? Bool
      let normalization = (members["nap"] as? [String: Any])?["normalization"] as? [String: Any]
      // A word, such as `layer` or `group:4`.
      let kind = normalization?["kind"] as? String
      isNormalized = kind != nil && kind != "none"
    }
  }
}

extension Run {
  /// Takes today's name of an arm that an earlier build named; the run's own name goes along where it is the default
  /// one.
  mutating func takeTodaysArm() {
    let today = FreshArm.name(arm, ofRun: configuration)
    if name == Run.defaultName(recipe, preset, arm, seed) {
      name = Run.defaultName(recipe, preset, today, seed)
    }
    arm = today
  }
}
