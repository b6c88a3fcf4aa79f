import Testing

@testable import Datasets

@Suite struct DigestListTests {
  private let one = SHA256.hexadecimal(of: [1])
  private let two = SHA256.hexadecimal(of: [2])

  private func digests(_ text: String) throws -> [String: String] {
    try DigestList(Array(text.utf8), path: "SHA256SUMS").digests
  }

  @Test("Lines of sha256sum are read, in text and binary mode, with any name")
  func sound() throws {
    #expect(try digests("") == [:])
    #expect(
      try digests("\(one)  a.bin\n\(two) *with space\n") == ["a.bin": one, "with space": two])
    #expect(try digests("\(one.uppercased())  a.bin") == ["a.bin": one])
    #expect(try digests("\(one)  a.bin\n\n\(one)  a.bin\n") == ["a.bin": one])
  }

  @Test("Any other line, and two digests of one file, are refused with the line's number")
  func damaged() throws {
    for (text, line) in [
      ("nothing", 1), ("\(one)  a.bin\n\(two.dropLast())  b.bin", 2), ("\(one) a.bin", 1),
      ("\(one)  ", 1), ("\(one)", 1), ("\(one)0  a.bin", 1), ("g\(one.dropFirst())  a.bin", 1),
      ("\(one)  a.bin\n\(two)  a.bin", 2),
    ] {
      let error = try datasetError { _ = try digests(text) }
      #expect(error.kind == .malformed && error.path == "SHA256SUMS")
      #expect(error.found.contains("line \(line)"), "\(text): \(error)")
    }
  }
}
