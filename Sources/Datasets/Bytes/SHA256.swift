import Crypto

/// The SHA-256 digest (FIPS 180-4) of bytes given piece by piece, by swift-crypto.
public struct SHA256: Sendable {
  private var digest = Crypto.SHA256()

  /// Starts an empty digest.
  public init() {}

  /// The digest of `bytes` as 64 lower-case hexadecimal digits.
  public static func hexadecimal(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.hexadecimal()
  }

  /// The digest of the file at `path`, read in blocks of 1 MiB.
  ///
  /// - Throws: `DatasetError` where the file is missing or cannot be read.
  public static func hexadecimal(ofFileAt path: String) throws -> String {
    let source = try FileSource(path: path)
    var digest = SHA256()
    while case let block = try source.read(1 << 20), !block.isEmpty { digest.update(block) }
    return digest.hexadecimal()
  }

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) { digest.update(data: bytes) }

  /// The digest of everything added so far, as 64 lower-case hexadecimal digits.
  public func hexadecimal() -> String {
    digest.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
