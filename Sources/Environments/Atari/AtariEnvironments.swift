#if Arcade
  public import Arcade
  public import Foundation
  public import Torch

  /// Several games of one kind, stepped on threads of their own.
  ///
  /// Each environment has its own generators, and each result its own place: what comes out does not depend on the
  /// number of threads. An environment's part equals that of an ``AtariEnvironment`` with the seed of
  /// ``seed(of:from:)``.
  public struct AtariEnvironments: EnvironmentBatch {
    /// The environments, in their order.
    public private(set) var environments: [AtariEnvironment]
    /// Threads that step, the caller's included.
    public let threadCount: Int
    private let threads: AtariThreads

    /// Opens `count` environments of one game.
    ///
    /// - Parameters:
    ///   - game: which one.
    ///   - count: how many, at least one.
    ///   - rules: the protocol of all.
    ///   - seed: from which each one's seed comes.
    ///   - threads: how many step, at most `count`; by default one a processor that may be used.
    ///   - folder: where the images lie.
    /// - Throws: ``EnvironmentError`` as for one.
    public init(
      _ game: AtariGame, count: Int, rules: AtariProtocol = .dqnZoo, seed: UInt64 = 0,
      threads: Int = Machine.usableProcessorCount, folder: URL = AtariROMs.folder
    ) throws {
      precondition(count > 0, "AtariEnvironments: expected at least one environment, got \(count)")
      precondition(threads > 0, "AtariEnvironments: expected at least one thread, got \(threads)")
      environments = try (0..<count).map { index in
        try AtariEnvironment(
          game, rules: rules, seed: Self.seed(of: index, from: seed), folder: folder)
      }
      let threadCount = min(threads, count)
      self.threadCount = threadCount
      self.threads = try EnvironmentError.from {
        try AtariThreads(count: threadCount, game: game)
      }
    }

    /// The seed of one environment of a batch.
    public static func seed(of index: Int, from seed: UInt64) -> UInt64 {
      var generator = SeededGenerator(seed: seed).split("environment \(index)")
      return generator.next()
    }

    public var specification: EnvironmentSpecification { environments[0].specification }

    public var count: Int { environments.count }

    /// The game, the image, the emulator and the protocol, for results to carry.
    public var manifest: AtariManifest { environments[0].manifest }

    /// Moves each environment by its command, several at once.
    public mutating func advance(_ commands: [EnvironmentCommand]) throws -> [EnvironmentEvent] {
      precondition(commands.count == count, "advance: \(commands.count) commands for \(count)")
      var moved = environments
      let orders = try commands.indices.map { try moved[$0].begin(commands[$0]) }
      let results = try EnvironmentError.from {
        try threads.run(environments.map(\.emulator), orders)
      }
      environments = moved
      return try commands.indices.map { index in
        switch commands[index] {
        case .reset: .started(try environments[index].started(results[index]))
        case .act: .stepped(environments[index].stepped(results[index]))
        }
      }
    }

    public func savedStates() throws -> [EnvironmentState] {
      try environments.map { try $0.savedState() }
    }

    /// Continues from saved states, one per environment. All or nothing.
    public mutating func restore(_ states: [EnvironmentState]) throws {
      var serial = SerialEnvironments(environments)
      try serial.restore(states)
      environments = serial.environments
    }
  }
#endif
