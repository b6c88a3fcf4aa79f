/// The words that GPT-2 splits a text into before it merges byte pairs.
///
/// What its pattern matches, one after another, with the classes of Unicode (Radford et al. 2019):
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
enum ByteLevelWords {
  private enum Class: UInt8 { case letter, number, space, other }

  /// Classes of the characters below U+10000.
  private static let classes: [Class] = (0..<UInt32(0x10000)).map { value in
    Unicode.Scalar(value).map(classify) ?? .other
  }

  private static func classify(_ scalar: Unicode.Scalar) -> Class {
    if scalar.properties.isWhitespace { return .space }
    return switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      .letter
    case .decimalNumber, .letterNumber, .otherNumber: .number
    default: .other
    }
  }

  /// Calls `body` with each word of a text that is valid UTF-8.
  static func forEach(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    classes.withUnsafeBufferPointer { classes in
      var start = 0
      while start < text.count {
        let end = self.end(of: text, from: start, classes)
        body(UnsafeBufferPointer(rebasing: text[start..<end]))
        start = end
      }
    }
  }

  private static func end(
    of text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: UnsafeBufferPointer<Class>
  ) -> Int {
    let contraction = contraction(text, start)
    if contraction > 0 { return start + contraction }
    var (kind, width) = character(text, start, classes)
    var first = start
    if text[start] == 0x20, start + 1 < text.count {
      let following = character(text, start + 1, classes)
      if following.kind != .space {
        (kind, width, first) = (following.kind, following.width, start + 1)
      }
    }
    var last = first
    var end = first + width
    while end < text.count {
      let following = character(text, end, classes)
      guard following.kind == kind else { break }
      (last, end) = (end, end + following.width)
    }
    // Of white space before a word, the last character belongs to the word.
    return kind == .space && end < text.count && last > start ? last : end
  }

  /// Bytes of `'s` and the like at a place; 0 for none.
  private static func contraction(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    guard text[start] == UInt8(ascii: "'"), start + 1 < text.count else { return 0 }
    switch Unicode.Scalar(text[start + 1]) {
    case "s", "t", "m", "d": return 2
    case "r", "v": return start + 2 < text.count && text[start + 2] == UInt8(ascii: "e") ? 3 : 0
    case "l": return start + 2 < text.count && text[start + 2] == UInt8(ascii: "l") ? 3 : 0
    default: return 0
    }
  }

  private static func character(
    _ text: UnsafeBufferPointer<UInt8>, _ place: Int, _ classes: UnsafeBufferPointer<Class>
  ) -> (kind: Class, width: Int) {
    let first = UInt32(text[place])
    guard first >= 0x80 else { return (classes[Int(first)], 1) }
    let width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    guard place + width <= text.count else { return (.other, text.count - place) }
    let value = (1..<width).reduce(first & (0xff >> UInt32(width + 1))) {
      $0 << 6 | UInt32(text[place + $1] & 0x3f)
    }
    let kind = value < 0x10000 ? classes[Int(value)] : Unicode.Scalar(value).map(classify)
    return (kind ?? .other, width)
  }
}
