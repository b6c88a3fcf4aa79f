import Texts

/// The kinds of a configuration that have a setting which the chosen kind does not have.
struct KindsWithSetting {
  /// Such as `optimizer.kind adam does not use it; sgd and rmsprop do`.
  let sentence: String

  /// Tries every word of every choice above the setting, those in its own group first; `nil` if none brings it.
  ///
  /// - Parameters:
  ///   - path: the setting's key.
  ///   - encoded: the configuration, which does not have it.
  init?<Configuration: Codable>(
    _ path: [String], in encoded: JSON, of type: Configuration.Type
  ) {
    for depth in (0..<path.count).reversed() {
      let group = Array(path[..<depth])
      guard case .object(let members)? = encoded[group[...]] else { continue }
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        guard case .string(let current) = value else { continue }
        let words = Self.words(at: group + [key], bringing: path, in: encoded, of: type)
        guard !words.isEmpty else { continue }
        let name = (group + [key]).joined(separator: ".")
        sentence = "\(name) \(current) does not use it; \(Self.list(words))"
        return
      }
      // A group that is written as one word, such as agent=ppo.
      let words = depth == 0 ? [] : Self.words(at: group, bringing: path, in: encoded, of: type)
      guard words.isEmpty else {
        sentence =
          "the chosen \(group.joined(separator: ".")) does not use it; \(Self.list(words))"
        return
      }
    }
    return nil
  }

  /// The words of a choice with which the configuration has the setting at `path`.
  private static func words<Configuration: Codable>(
    at choice: [String], bringing path: [String], in encoded: JSON,
    of type: Configuration.Type
  ) -> [String] {
    guard let asked = encoded.setting(choice[...], to: .string("")) else { return [] }
    return ChoicesDecoder.words(at: choice, of: type, in: asked).filter { word in
      guard
        let changed = try? encoded.setting(choice[...], to: .string(word))?.decoded(as: type),
        let result = try? JSON(encoding: changed)
      else { return false }
      return result[path[...]] != nil
        || ChoicesDecoder.absentKeys(of: type, in: result).contains(path.joined(separator: "."))
    }
  }

  private static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return "\(words.joined()) does" }
    return "\(words.dropLast().joined(separator: ", ")) and \(last) do"
  }
}
