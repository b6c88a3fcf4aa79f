/// The checksums of files as `sha256sum` writes them: 64 hexadecimal digits, a space, a space or `*`,
/// and the file's name, a line each.
struct DigestList: Hashable, Sendable {
  /// The digests in lower-case digits, by file name.
  let digests: [String: String]

  /// Reads a list; `path` is named in errors. Memory: at most 32 bytes for a byte of the list.
  ///
  /// - Throws: `DatasetError` (`malformed`) that names the first line that is none of these, or a name that comes
  ///   twice with different digests.
  init(_ bytes: [UInt8], path: String) throws {
    var digests: [String: String] = [:]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let digits = line.prefix(64)
      let rest = line.dropFirst(64)
      let name = String(validating: rest.dropFirst(2), as: UTF8.self) ?? ""
      let isDigest =
        digits.count == 64
        && digits.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 0x20) }
      let isSeparated = rest.starts(with: [32, 32]) || rest.starts(with: [32, 42])
      guard isDigest, isSeparated, !name.isEmpty else {
        throw Self.refusal(path, "line \(number + 1), which is none")
      }
      let digest = String(decoding: digits, as: UTF8.self).lowercased()
      guard digests.updateValue(digest, forKey: name).map({ $0 == digest }) ?? true else {
        throw Self.refusal(path, "two digests of one file at line \(number + 1)")
      }
    }
    self.digests = digests
  }

  private static func refusal(_ path: String, _ found: String) -> DatasetError {
    DatasetError(
      .malformed, path: path,
      expected: "lines of a SHA-256 digest, two spaces and a file's name, as sha256sum writes them",
      found: found, remedy: Remedy.fetchAgain)
  }
}
