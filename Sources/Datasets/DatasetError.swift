public import Foundation

/// What went wrong with data on disk or on the way there.
///
/// Every error names the path (or address), what was expected, what was found and what to try.
public struct DatasetError: Error, Hashable, Sendable {
  /// The sort of failure, for code that reacts to it.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The dataset's folder does not exist.
    case missingFolder
    /// The folder exists, but a file in it does not.
    case missingFile
    /// A path exists but cannot be read as a regular file.
    case unreadable
    /// A path cannot be written.
    case unwritable
    /// A file of zero bytes.
    case empty
    /// The bytes end before the format says they do.
    case truncated
    /// There are more bytes or records than the format allows.
    case oversized
    /// The bytes are not of the stated format.
    case malformed
    /// A label lies outside the dataset's classes.
    case labelOutOfRange
    /// A checksum differs from the official one.
    case checksumMismatch
    /// A server refused, or the connection broke.
    case downloadFailed
    /// A server stopped answering.
    case timedOut
    /// Another process is downloading the same file.
    case busy
    /// No dataset, split or file has this name.
    case unknownName
    /// A request that no data could satisfy.
    case invalidRequest
  }

  /// The sort of failure.
  public let kind: Kind
  /// The path or address concerned.
  public let path: String
  /// What was expected there.
  public let expected: String
  /// What was found instead.
  public let found: String
  /// What the reader can do about it.
  public let remedy: String

  /// Makes an error from its five parts.
  public init(_ kind: Kind, path: String, expected: String, found: String, remedy: String) {
    self.kind = kind
    self.path = path
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }
}

extension DatasetError: CustomStringConvertible, LocalizedError {
  /// One line: path, expected, found, what to try.
  public var description: String {
    "\(path): expected \(expected), found \(found). Try: \(remedy)"
  }

  /// The same line, for Foundation's callers.
  public var errorDescription: String? { description }
}
