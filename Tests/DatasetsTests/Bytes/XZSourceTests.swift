import Testing

@testable import Datasets

@Suite(.timeLimit(.minutes(10))) struct XZSourceTests {
  private let plain = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }

  private func packed() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    return try shell("xz -c '\(folder.write("plain", plain))'")
  }

  private func read(_ bytes: [UInt8], offset: Int = 0, step: Int = 65_536) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let source = try XZSource(path: folder.write("some.xz", bytes), offset: offset)
    #expect(source.storedByteCount == bytes.count - offset)
    var result: [UInt8] = []
    while case let block = try source.read(step), !block.isEmpty { result += block }
    #expect(try source.read(1).isEmpty)
    return result
  }

  @Test("What xz compressed comes back from any place of a file, whatever follows")
  func roundTrip() throws {
    #expect(try read(packed()) == plain)
    #expect(try read([1, 2, 3] + packed() + [0], offset: 3, step: 1_000) == plain)
  }

  @Test("A stream cut anywhere, damaged, or none at all is an error that says what xz said")
  func damage() throws {
    let packed = try packed()
    var wrong = packed
    wrong[packed.count / 2] ^= 1
    for bytes in [
      Array(packed.prefix(20)), Array(packed.dropLast()), wrong, Array("no xz".utf8), [],
    ] {
      let error = try datasetError { _ = try read(bytes) }
      #expect(error.kind == .malformed && error.path.hasSuffix("some.xz"))
      #expect(error.found.contains("xz: (stdin)"), "\(error)")
    }
  }

  @Test("A source that is left half read ends its program")
  func leaving() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("some.xz", packed())
    for _ in 0..<20 { #expect(try XZSource(path: path, offset: 0).read(10).count == 10) }
  }

  @Test("A program that is missing is an error with the line that installs it")
  func missing() throws {
    let error = try datasetError {
      _ = try SystemProgram.path(
        "nap-no-such-program", package: "no-such", for: "some.deb", .unreadable, "do without")
    }
    #expect(error.kind == .unreadable && error.path == "some.deb")
    #expect(error.remedy == "install it (`apt-get install no-such`), or do without")
  }
}
