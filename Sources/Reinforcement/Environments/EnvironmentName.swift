/// Which environment a recipe or a command asks for, as one text: `cartpole`, `gridworld`, `atari:GAME` or
/// `gymnasium:NAME`.
public enum EnvironmentName: Hashable, Sendable {
  /// ``CartPole``.
  case cartPole
  /// ``SwitchingGridworld``.
  case gridworld
  /// A game of the Arcade Learning Environment.
  case atari(AtariGame)
  /// An environment that Gymnasium registers under this id, such as `MinAtar/Breakout-v0`.
  case gymnasium(String)

  /// Reads a text; letters' case does not matter before the colon.
  ///
  /// - Throws: ``EnvironmentError`` that lists what is known and the nearest of it.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let kind = parts.first.map { $0.lowercased() } ?? ""
    let rest = parts.count == 2 ? String(parts[1]) : nil
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
      let near = Self.kinds.filter { Self.resemble(kind, $0.kind) }.map(\.form)
      let hint = near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
      let known = Self.kinds.map(\.form).joined(separator: ", ")
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
    }
  }

  /// What can be written before the colon, and the whole form.
  private static let kinds = [
    (kind: "cartpole", form: "cartpole"), (kind: "gridworld", form: "gridworld"),
    (kind: "atari", form: "atari:GAME"), (kind: "gymnasium", form: "gymnasium:NAME"),
  ]

  /// Whether a slip of the fingers could turn one word into the other: at most a third of the letters (and at least 2)
  /// must be added, dropped or replaced; or one begins with the other.
  private static func resemble(_ typed: String, _ known: String) -> Bool {
    if typed.count >= 3, known.hasPrefix(typed) || typed.hasPrefix(known) { return true }
    guard typed.count <= 100 else { return false }
    let letters = Array(known)
    var row = Array(0...letters.count)
    for (index, letter) in typed.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in letters.indices {
        let replaced = diagonal + (letter == letters[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[letters.count] <= max(2, known.count / 3)
  }
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
