public import Arcade
import Torch

extension AtariGame {
  /// The game of a name.
  ///
  /// - Parameter name: as ``/Arcade/AtariGame/name`` has it; `SpaceInvaders` and `ALE/SpaceInvaders` are the same.
  /// - Throws: ``EnvironmentError`` with the nearest names for one that is none.
  public init(named name: String) throws {
    let plain = name.hasPrefix("ALE/") ? String(name.dropFirst(4)) : name
    let key = plain.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    if let game = Self.all.first(where: { $0.name.filter { $0 != "_" } == key }) {
      self = game
      return
    }
    let nearest = Nearest.names(to: key, among: Self.all.map(\.name))
    throw EnvironmentError(
      "ALE",
      "there is no game '\(name.prefix(40))'; "
        + (nearest.isEmpty
          ? "the games are \(Self.all.map(\.name).joined(separator: ", "))"
          : "did you mean \(nearest.joined(separator: ", "))?"))
  }
}

extension AtariGame: Codable {
  /// Reads a name; throws `DecodingError` with the nearest names for one that is none.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(named: container.decode(String.self))
    } catch let error as EnvironmentError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
