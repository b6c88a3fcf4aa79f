#if Arcade
  import CArcade
  import Foundation

  /// One running emulator behind the C seam. It has identity: copies of an environment share it.
  final class AtariEmulator {
    let handle: nap_arcade
    let name: String
    /// The emulator's numbers of the actions that an agent has.
    let actions: [Int32]
    let observationCount: Int

    init(game: AtariGame, rules: AtariProtocol, seed: Int32, folder: URL) throws {
      let image = try AtariROMs.image(of: game, in: folder)
      var options = nap_arcade_options(
        seed: seed, repeat_action_probability: Float(rules.repeatActionProbability),
        luma: (rules.luma.red, rules.luma.green, rules.luma.blue),
        pooled_frames: Int32(rules.pooledFrames), height: Int32(rules.height),
        width: Int32(rules.width))
      var opened: nap_arcade?
      guard nap_arcade_open(image.path, &options, &opened) == 0, let opened else {
        throw EnvironmentError(game.environmentName, String(cString: nap_arcade_last_error()))
      }
      var actions = [Int32](repeating: 0, count: nap_arcade_action_limit)
      var count: Int32 = 0
      guard nap_arcade_actions(opened, rules.actionSet == .minimal, &actions, &count) == 0 else {
        let reason = String(cString: nap_arcade_last_error())
        nap_arcade_free(opened)
        throw EnvironmentError(game.environmentName, reason)
      }
      handle = opened
      name = game.environmentName
      self.actions = Array(actions.prefix(Int(count)))
      observationCount = rules.height * rules.width
    }

    deinit { nap_arcade_free(handle) }

    /// Throws the thread's last reason where a call failed.
    func check(_ status: Int32) throws {
      guard status == 0 else {
        throw EnvironmentError(name, String(cString: nap_arcade_last_error()))
      }
    }

    func run(_ command: nap_arcade_command) throws -> (nap_arcade_result, [UInt8]) {
      var command = command
      var result = nap_arcade_result()
      var status: Int32 = 0
      let observation = [UInt8](unsafeUninitializedCapacity: observationCount) { buffer, count in
        status = nap_arcade_run(handle, &command, &result, buffer.baseAddress)
        count = status == 0 ? observationCount : 0
      }
      try check(status)
      return (result, observation)
    }

    func save() throws -> [UInt8] {
      var bytes: UnsafePointer<UInt8>?
      var count = 0
      try check(nap_arcade_save(handle, &bytes, &count))
      return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    func screen() throws -> Picture {
      var (height, width): (Int32, Int32) = (0, 0)
      try check(nap_arcade_screen_size(handle, &height, &width))
      var rgb = [UInt8](repeating: 0, count: Int(3 * height * width))
      try check(nap_arcade_screen(handle, &rgb, rgb.count))
      return Picture(width: Int(width), height: Int(height), rgb: rgb)
    }

    func restore(_ bytes: [UInt8]) throws {
      try check(nap_arcade_restore(handle, bytes, bytes.count))
    }
  }
#endif
