import Foundation
import Texts
import Torch

/// One `--set key=value`: a dotted path into the encoded form of a configuration and a new value.
public struct ConfigurationOverride: Hashable, Sendable {
  /// Such as `optimizer.learningRate`.
  public var key: String
  /// The text of the value: a number, `true`, `false`, `null`, a word, or a list `128,128`.
  public var value: String

  /// An override from its parts.
  public init(key: String, value: String) {
    self.key = RenamedSettings.current(key)
    self.value = value
  }

  /// An override from `key=value`.
  ///
  /// - Throws: ``UsageError`` when there is no `=` or no key.
  public init(parsing text: String) throws(UsageError) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw UsageError("--set '\(Excerpt.of(text))': expected key=value, such as tasks=100")
    }
    key = RenamedSettings.current(text[..<equals].trimmingCharacters(in: .whitespaces))
    value = text[text.index(after: equals)...].trimmingCharacters(in: .whitespaces)
  }
}

/// A wrong configuration or argument: what was expected, what was found, what to do.
public struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// An error with its sentence.
  public init(_ description: String) { self.description = description }
}

extension Array<ConfigurationOverride> {
  /// The configuration with every override applied: of groups before those of their members, and choices of a
  /// kind before settings that only some kinds have. So the order of a list does not matter.
  ///
  /// - Throws: ``UsageError`` for a key that the configuration does not have (with the
  ///   nearest ones, or the kinds that have it) and for a value of the wrong type or range.
  public func applied<Configuration: Codable>(
    to configuration: Configuration
  ) throws -> Configuration {
    try changing(configuration) { try $0.applied(to: $1) }
  }

  /// Applies overrides of groups before those of their members, and of a group's members first the choices, since which
  /// other members there are depends on the kind that is chosen.
  private func changing<Configuration: Codable>(
    _ configuration: Configuration,
    _ apply: (ConfigurationOverride, Configuration) throws -> Configuration
  ) throws -> Configuration {
    var configuration = configuration
    for (_, level) in Dictionary(grouping: self, by: \.path.count).sorted(by: { $0.key < $1.key }) {
      let encoded = try JSON(encoding: configuration)
      func isChoice(_ override: ConfigurationOverride) -> Bool {
        !ChoicesDecoder.words(at: override.path, of: Configuration.self, in: encoded).isEmpty
      }
      for override in level.filter(isChoice) + level.filter({ !isChoice($0) }) {
        configuration = try apply(override, configuration)
      }
    }
    return configuration
  }

  /// The configuration of an arm with every override.
  ///
  /// 1. Overrides of keys that the base has are applied to the base.
  /// 2. The arm changes the configuration, for example the lengths of schedules.
  /// 3. All overrides are applied to the result, except words for whole groups (`agent=iqn`): they would undo what the
  ///   arm changed in the group.
  ///
  /// Settings in the arm's name take precedence over overrides of the same key.
  ///
  /// - Throws: as ``applied(to:)``, and errors of the recipe.
  public func configuration<R: Recipe>(
    of recipe: R.Type, from base: R.Configuration, arm: String
  ) throws -> R.Configuration {
    let name = try ArmName(parsing: arm)
    let all = filter { !name.sets($0.key) } + name.settings
    let own = try R.configuration(all.appliedWhereKnown(to: base), arm: name.arm)
    let groups = try all.filter { try $0.isWholeGroup(of: base) }
    return try all.filter { !groups.contains($0) }.applied(to: own)
  }

  /// The configuration with those overrides whose keys it has.
  func appliedWhereKnown<Configuration: Codable>(to configuration: Configuration) -> Configuration {
    (try? changing(configuration) { (try? $0.applied(to: $1)) ?? $1 }) ?? configuration
  }
}

extension ConfigurationOverride {
  /// The components of the key.
  fileprivate var path: [String] {
    key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  /// Whether this is one word for a whole group of a configuration.
  func isWholeGroup<Configuration: Codable>(of configuration: Configuration) throws -> Bool {
    let encoded = try JSON(encoding: configuration)
    guard case .object? = encoded[path[...]] else { return false }
    return (try? applied(to: configuration)) != nil
  }

  func applied<Configuration: Codable>(to configuration: Configuration) throws -> Configuration {
    let encoded = try JSON(encoding: configuration)
    let path = path[...]
    let before = encoded[path]
    if case .object(let members)? = before {
      // A group that can be read from one word, such as network=cnn: that kind's defaults.
      let asWord = encoded.setting(path, to: .string(value))
      if let whole = try? asWord?.decoded(as: Configuration.self) { return whole }
      // A part that may be absent is switched off; methods are an arm's own.
      var without = try? encoded.setting(path, to: .null)?.decoded(as: Configuration.self)
      if key == "methods" { without = nil }
      if let candidate = without, try JSON(encoding: candidate)[path] != nil { without = nil }
      if value == "null", let without { return without }
      let words = ChoicesDecoder.words(
        at: Array(path), of: Configuration.self, in: asWord ?? encoded)
      throw UsageError(
        "\(shown): \(key) is a group; "
          + (words.isEmpty ? "" : "write one of \(words.joined(separator: ", ")), or ")
          + (without == nil ? "" : "null to do without it, or ")
          + "set one of its keys, "
          + members.keys.sorted().map { "\(key).\($0)" }.joined(separator: ", "))
    }
    guard let changed = encoded.setting(path, to: parsedValue(like: before)) else {
      throw unknownKey(encoded, of: Configuration.self)
    }
    let result: Configuration
    do {
      result = try changed.decoded(as: Configuration.self)
    } catch let error as DecodingError {
      let isAbsent =
        before == nil
        && ChoicesDecoder.absentKeys(of: Configuration.self, in: encoded).contains(key)
      if before == nil, !isAbsent, parsedValue(like: nil) != .null {
        throw unknownKey(encoded, of: Configuration.self)
      }
      if case .integer? = before, case .number? = changed[path] {
        throw UsageError("\(shown): expected a whole number of at most 64 bits")
      }
      let words = ChoicesDecoder.words(at: Array(path), of: Configuration.self, in: changed)
      throw UsageError(
        "\(shown): "
          + (words.isEmpty
            ? Excerpt.of(Self.reason(error), atMost: 300)
            : "expected one of \(words.joined(separator: ", "))"))
    }
    // A key that decoding ignored does not come back when the result is encoded; nor does one that is switched off.
    if before == nil, try JSON(encoding: result)[path] == nil {
      let absent = ChoicesDecoder.absentKeys(of: Configuration.self, in: encoded)
      guard changed[path] == .null, absent.contains(key) else {
        throw unknownKey(encoded, of: Configuration.self)
      }
    }
    return result
  }

  private func parsedValue(like before: JSON?) -> JSON {
    if case .string? = before { return .string(value) }
    if case .array? = before {
      let text = value.hasPrefix("[") ? value : "[\(value)]"
      if let list = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)) { return list }
      let words = value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      return .array(words.map { .string($0) })
    }
    if let parsed = try? JSONDecoder().decode(JSON.self, from: Data(value.utf8)) {
      return parsed
    }
    return .string(value)
  }

  /// The override as messages name it.
  private var shown: String { "--set \(Excerpt.of(key))=\(Excerpt.of(value))" }

  private func unknownKey<Configuration: Codable>(
    _ encoded: JSON, of type: Configuration.Type
  ) -> UsageError {
    if let use = KindsWithSetting(path, in: encoded, of: type) {
      return UsageError("\(shown): \(use.sentence)")
    }
    let absent = ChoicesDecoder.absentKeys(of: Configuration.self, in: encoded)
    let hint = SettingHint.text(key, known: encoded.paths + absent) { group in
      let path = group.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard case .object(let members)? = encoded[path[...]] else { return nil }
      let inside = absent.filter {
        $0.hasPrefix(group + ".") && $0.split(separator: ".").count == path.count + 1
      }
      return members.keys.map { "\(group).\($0)" } + inside
    }
    return UsageError("\(shown): there is no key '\(Excerpt.of(key))'\(hint)")
  }

  private static func reason(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .typeMismatch(let type, _): return "expected \(word(for: type))"
    case .valueNotFound(let type, _): return "expected \(word(for: type)), found null"
    case .keyNotFound(let key, let context):
      return "\(path(context)) lacks '\(key.stringValue)'"
    case .dataCorrupted(let context): return context.debugDescription
    @unknown default: return "\(error)"
    }
  }

  private static func word(for type: any Any.Type) -> String {
    switch type {
    case is Int.Type: "a whole number"
    case is Double.Type, is Float.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a word"
    case is [Any].Type: "a list, such as 128,128"
    default: "a value of type \(type)"
    }
  }
}
