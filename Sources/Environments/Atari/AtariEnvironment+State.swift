#if Arcade
  import Arcade
  import Foundation

  extension AtariEnvironment {
    private static let format = "atari/1"

    /// What precedes the emulator's own bytes.
    private struct Head: Codable {
      var manifest: AtariManifest
      var progress: Progress
    }

    /// The emulator's state with its generator, sticky action and screens, and what is known of the game: about 170 kB.
    ///
    /// Layout: the length of a JSON text as 4 bytes, low byte first, the text, the emulator's bytes, their check sum.
    /// The emulator's part is for the same build of it.
    public func savedState() throws -> EnvironmentState {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let head = try encoder.encode(Head(manifest: manifest, progress: progress))
      let length = (0..<4).map { UInt8(truncatingIfNeeded: head.count >> (8 * $0)) }
      let own = try EnvironmentError.from { try emulator.save() }
      return EnvironmentState(format: Self.format, checked: length + head + own)
    }

    /// Continues from a saved state of the same game under the same protocol. All or nothing.
    ///
    /// - Throws: ``EnvironmentError`` for another format, a damaged state, and another game or protocol: with what
    ///   differs.
    public mutating func restore(_ state: EnvironmentState) throws {
      let name = specification.name
      let bytes = try state.checkedBytes(format: Self.format, environment: name)
      let length = bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard bytes.count > 4, length <= bytes.count - 4,
        let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[4..<(4 + length)]))
      else {
        throw EnvironmentError(
          name, "the head of the saved state cannot be read; take an earlier one")
      }
      let differences = head.manifest.differences(from: manifest)
      guard differences.isEmpty else {
        throw EnvironmentError(
          name,
          "the saved state is refused: it was saved with "
            + differences.joined(separator: ", "))
      }
      try EnvironmentError.from { try emulator.restore(Array(bytes[(4 + length)...])) }
      progress = head.progress
    }
  }
#endif
