#if Arcade
  import CArcade
  package import Foundation

  /// One running emulator. It has identity: copies of an environment share it. One thread uses it at a time.
  package final class AtariEmulator {
    let handle: nap_arcade
    let game: AtariGame
    /// The emulator's numbers of the actions that an agent has.
    package let actions: [Int32]
    /// The bytes of an observation.
    package let observationCount: Int

    /// How a game is opened and its screen looked at; the fields are those of `nap_arcade_options`.
    package struct Options {
      var seed: Int32
      var repeatActionProbability: Double
      var luma: (red: Double, green: Double, blue: Double)
      var pooledFrames: Int
      var height: Int
      var width: Int
      var minimalActions: Bool

      package init(
        seed: Int32, repeatActionProbability: Double,
        luma: (red: Double, green: Double, blue: Double), pooledFrames: Int, height: Int,
        width: Int, minimalActions: Bool
      ) {
        self.seed = seed
        self.repeatActionProbability = repeatActionProbability
        self.luma = luma
        self.pooledFrames = pooledFrames
        self.height = height
        self.width = width
        self.minimalActions = minimalActions
      }
    }

    /// What an emulator is to do: begin a game with so many no-ops, or hold one of its 18 actions for so many frames.
    package enum Command {
      case reset(noOps: Int)
      case act(Int32, frames: Int)

      var value: nap_arcade_command {
        switch self {
        case .reset(let noOps): nap_arcade_command(resets: true, action: 0, frames: Int32(noOps))
        case .act(let action, let frames):
          nap_arcade_command(resets: false, action: action, frames: Int32(frames))
        }
      }
    }

    /// What a command brought.
    package struct Result {
      /// Summed over the frames.
      package var reward: Double
      /// Frames that were emulated.
      package var frames: Int
      package var isGameOver: Bool
      /// Whether the lives fell from one frame to the next while the game went on.
      package var lostLife: Bool
      /// Bytes, row after row.
      package var observation: [UInt8]

      init(_ result: nap_arcade_result, _ observation: [UInt8]) {
        reward = result.reward
        frames = Int(result.frames)
        isGameOver = result.game_over
        lostLife = result.life_lost
        self.observation = observation
      }
    }

    /// Opens the game whose image lies in `folder`.
    package convenience init(_ game: AtariGame, _ options: Options, folder: URL) throws(ArcadeError)
    {
      let image = try AtariROMs.image(of: game, in: folder)
      do throws(ArcadeError) {
        try self.init(game, options, image: image)
      } catch {
        // A file that was lost or altered since it was looked at is told as one that was so before.
        _ = try AtariROMs.image(of: game, in: folder)
        throw error
      }
    }

    /// Opens the game from a file that must hold its unaltered image when it is read.
    package init(_ game: AtariGame, _ options: Options, image: URL) throws(ArcadeError) {
      var settings = nap_arcade_options(
        seed: options.seed, repeat_action_probability: Float(options.repeatActionProbability),
        luma: options.luma, pooled_frames: Int32(options.pooledFrames),
        height: Int32(options.height), width: Int32(options.width))
      var opened: nap_arcade?
      guard nap_arcade_open(image.path, game.md5, &settings, &opened) == 0, let opened else {
        throw ArcadeError.last(game)
      }
      var actions = [Int32](repeating: 0, count: nap_arcade_action_limit)
      var count: Int32 = 0
      guard nap_arcade_actions(opened, options.minimalActions, &actions, &count) == 0 else {
        let error = ArcadeError.last(game)
        nap_arcade_free(opened)
        throw error
      }
      handle = opened
      self.game = game
      self.actions = Array(actions.prefix(Int(count)))
      observationCount = options.height * options.width
    }

    deinit { nap_arcade_free(handle) }

    /// Throws the thread's last reason where a call failed.
    private func check(_ status: Int32) throws(ArcadeError) {
      guard status == 0 else { throw ArcadeError.last(game) }
    }

    /// Obeys a command.
    package func run(_ command: Command) throws(ArcadeError) -> Result {
      var command = command.value
      var result = nap_arcade_result()
      var status: Int32 = 0
      let observation = [UInt8](unsafeUninitializedCapacity: observationCount) { buffer, count in
        status = nap_arcade_run(handle, &command, &result, buffer.baseAddress)
        count = status == 0 ? observationCount : 0
      }
      try check(status)
      return Result(result, observation)
    }

    /// Everything that decides the emulator's future; for the same build of it.
    package func save() throws(ArcadeError) -> [UInt8] {
      var bytes: UnsafePointer<UInt8>?
      var count = 0
      try check(nap_arcade_save(handle, &bytes, &count))
      return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Goes on from what the same game saved. All or nothing.
    package func restore(_ bytes: [UInt8]) throws(ArcadeError) {
      try check(nap_arcade_restore(handle, bytes, bytes.count))
    }

    /// The newest screen, three bytes per pixel.
    package func screen() throws(ArcadeError) -> (width: Int, height: Int, rgb: [UInt8]) {
      var (height, width): (Int32, Int32) = (0, 0)
      try check(nap_arcade_screen_size(handle, &height, &width))
      var rgb = [UInt8](repeating: 0, count: Int(3 * height * width))
      try check(nap_arcade_screen(handle, &rgb, rgb.count))
      return (Int(width), Int(height), rgb)
    }
  }

  /// What the emulator refused.
  package struct ArcadeError: Error {
    package let game: AtariGame
    package let reason: String

    /// The thread's last reason.
    static func last(_ game: AtariGame) -> ArcadeError {
      ArcadeError(game: game, reason: String(cString: nap_arcade_last_error()))
    }
  }
#endif
