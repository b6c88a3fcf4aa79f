/// The text in `bible.data`, as the Bible Retrieval System (Chapin 1989 to 1993) and Debian's `bible` keep it.
///
/// The file: `EC02` and a title, 84 bytes; then, as big-endian words, the plain bytes of a window, the number of
/// windows, and the place of each and of the end. A window is what `compress` writes (LZW, codes of 9 to 16 bits)
/// without its header of three bytes, so that the program can print a verse without reading all before it.
enum VerseArchive {
  private static let headerSize = 84
  /// Its windows hold 64 KiB, fewer in the last.
  private static let windowSize = 65_536

  /// Every window's text, one after another. `path` is named in errors.
  ///
  /// - Throws: `DatasetError` (`malformed`).
  static func text(_ bytes: [UInt8], path: String) throws -> [UInt8] {
    func word(_ index: Int) -> Int? {
      let start = headerSize + 4 * index
      guard bytes.count >= start + 4 else { return nil }
      return bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.starts(with: Array("EC02".utf8)), word(0) == windowSize, let count = word(1),
      count <= bytes.count / 4
    else { throw refusal(path, "EC02, and windows of \(windowSize) bytes", "another header") }
    let places = (0...count).compactMap { word(2 + $0) }
    var text: [UInt8] = []
    guard places.count == count + 1, places[0] >= headerSize + 4 * (count + 3),
      zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }), places[count] <= bytes.count
    else {
      throw refusal(path, "\(count) windows, one after another in the file", "other places")
    }
    for (start, end) in zip(places, places.dropFirst()) {
      guard let window = expanded(bytes[start..<end]) else {
        throw refusal(path, "windows of LZW codes, of at most \(windowSize) bytes", "other bytes")
      }
      text += window
    }
    return text
  }

  private static func refusal(_ path: String, _ expected: String, _ found: String) -> DatasetError {
    DatasetError(
      .malformed, path: path, expected: expected, found: found, remedy: Remedy.fetchAgain)
  }

  /// One window; nil if it is none.
  ///
  /// Codes lie with their lowest bit first, in groups of eight, and the code's size grows by a bit when the table is
  /// full, at the next group's start. Code 256, which elsewhere empties the table, ends a window.
  private static func expanded(_ input: ArraySlice<UInt8>) -> [UInt8]? {
    let bytes = Array(input)
    // An entry is the entry `prefixes` and one more byte. Entries from 257 on; the first 256 are the bytes.
    var (prefixes, suffixes) = ([Int](repeating: 0, count: 257), [UInt8](repeating: 0, count: 257))
    var output: [UInt8] = []
    var (position, groupStart, width, previous) = (0, 0, 9, -1)
    while position + width <= bytes.count * 8 {
      var code = 0
      for bit in 0..<width {
        let at = position + bit
        code |= Int(bytes[at / 8] >> UInt8(at % 8) & 1) << bit
      }
      position += width
      if code == 256 { break }
      // An entry may name itself as soon as it is about to be made: then it ends as it begins.
      guard code < prefixes.count + (previous >= 0 ? 1 : 0) else { return nil }
      let start = output.count
      var entry = code == prefixes.count ? previous : code
      while entry > 256 {
        output.append(suffixes[entry])
        entry = prefixes[entry]
      }
      output.append(UInt8(entry))
      output[start...].reverse()
      if code == prefixes.count { output.append(output[start]) }
      guard output.count <= windowSize else { return nil }
      if previous >= 0, prefixes.count < 1 << 16 {
        prefixes.append(previous)
        suffixes.append(output[start])
      }
      previous = code
      if prefixes.count == 1 << width, width < 16 {
        let group = width * 8
        groupStart += (position - groupStart + group - 1) / group * group
        position = groupStart
        width += 1
      }
    }
    return output
  }
}
