import Texts
import Torch

/// The name of an arm in a comparison: a recipe's arm, and its own settings in brackets.
///
///     nap
///     norm/l2
///     nap[nap.scaleAndOffset=free]
///     nap/head-rate[methods.head-rate.factor=10,nap.scaleAndOffset=jointProjection]
///
/// So arms that differ only in a setting can be compared. The whole text is the arm's name in the store, in tuning and
/// in reports. Settings are in the order of their keys, so an arm has one name. A value may be a list: text after a
/// comma without an `=` belongs to the value before it.
public struct ArmName: Hashable, Sendable, CustomStringConvertible {
  /// The recipe's arm.
  public var arm: String
  /// The settings of this arm, in the order of the keys.
  public private(set) var settings: [ConfigurationOverride]

  /// An arm with settings. If a key is there twice, the later value counts.
  public init(_ arm: String, settings: [ConfigurationOverride] = []) {
    self.arm = arm
    let byKey = Dictionary(settings.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    self.settings = byKey.values.sorted { $0.key < $1.key }
  }

  /// An arm from its name.
  ///
  /// - Throws: ``UsageError`` for a bracket that is not closed, or holds anything but `key=value`, or a key twice.
  public init(parsing text: String) throws(UsageError) {
    guard let open = text.firstIndex(of: "[") else {
      self.init(text)
      return
    }
    let problem =
      "arm '\(Excerpt.of(text))': expected settings such as nap[nap.scaleAndOffset=free]"
    guard text.hasSuffix("]") else { throw UsageError("\(problem), found no ] at the end") }
    var settings: [ConfigurationOverride] = []
    let inner = text[text.index(after: open)...].dropLast()
    for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
      if part.contains("=") {
        settings.append(try ConfigurationOverride(parsing: String(part)))
      } else if settings.isEmpty {
        throw UsageError("\(problem), found '\(Excerpt.of(String(part)))' without an =")
      } else {
        settings[settings.count - 1].value += ",\(part)"
      }
    }
    for (index, setting) in settings.enumerated()
    where settings[..<index].contains(where: { $0.key == setting.key }) {
      throw UsageError("arm '\(Excerpt.of(text))': \(setting.key) is set twice; set it once")
    }
    self.init(String(text[..<open]), settings: settings)
  }

  /// The names of a list such as `nap,norm[network.hidden=64,64],fresh`: split at commas outside of brackets.
  public static func list(_ text: String) -> [String] {
    var names: [String] = []
    var name = ""
    var depth = 0
    for character in text {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if character == ",", depth <= 0 {
        names.append(name)
        name = ""
      } else {
        name.append(character)
      }
    }
    return (names + [name]).filter { !$0.isEmpty }
  }

  /// The whole name.
  public var description: String { settings.isEmpty ? arm : "\(arm)[\(settingsText)]" }

  /// The settings as the brackets hold them.
  var settingsText: String { settings.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }

  /// Whether the arm sets a key itself, or a group that the key is in.
  public func sets(_ key: String) -> Bool {
    settings.contains { $0.key == key || key.hasPrefix("\($0.key).") }
  }
}

extension Recipe {
  /// The name of an arm with baseline methods and its own settings. Equal arms have equal names.
  ///
  /// - Throws: ``UsageError`` for an unknown arm or method, or settings that are none.
  public static func name(ofArm text: String, methods: [String] = []) throws -> String {
    let name = try ArmName(parsing: text)
    return ArmName(try arm(name.arm, methods: methods), settings: name.settings).description
  }

  /// The description of an arm with its own settings, which are listed as methods are.
  ///
  /// - Throws: ``UsageError`` for an unknown arm.
  public static func description(ofArmNamed text: String) throws -> ArmDescription {
    let name = try ArmName(parsing: text)
    var description = try description(ofArm: name.arm)
    guard !name.settings.isEmpty else { return description }
    description.name = name.description
    description.summary += ", with \(name.settingsText)"
    description.methods += name.settings.map { "\($0.key)=\($0.value)" }
    return description
  }
}
