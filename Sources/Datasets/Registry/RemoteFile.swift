/// A file on the network whose content is known beforehand.
public struct RemoteFile: Codable, Hashable, Sendable {
  /// The name it is kept under.
  public let name: String
  /// Where it may be had; tried in turn.
  public let addresses: [String]
  /// Its size.
  public let byteCount: Int
  /// Its SHA-256 digest in lower-case hexadecimal digits.
  public let sha256: String

  /// Describes a file.
  public init(name: String, addresses: [String], byteCount: Int, sha256: String) {
    self.name = name
    self.addresses = addresses
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}

/// How far a download is.
public struct DownloadProgress: Hashable, Sendable {
  /// The file's name.
  public let name: String
  /// Bytes that lie here, those of earlier attempts included.
  public let receivedByteCount: Int
  /// Bytes of the whole file.
  public let byteCount: Int
}
