/// A game of the Arcade Learning Environment.
public struct AtariGame: Sendable, Hashable {
  /// The environment's own name, such as `space_invaders`.
  public let name: String
  /// The MD5 sum of the cartridge's image, as the environment knows it.
  public let md5: String

  /// Every game that comes with the environment, in alphabetical order.
  public static let all: [AtariGame] = sums.map { AtariGame(name: $0.name, md5: $0.md5) }

  private init(name: String, md5: String) {
    self.name = name
    self.md5 = md5
  }

  /// The name for records, such as `ALE/SpaceInvaders`.
  public var environmentName: String {
    "ALE/" + name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
