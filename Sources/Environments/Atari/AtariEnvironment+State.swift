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
    /// Layout: the length of a JSON text as 4 bytes, the text, the emulator's bytes, a sum of all that as 8 bytes;
    /// numbers are little-endian. The emulator's part is for the same build of it.
    public func savedState() throws -> EnvironmentState {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let head = try encoder.encode(Head(manifest: manifest, progress: progress))
      var bytes = Self.littleEndian(UInt64(head.count), count: 4)
      bytes += head
      bytes += try EnvironmentError.from { try emulator.save() }
      bytes += Self.littleEndian(Self.sum(bytes[...]), count: 8)
      return EnvironmentState(format: Self.format, bytes: bytes)
    }

    /// Continues from a saved state of the same game under the same protocol. All or nothing.
    ///
    /// - Throws: ``EnvironmentError`` for another format, a damaged state, and another game or protocol: with what
    ///   differs.
    public mutating func restore(_ state: EnvironmentState) throws {
      guard state.format == Self.format else {
        throw refusal("expected the format \(Self.format), found \(state.format)")
      }
      let bytes = state.bytes
      guard bytes.count > 12,
        Self.number(bytes[(bytes.count - 8)...]) == Self.sum(bytes[..<(bytes.count - 8)])
      else { throw refusal("it is damaged or cut short; take an earlier one") }
      let length = Int(Self.number(bytes[..<4]))
      guard length <= bytes.count - 12,
        let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[4..<(4 + length)]))
      else { throw refusal("its head cannot be read; take an earlier one") }
      let differences = head.manifest.differences(from: manifest)
      guard differences.isEmpty else {
        throw refusal("it was saved with " + differences.joined(separator: ", "))
      }
      try EnvironmentError.from {
        try emulator.restore(Array(bytes[(4 + length)..<(bytes.count - 8)]))
      }
      progress = head.progress
    }

    private func refusal(_ reason: String) -> EnvironmentError {
      EnvironmentError(specification.name, "the saved state is refused: \(reason)")
    }

    private static func littleEndian(_ value: UInt64, count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// FNV-1a over 64 bits.
    private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
      bytes.withUnsafeBufferPointer { buffer in
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in buffer { sum = (sum ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return sum
      }
    }
  }
#endif
