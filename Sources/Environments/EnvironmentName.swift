public import Arcade
import Torch

/// Which environment a recipe or a command asks for, as one text: `cartpole`, `gridworld`, `atari:GAME`,
/// `gymnasium:NAME`, or the name of an ``AddedEnvironment``.
public enum EnvironmentName: Hashable, Sendable {
  /// ``CartPole``.
  case cartPole
  /// ``SwitchingGridworld``.
  case gridworld
  /// A game of the Arcade Learning Environment.
  case atari(AtariGame)
  /// An environment that Gymnasium registers under this id, such as `MinAtar/Breakout-v0`.
  case gymnasium(String)
  /// An ``AddedEnvironment``, by its name.
  case added(String)

  /// Reads a text; letters' case does not matter before the colon.
  ///
  /// - Throws: ``EnvironmentError`` that lists what is known and the nearest of it.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let kind = parts.first.map { $0.lowercased() } ?? ""
    let rest = parts.count == 2 ? String(parts[1]) : nil
    if AddedEnvironment.registry[text] != nil {
      self = .added(text)
      return
    }
    switch (kind, rest) {
    case ("cartpole", nil): self = .cartPole
    case ("gridworld", nil): self = .gridworld
    case ("gymnasium", let id?) where !id.isEmpty: self = .gymnasium(id)
    case ("atari", let game?) where !game.isEmpty: self = .atari(try AtariGame(named: game))
    case ("atari", _):
      throw EnvironmentError(text, "expected a game after atari:, such as atari:Pong")
    case ("gymnasium", _):
      throw EnvironmentError(
        text, "expected an id after gymnasium:, such as gymnasium:MinAtar/Breakout-v0")
    case ("cartpole", _), ("gridworld", _):
      throw EnvironmentError(text, "\(kind) takes nothing after it: write \(kind)")
    default:
      let added = AddedEnvironment.all.map { (kind: $0.name, form: $0.name) }
      let kinds = Self.kinds + added
      let nearest = Nearest.names(to: kind, among: kinds.map(\.kind))
      let near = kinds.filter { nearest.contains($0.kind) }.map(\.form)
      let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
      let known = kinds.map(\.form).joined(separator: ", ")
      throw EnvironmentError(text, "there is no such environment (known: \(known))\(hint)")
    }
  }

  /// The text that reads as this name.
  public var text: String {
    switch self {
    case .cartPole: "cartpole"
    case .gridworld: "gridworld"
    case .gymnasium(let id): "gymnasium:\(id)"
    case .atari(let game): "atari:\(game.name)"
    case .added(let name): name
    }
  }

  /// The name as it stands over a figure: without the kind before its colon.
  public var title: String {
    text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? text
  }

  /// What can be written before the colon, and the whole form.
  static let kinds = [
    (kind: "cartpole", form: "cartpole"), (kind: "gridworld", form: "gridworld"),
    (kind: "atari", form: "atari:GAME"), (kind: "gymnasium", form: "gymnasium:NAME"),
  ]
}

extension EnvironmentName: Codable {
  /// Reads the text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      self = try EnvironmentName(container.decode(String.self))
    } catch let error as EnvironmentError {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: error.description)
    }
  }

  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
