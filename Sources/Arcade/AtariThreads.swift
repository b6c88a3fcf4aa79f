#if Arcade
  import CArcade

  /// Threads that move several emulators at once; one of them is the caller's.
  package final class AtariThreads {
    private let handle: nap_arcade_threads
    private let game: AtariGame

    /// So many threads, for emulators of one game.
    package init(count: Int, game: AtariGame) throws(ArcadeError) {
      var created: nap_arcade_threads?
      guard nap_arcade_threads_create(Int32(count), &created) == 0, let created else {
        throw ArcadeError.last(game)
      }
      handle = created
      self.game = game
    }

    deinit { nap_arcade_threads_free(handle) }

    /// Each emulator's result in their order, whatever the order of the work.
    ///
    /// - Throws: the first failure in the emulators' order; the others may have moved.
    package func run(
      _ emulators: [AtariEmulator], _ commands: [AtariEmulator.Command]
    ) throws(ArcadeError) -> [AtariEmulator.Result] {
      guard let stride = emulators.first?.observationCount else { return [] }
      let handles = emulators.map { Optional($0.handle) }
      let orders = commands.map(\.value)
      var results = [nap_arcade_result](repeating: nap_arcade_result(), count: emulators.count)
      let byteCount = stride * emulators.count
      var status: Int32 = 0
      let observations = withExtendedLifetime(emulators) {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
          status = nap_arcade_threads_run(
            handle, handles, orders, &results, buffer.baseAddress, stride, Int32(emulators.count))
          count = status == 0 ? byteCount : 0
        }
      }
      guard status == 0 else { throw ArcadeError.last(game) }
      if let index = results.firstIndex(where: { $0.status != 0 }) {
        let message = withUnsafeBytes(of: results[index].message) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        throw ArcadeError(game: game, reason: "environment \(index): \(message)")
      }
      return results.indices.map { index in
        AtariEmulator.Result(
          results[index], Array(observations[(index * stride)..<((index + 1) * stride)]))
      }
    }
  }
#endif
