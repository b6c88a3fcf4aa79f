import Testing

@testable import Datasets

@Suite struct VerseArchiveTests {
  @Test("Codes by hand: A, B, AB, and the entry that is about to be made")
  func golden() throws {
    // 9 bits each, the lowest first: 65, 66, 257 (AB), 259 (ABA).
    let window: [UInt8] = [0x41, 0x84, 0x04, 0x1c, 0x08]
    let file = verseArchive([window])
    #expect(try VerseArchive.text(file, path: "x") == Array("ABABABA".utf8))
    // 65, and 256, after which nothing is read.
    let ended = verseArchive([[0x41, 0x00, 0xfe, 0xff, 0xff], [0x42, 0x00]])
    #expect(try VerseArchive.text(ended, path: "x") == Array("AB".utf8))
  }

  @Test("Windows come back, one after another, codes of 9 to 16 bits among them")
  func roundTrip() throws {
    var state: UInt32 = 1
    let text = (0..<150_000).map { index -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return index % 65_536 < 40_000 ? UInt8(state >> 24) : UInt8(ascii: "a") + UInt8(state >> 31)
    }
    let windows = stride(from: 0, to: text.count, by: 65_536).map {
      lzw(Array(text[$0..<min($0 + 65_536, text.count)]))
    }
    // That the codes are right, another program says.
    let folder = try TemporaryFolder()
    let path = try folder.write("first.Z", [0x1f, 0x9d, 0x90] + windows[0])
    #expect(try shell("gzip -dc '\(path)'") == Array(text.prefix(65_536)))
    #expect(try VerseArchive.text(verseArchive(windows), path: "x") == text)
  }

  @Test("Another header, places that are none, and codes that are none are errors")
  func damage() throws {
    let file = verseArchive([lzw(Array("In the beginning".utf8)), lzw([1, 2])])
    func changed(_ index: Int, _ byte: UInt8) -> [UInt8] {
      var copy = file
      copy[index] = byte
      return copy
    }
    for bytes in [
      [], Array(file.prefix(80)), Array(file.prefix(95)), changed(0, 0), changed(85, 9),
      changed(88, 200), changed(95, 1), changed(99, 0), Array(file.dropLast()),
      verseArchive([[0x41, 0xfe, 0x03]]),
      verseArchive([lzw([UInt8](repeating: 7, count: 65_537))]),
    ] {
      #expect(
        try datasetError { _ = try VerseArchive.text(bytes, path: "x") }.kind == .malformed)
    }
  }
}

/// A file of the Bible Retrieval System with these windows.
func verseArchive(_ windows: [[UInt8]]) -> [UInt8] {
  var places = [84 + 4 * (windows.count + 3)]
  for window in windows { places.append(places[places.count - 1] + window.count) }
  let words = ([65_536, windows.count] + places).flatMap { word in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
  }
  let title = Array("EC02Compressed Data File".utf8)
  return title + [UInt8](repeating: 0, count: 84 - title.count) + words + windows.flatMap { $0 }
}

/// What `compress` makes of `text`, without the three bytes before it.
func lzw(_ text: [UInt8]) -> [UInt8] {
  var table: [Int: Int] = [:]
  var (bits, groupStart, width, count) = ([UInt8](), 0, 9, 257)
  var current: Int?
  func write(_ code: Int) { bits += (0..<width).map { UInt8(code >> $0 & 1) } }
  for byte in text {
    guard let prefix = current else {
      current = Int(byte)
      continue
    }
    let key = prefix << 8 | Int(byte)
    if let code = table[key] {
      current = code
      continue
    }
    write(prefix)
    if count == 1 << width {
      while (bits.count - groupStart) % (width * 8) != 0 { bits.append(0) }
      groupStart = bits.count
      width += 1
    }
    table[key] = count
    count += 1
    current = Int(byte)
  }
  if let current { write(current) }
  return stride(from: 0, to: bits.count, by: 8).map { start in
    bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) { $0 | $1.element << $1.offset }
  }
}
