import Foundation

/// What each setting means: the doc comment beside its declaration, which `Tools/settings` gathers.
enum SettingMeanings {
  private static let texts: [String: String] = Dictionary(
    String(decoding: PackageResources.settings_tsv, as: UTF8.self).split(separator: "\n").compactMap
    { line in
      let parts = line.split(separator: "\t", maxSplits: 1)
      return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }, uniquingKeysWith: { first, _ in first })

  /// The meaning of a type's property, such as `Averaging.decay`; `nil` where it has no doc comment.
  static func text(_ property: String) -> String? { texts[property] }

  /// The type whose coding keys these are, without its module; empty for keys that are no type's.
  static func owner(of keys: Any.Type) -> String {
    let name = String(reflecting: keys)
    // Of types in extensions the module of the extension stands first.
    let plain = name.hasPrefix("(extension in ") ? name.drop { $0 != ":" }.dropFirst() : name[...]
    // Private keys stand in a context of their own: Networks.Schedule.(unknown context at $0).CodingKeys.
    let parts = plain.split(separator: ".").filter { !$0.hasPrefix("(") }
    guard parts.count > 2, parts.last == "CodingKeys" else { return "" }
    return parts.dropFirst().dropLast().joined(separator: ".")
  }

  /// What the values of a setting are counted in, which its meaning begins with: `Updates between two points`.
  static func unit(of meaning: String, value: String) -> String {
    guard Double(value) != nil || value == "null" else { return "" }
    let words = meaning.prefix { $0 != "." }.split { !$0.isLetter && $0 != "-" }.prefix(4).map {
      $0.lowercased()
    }
    return units.first { unit in words.contains(unit) } ?? ""
  }

  private static let units = [
    "updates", "frames", "visits", "tasks", "epochs", "episodes", "rounds", "steps", "transitions",
    "examples", "images",
    "tokens", "bytes", "microseconds", "seconds", "channels", "pixels", "layers", "heads", "units",
    "classes", "batches",
    "share", "probability",
  ]
}
