import Arcade
import Torch

/// What environments are made with beyond their name. Each kind takes what concerns it.
public struct EnvironmentOptions: Codable, Hashable, Sendable {
  /// The gridworld's task.
  public var task = 0
  /// The gridworld.
  public var gridworld = SwitchingGridworld.Configuration()
  /// How games of the Arcade Learning Environment are played and shown.
  public var atari = AtariProtocol.dqnZoo
  /// How Gymnasium's environments are shown and waited for; the id is that of the name.
  public var gymnasium = GymnasiumConfiguration(id: "")
  /// Python processes that Gymnasium's environments are dealt out to.
  public var processes = 1

  /// The defaults.
  public init() {}
}

extension EnvironmentName {
  /// One environment of this name.
  ///
  /// - Throws: ``EnvironmentError`` or ``GymnasiumError``.
  public func environment(
    seed: UInt64, options: EnvironmentOptions = EnvironmentOptions()
  ) throws -> any Environment {
    switch self {
    case .cartPole: return CartPole(seed: seed)
    case .gridworld:
      return try SwitchingGridworld(options.gridworld, task: options.task, seed: seed)
    case .atari(let game):
      #if Arcade
        return try AtariEnvironment(game, rules: options.atari, seed: seed)
      #else
        throw Self.withoutArcade(game)
      #endif
    case .gymnasium(let id):
      return try GymnasiumEnvironment(
        Self.configuration(id, options), seed: Self.gymnasiumSeed(seed))
    case .added(let name): return try Self.addition(name).make(seed, options.task)
    }
  }

  /// Environments of this name, moved together, each with a seed of its own drawn from `seed`: the first ones of a
  /// larger batch are those of a smaller one.
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
        try seeds.map { try SwitchingGridworld(options.gridworld, task: options.task, seed: $0) })
    case .atari(let game):
      #if Arcade
        return try AtariEnvironments(game, count: count, rules: options.atari, seed: seed)
      #else
        throw Self.withoutArcade(game)
      #endif
    case .gymnasium(let id):
      return try GymnasiumEnvironments(
        Self.configuration(id, options), seeds: seeds.map(Self.gymnasiumSeed),
        processes: options.processes)
    case .added(let name):
      let added = try Self.addition(name)
      func batch<SomeEnvironment: Environment>(_ first: SomeEnvironment) throws
        -> any EnvironmentBatch
      {
        SerialEnvironments(
          try [first]
            + seeds.dropFirst().map { seed in
              guard let environment = try added.make(seed, options.task) as? SomeEnvironment else {
                throw EnvironmentError(name, "expected environments of one type of every seed")
              }
              return environment
            })
      }
      return try batch(added.make(seeds[0], options.task))
    }
  }

  private static func addition(_ name: String) throws(EnvironmentError) -> AddedEnvironment {
    if let added = AddedEnvironment.registry[name] { return added }
    throw EnvironmentError(name, "this program does not have it")
  }

  private static func configuration(
    _ id: String, _ options: EnvironmentOptions
  ) -> GymnasiumConfiguration {
    var configuration = options.gymnasium
    configuration.id = id
    return configuration
  }

  private static func gymnasiumSeed(_ seed: UInt64) -> UInt32 { UInt32(seed >> 32) }

  #if !Arcade
    private static func withoutArcade(_ game: AtariGame) -> EnvironmentError {
      EnvironmentError(
        game.environmentName,
        "this program was built without the Arcade Learning Environment; build it from the repository with make build"
      )
    }
  #endif
}
