/// Facts that a run's numbers depend on and that its configuration does not have: facts of its environments, such as
/// the sum of a game's image, the emulator's version and the rules of play.
///
/// Facts stand in groups: one for what belongs to a single environment, such as `ALE/Pong`, and one for what
/// environments of a kind share, such as `atari`. Two runs are comparable when the groups that both have say the same.
public struct ProtocolManifest: Codable, Hashable, Sendable {
  /// Facts by their names, by the name of their group.
  public var groups: [String: [String: String]]

  /// A manifest of these groups.
  public init(groups: [String: [String: String]] = [:]) { self.groups = groups }

  /// Adds the groups of another environment.
  ///
  /// - Precondition: groups of one name say the same, as those of one run do.
  public mutating func add(_ more: [String: [String: String]]) {
    groups.merge(more) { $1 }
  }

  /// One line a fact, such as `atari.rules.frameCap = 108000`, sorted.
  public var lines: [String] {
    groups.flatMap { group, facts in facts.map { "\(group).\($0.key) = \($0.value)" } }.sorted()
  }

  /// One line per group, such as `ALE/Pong: actions 6, romMD5 …`, sorted.
  public var paragraphs: [String] {
    groups.map { group, facts in
      let facts = facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return "\(group): \(facts.joined(separator: ", "))"
    }.sorted()
  }

  /// What differs from another manifest, one line each, such as `atari.rules.frameCap: 108000 against 18000`; empty
  /// when results may stand in one table.
  public func differences(from other: ProtocolManifest) -> [String] {
    groups.flatMap { group, facts -> [String] in
      guard let theirs = other.groups[group] else { return [] }
      return Set(facts.keys).union(theirs.keys).compactMap { name in
        let (left, right) = (facts[name] ?? "none", theirs[name] ?? "none")
        return left == right ? nil : "\(group).\(name): \(left) against \(right)"
      }
    }.sorted()
  }

  /// What differs among runs, one line each; runs without a manifest are taken to agree.
  ///
  /// Each run is compared with the first that has the group, so the cost grows with their number alone.
  public static func differences(among runs: [Run]) -> [String] {
    var first = ProtocolManifest()
    var found: Set<String> = []
    for run in runs {
      guard let manifest = run.manifest else { continue }
      found.formUnion(first.differences(from: manifest))
      first.groups.merge(manifest.groups) { own, _ in own }
    }
    return found.sorted()
  }
}
