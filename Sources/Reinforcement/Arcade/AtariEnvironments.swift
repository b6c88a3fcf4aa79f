#if Arcade
  import CArcade
  public import Foundation
  public import Torch

  /// Several games of one kind, stepped on threads of their own.
  ///
  /// Each environment has its own generators, and each result its own place: what comes out does not depend on the
  /// number of threads. An environment's part equals that of an ``AtariEnvironment`` with the seed of
  /// ``seed(of:from:)``.
  public struct AtariEnvironments: EnvironmentBatch {
    /// The environments, in their order.
    public private(set) var worlds: [AtariEnvironment]
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
      worlds = try (0..<count).map { index in
        try AtariEnvironment(
          game, rules: rules, seed: Self.seed(of: index, from: seed), folder: folder)
      }
      threadCount = min(threads, count)
      self.threads = try AtariThreads(count: threadCount, name: game.environmentName)
    }

    /// The seed of one environment of a batch.
    public static func seed(of index: Int, from seed: UInt64) -> UInt64 {
      var generator = SeededGenerator(seed: seed).split("environment \(index)")
      return generator.next()
    }

    /// What holds for each of them.
    public var specification: EnvironmentSpecification { worlds[0].specification }

    /// The number of environments.
    public var count: Int { worlds.count }

    /// The game, the image, the emulator and the protocol, for results to carry.
    public var manifest: AtariManifest { worlds[0].manifest }

    /// Moves each environment by its command, several at once.
    public mutating func advance(_ commands: [EnvironmentCommand]) throws -> [EnvironmentEvent] {
      precondition(commands.count == count, "advance: \(commands.count) commands for \(count)")
      var moved = worlds
      let orders = try commands.indices.map { try moved[$0].begin(commands[$0]) }
      let size = worlds[0].emulator.observationCount
      let (results, observations) = try threads.run(
        worlds.map(\.emulator), orders, observationCount: size)
      worlds = moved
      return try commands.indices.map { index in
        let result = results[index]
        guard result.status == 0 else {
          throw EnvironmentError(
            specification.name, "environment \(index): \(AtariThreads.message(of: result))")
        }
        let observation = Array(observations[(index * size)..<((index + 1) * size)])
        switch commands[index] {
        case .reset: return .started(try worlds[index].started(result, observation))
        case .act: return .stepped(worlds[index].stepped(result, observation))
        }
      }
    }

    /// Each environment's state.
    public func savedStates() throws -> [EnvironmentState] {
      try worlds.map { try $0.savedState() }
    }

    /// Continues from saved states, one per environment. All or nothing.
    public mutating func restore(_ states: [EnvironmentState]) throws {
      var serial = SerialEnvironments(worlds)
      try serial.restore(states)
      worlds = serial.worlds
    }
  }

  /// The threads behind the C seam.
  private final class AtariThreads {
    private let handle: nap_arcade_threads
    private let name: String

    init(count: Int, name: String) throws {
      var created: nap_arcade_threads?
      guard nap_arcade_threads_create(Int32(count), &created) == 0, let created else {
        throw EnvironmentError(name, String(cString: nap_arcade_last_error()))
      }
      handle = created
      self.name = name
    }

    deinit { nap_arcade_threads_free(handle) }

    func run(
      _ emulators: [AtariEmulator], _ commands: [nap_arcade_command], observationCount: Int
    ) throws -> ([nap_arcade_result], [UInt8]) {
      let handles = emulators.map { Optional($0.handle) }
      var results = [nap_arcade_result](repeating: nap_arcade_result(), count: emulators.count)
      let byteCount = observationCount * emulators.count
      var status: Int32 = 0
      let observations = withExtendedLifetime(emulators) {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
          status = nap_arcade_threads_run(
            handle, handles, commands, &results, buffer.baseAddress, observationCount,
            Int32(emulators.count))
          count = status == 0 ? byteCount : 0
        }
      }
      guard status == 0 else {
        throw EnvironmentError(name, String(cString: nap_arcade_last_error()))
      }
      return (results, observations)
    }

    static func message(of result: nap_arcade_result) -> String {
      withUnsafeBytes(of: result.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
  }
#endif
