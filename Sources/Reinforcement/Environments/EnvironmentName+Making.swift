import Torch

/// What environments are made with beyond their name. Each kind takes what concerns it.
public struct EnvironmentOptions: Codable, Hashable, Sendable {
  /// The gridworld's task.
  public var task: Int
  /// The gridworld.
  public var gridworld: SwitchingGridworld.Configuration
  /// How games of the Arcade Learning Environment are played and shown.
  public var atari: AtariProtocol
  /// Channels of Gymnasium's images, padded with zeros; `nil` for their own.
  public var channels: Int?
  /// Keyword arguments of `gymnasium.make`, as a JSON object.
  public var arguments: String
  /// Python processes that Gymnasium's environments are dealt out to.
  public var processes: Int

  /// Options; see the properties.
  public init(
    task: Int = 0, gridworld: SwitchingGridworld.Configuration = .init(),
    atari: AtariProtocol = .dqnZoo, channels: Int? = nil, arguments: String = "{}",
    processes: Int = 1
  ) {
    self.task = task
    self.gridworld = gridworld
    self.atari = atari
    self.channels = channels
    self.arguments = arguments
    self.processes = processes
  }
}

extension EnvironmentName {
  /// Environments of this name, each with a seed of its own drawn from `seed`: the first ones of a larger batch are those of a
  /// smaller one.
  ///
  /// - Throws: ``EnvironmentError`` or ``GymnasiumError``.
  public func environments(
    count: Int, seed: UInt64, options: EnvironmentOptions = EnvironmentOptions()
  ) throws -> any EnvironmentBatch {
    guard count >= 1 else {
      throw EnvironmentError(text, "expected at least one environment, found \(count)")
    }
    let generator = SeededGenerator(seed: seed)
    let seeds = (0..<count).map { index in
      var own = generator.split("environment \(index)")
      return own.next()
    }
    switch self {
    case .cartPole:
      return SerialEnvironments(seeds.map { CartPole(seed: $0) })
    case .gridworld:
      return SerialEnvironments(
        try seeds.map {
          try SwitchingGridworld(options.gridworld, task: options.task, seed: $0)
        })
    case .atari(let game):
      #if Arcade
        return try AtariEnvironments(game, count: count, rules: options.atari, seed: seed)
      #else
        throw EnvironmentError(
          game.environmentName,
          "this program was built without the Arcade Learning Environment; build it from the repository with make build"
        )
      #endif
    case .gymnasium(let id):
      let configuration = GymnasiumConfiguration(
        id: id, arguments: options.arguments, channels: options.channels)
      return try GymnasiumEnvironments(
        configuration, seeds: seeds.map { UInt32($0 >> 32) }, processes: options.processes)
    }
  }
}
