#if Arcade
  public import Arcade
  public import Foundation
  import Torch

  /// A game of the Arcade Learning Environment under a protocol.
  ///
  /// An observation is one grey frame, (1, height, width) bytes; stacking is for whoever decides. Copies share the
  /// emulator, so an environment is to be kept in one place.
  ///
  /// Cost: about 0.6 ms of four emulated frames and a tenth of that for the observation, on one core.
  public struct AtariEnvironment: Environment {
    /// The game, the image, the emulator and the protocol, for results to carry.
    public let manifest: AtariManifest
    /// The form of observations, the number of actions, and the frames of a step.
    public let specification: EnvironmentSpecification
    let emulator: AtariEmulator
    var progress: Progress

    /// What the emulator does not know of a game in progress.
    struct Progress: Hashable, Codable {
      var noOps: SeededGenerator
      var isPlaying = false
      var beginsGame = true
      var gameFrames: Frames = 0
      var gameReturn = 0.0
    }

    /// Opens a game.
    ///
    /// - Parameters:
    ///   - game: which one; `AtariGame(named:)` finds it.
    ///   - rules: the protocol.
    ///   - seed: of the emulator's and the no-ops' generators.
    ///   - folder: where the images lie.
    /// - Throws: ``EnvironmentError`` for a protocol that makes no sense, and for an image that is missing or altered.
    public init(
      _ game: AtariGame, rules: AtariProtocol = .dqnZoo, seed: UInt64 = 0,
      folder: URL = AtariROMs.folder
    ) throws {
      try rules.validate()
      let generator = SeededGenerator(seed: seed)
      var emulatorSeeds = generator.split("emulator")
      let options = AtariEmulator.Options(
        seed: Int32(emulatorSeeds.index(below: Int(Int32.max))),
        repeatActionProbability: rules.repeatActionProbability,
        luma: (rules.luma.red, rules.luma.green, rules.luma.blue),
        pooledFrames: rules.pooledFrames, height: rules.height, width: rules.width,
        minimalActions: rules.actionSet == .minimal)
      emulator = try EnvironmentError.from { try AtariEmulator(game, options, folder: folder) }
      manifest = AtariManifest(
        game: game, romMD5: game.md5, emulatorVersion: AtariROMs.emulatorVersion, rules: rules)
      specification = EnvironmentSpecification(
        name: game.environmentName,
        observations: ObservationSpace(
          shape: [1, rules.height, rules.width], element: .uint8, stack: rules.stack),
        actionCount: emulator.actions.count, actionRepeat: rules.actionRepeat)
      progress = Progress(noOps: generator.split("no-ops"))
    }

    /// The game's image under its name; the emulator's version and the rules under `atari`.
    public var protocolFacts: [String: [String: String]] {
      specification.facts.merging(manifest.facts) { $0.merging($1) { $1 } }
    }

    /// The screen, 160 x 210 pixels in color.
    public var image: RenderedImage? {
      get throws {
        let screen = try EnvironmentError.from { try emulator.screen() }
        return RenderedImage(width: screen.width, height: screen.height, rgb: screen.rgb)
      }
    }

    /// The sum of raw rewards since the game began, lost lives notwithstanding.
    public var gameReturn: Double { progress.gameReturn }

    /// Frames since the game began, no-ops at its beginning not counted.
    public var gameFrames: Frames { progress.gameFrames }

    /// Whether the game has ended or was truncated: the next reset begins a new one.
    public var isGameOver: Bool { progress.beginsGame }

    /// Begins an episode: a new game, or the next life where the protocol ends episodes at the loss of one.
    public mutating func reset() throws -> EpisodeStart {
      try started(run(begin(.reset)))
    }

    /// Holds an action for the frames of a step, fewer where the game ends or the cap is reached.
    public mutating func step(_ action: Action) throws -> Step {
      stepped(try run(begin(.act(action))))
    }

    func run(_ command: AtariEmulator.Command) throws -> AtariEmulator.Result {
      try EnvironmentError.from { try emulator.run(command) }
    }
  }

  extension EnvironmentError {
    /// What `body` brings; the emulator's refusals come under the game's name.
    static func from<Value>(_ body: () throws -> Value) throws -> Value {
      do {
        return try body()
      } catch let error as ArcadeError {
        throw EnvironmentError(error.game.environmentName, error.reason)
      }
    }
  }
#endif
