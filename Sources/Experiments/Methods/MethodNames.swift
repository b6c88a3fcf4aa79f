import Plasticity
import Torch

/// Reads names of methods and combinations of them.
public enum MethodNames {
  /// The word for no method in a list of combinations.
  public static let none = "none"

  /// The names, if all are known.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public static func known(_ names: [String]) throws(UsageError) -> [String] {
    for name in names where Interventions.named(name) == nil {
      throw Nearest.error(
        "there is no method", name, among: Interventions.all.map { $0.name }, "the methods are")
    }
    return names
  }

  /// The methods of one combination, in the order in which they act; `none` is the empty one.
  ///
  /// - Throws: ``UsageError`` with the nearest names.
  public static func parse(_ text: String, separator: Character) throws(UsageError) -> [String] {
    guard text != none else { return [] }
    let names = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    return InterventionSet(try known(names).compactMap(Interventions.named)).names
  }
}

/// A baseline method as `nap list` shows it.
public struct MethodDescription: Hashable, Sendable {
  /// The name on the command line.
  public var name: String
  /// One line.
  public var summary: String
  /// Authors, year and place in the paper.
  public var source: String
  /// Whether it knows task boundaries with its defaults.
  public var knowsBoundaries: Bool
  /// Its settings with their defaults, as `--set methods.NAME.KEY=VALUE` takes them.
  package var settings: [ConfigurationListing.Setting] {
    guard let method = Interventions.named(name),
      let settings = try? ConfigurationListing.settings(InterventionSet([method]))
    else { return [] }
    // A method without settings is an empty group.
    return settings.filter { $0.value != ConfigurationListing.group }.map {
      var setting = $0
      setting.key = "methods.\($0.key)"
      return setting
    }
  }

  /// Every method, in the order in which they act.
  public static var all: [MethodDescription] {
    Interventions.all.map {
      MethodDescription(
        name: $0.name, summary: $0.summary, source: $0.source,
        knowsBoundaries: $0.init().knowsBoundaries)
    }
  }
}
