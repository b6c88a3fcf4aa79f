import Foundation
import Torch

/// States as 64-bit words with a check sum: how the environments of this package save themselves.
extension EnvironmentState {
  /// Words, low byte first, and after them the FNV-1a sum of what comes before.
  init(format: String, words: [UInt64]) {
    self.init(format: format, checked: words.flatMap(Self.littleEndian))
  }

  /// The words of a state that ``init(format:words:)`` made.
  ///
  /// - Throws: ``EnvironmentError`` for another format or number of words, and for any damage.
  func words(_ count: Int, format: String, environment: String) throws -> [UInt64] {
    let content = try checkedBytes(format: format, environment: environment)
    guard content.count == 8 * count else {
      throw EnvironmentError(
        environment,
        "expected a saved state of \(8 * count) bytes, found \(content.count): it is another release's; train a new run"
      )
    }
    return (0..<count).map { Self.word(content[(8 * $0)..<(8 * $0 + 8)]) }
  }

  /// Any bytes, and after them their FNV-1a sum.
  init(format: String, checked content: [UInt8]) {
    self.init(format: format, bytes: content + Self.littleEndian(Self.sum(content)))
  }

  /// The bytes of a state that ``init(format:checked:)`` made.
  func checkedBytes(format: String, environment: String) throws -> [UInt8] {
    guard self.format == format else {
      throw EnvironmentError(
        environment,
        "expected a saved state of the format \(format), found \(self.format): it is of another environment or release"
      )
    }
    guard bytes.count >= 8 else { throw Self.damage(environment, bytes.count) }
    let content = Array(bytes.dropLast(8))
    guard Self.word(bytes.suffix(8)) == Self.sum(content) else {
      throw Self.damage(environment, bytes.count)
    }
    return content
  }

  private static func damage(_ environment: String, _ count: Int) -> EnvironmentError {
    EnvironmentError(
      environment,
      "the saved state (\(count) bytes) is damaged or cut short: its check sum is another's; take an earlier one"
    )
  }

  private static func littleEndian(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func sum(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}

extension SeededGenerator {
  /// The state as four words, made from the digits that it is coded as.
  func savedWords() throws -> [UInt64] {
    let digits = try GeneratorDigits.text(of: self)
    return stride(from: 0, to: digits.count, by: 16).compactMap {
      UInt64(String(decoding: digits[$0..<($0 + 16)], as: UTF8.self), radix: 16)
    }
  }

  /// The generator of four words.
  init(savedWords words: some Sequence<UInt64>) throws {
    let text = words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    self = try GeneratorDigits.generator(of: text.joined())
  }
}

/// A generator's 64 hexadecimal digits, as its coding has them.
private enum GeneratorDigits {
  static func text(of generator: SeededGenerator) throws -> [UInt8] {
    Array(try JSONEncoder().encode([generator]).dropFirst(2).dropLast(2))
  }

  static func generator(of digits: String) throws -> SeededGenerator {
    let list = try JSONDecoder().decode([SeededGenerator].self, from: Data("[\"\(digits)\"]".utf8))
    return list[0]
  }
}
