public import Arcade
import Foundation

/// What an Atari result depends on besides the agent: kept with every result, so that unlike ones are not compared.
public struct AtariManifest: Sendable, Hashable, Codable {
  /// The game.
  public var game: AtariGame
  /// The MD5 sum of the cartridge's image that was played.
  public var romMD5: String
  /// The version of the Arcade Learning Environment.
  public var emulatorVersion: String
  /// How the game was played and shown.
  public var rules: AtariProtocol

  /// What differs from another manifest, one line each, such as `rules.frameCap: 108000 against 18000`; empty when
  /// results may be compared.
  public func differences(from other: AtariManifest) -> [String] {
    let mine = Self.flat(self)
    let theirs = Self.flat(other)
    return Set(mine.keys).union(theirs.keys).sorted().compactMap { key in
      let (left, right) = (mine[key] ?? "none", theirs[key] ?? "none")
      return left == right ? nil : "\(key): \(left) against \(right)"
    }
  }

  /// The image's sum under the game's name, the emulator's version and the rules under `atari`, which games share.
  var facts: [String: [String: String]] {
    var shared = Self.flat(self)
    shared["game"] = nil
    shared["romMD5"] = nil
    return [game.environmentName: ["romMD5": romMD5], "atari": shared]
  }

  /// The encoded form by dotted keys.
  private static func flat(_ manifest: AtariManifest) -> [String: String] {
    guard let data = try? JSONEncoder().encode(manifest),
      let object = try? JSONSerialization.jsonObject(with: data)
    else { return [:] }
    var result: [String: String] = [:]
    func visit(_ value: Any, _ path: String) {
      if let members = value as? [String: Any] {
        for (key, member) in members { visit(member, path.isEmpty ? key : "\(path).\(key)") }
      } else {
        result[path] = "\(value)"
      }
    }
    visit(object, "")
    return result
  }
}
