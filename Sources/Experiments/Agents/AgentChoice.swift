import Networks
public import Reinforcement

/// The agent of a run, written as its own settings alone: each kind refuses the other's.
public enum AgentChoice: Codable, Hashable, Sendable {
  /// An agent that learns the values of actions.
  case value(ValueAgentConfiguration)
  /// Proximal policy optimization.
  case ppo(PPOConfiguration)

  /// What tells the kinds apart.
  private enum PPOKeys: String, CodingKey { case horizon }

  /// The agents that have a name.
  private struct Name: RawRepresentable, CaseIterable, Codable {
    let rawValue: String
    static let ppo = Name(known: "ppo")
    static let allCases =
      ValueAgentConfiguration.Name.allCases.map { Name(known: $0.rawValue) } + [ppo]

    private init(known: String) { rawValue = known }

    init?(rawValue: String) {
      guard let known = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
      self = known
    }
  }

  /// Reads the agent as a whole, or a preset by its name. The presets are Atari's; a named preset takes the torso that
  /// fits the observations.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(Name.self) {
      var agent = ValueAgentConfiguration.Name(rawValue: name.rawValue)?.configuration ?? .dqn
      agent.network.torso = .observed
      self = name == .ppo ? .ppo(.control) : .value(agent)
    } else if try decoder.container(keyedBy: PPOKeys.self).allKeys.contains(.horizon) {
      self = .ppo(try PPOConfiguration(from: decoder))
    } else {
      self = .value(try ValueAgentConfiguration(from: decoder))
    }
  }

  /// Writes the agent's settings.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .value(let agent): try agent.encode(to: encoder)
    case .ppo(let agent): try agent.encode(to: encoder)
    }
  }
}
