/// What was found of one file of a dataset.
public struct FileReport: Hashable, Sendable {
  /// What is known of a file's digest.
  public enum Checksum: Hashable, Sendable {
    /// It is the known one.
    case matches
    /// It is another one.
    case differs(expected: String, found: String)
    /// None is known for a file of this size or name.
    case unknown
  }

  /// The file's path.
  public let path: String
  /// The split it belongs to; nil for a text.
  public let split: ImageDataset.Split?
  /// Its size; nil if it is not there.
  public let byteCount: Int?
  /// The records (images, labels, or bytes of a text) in it; nil if it could not be read.
  public let recordCount: Int?
  /// What is known of its digest.
  public let checksum: Checksum
  /// Why it cannot be used, if so.
  public let problem: DatasetError?
}

/// What was found of a dataset.
public struct VerificationReport: Hashable, Sendable {
  /// The dataset.
  public let dataset: DatasetDescription
  /// Its folder.
  public let folder: String
  /// Every file it should have.
  public let files: [FileReport]

  /// Whether all files of a split can be read and none has a wrong digest.
  public func isUsable(_ split: ImageDataset.Split) -> Bool {
    files.filter { $0.split == split }.allSatisfy(\.isSound)
  }

  /// Whether every file can be read and none has a wrong digest.
  public var isUsable: Bool { files.allSatisfy(\.isSound) }

  /// Whether, besides, there are as many records as in the official dataset.
  public var isComplete: Bool {
    isUsable
      && dataset.officialCounts.allSatisfy { split, official in
        let counts = files.filter { $0.split == split }.map { $0.recordCount ?? 0 }
        return switch dataset.content {
        case .cifar: counts.reduce(0, +) == official
        case .mnist: counts.allSatisfy { $0 == official }
        case .text, .debian, .procedural: true
        }
      }
  }
}

extension FileReport {
  /// What is found of a file: its size, its digest where one is known, and the records that `count` finds in it.
  ///
  /// Nothing is thrown: a problem stands in the report.
  init(
    _ path: String, _ split: ImageDataset.Split? = nil,
    _ knownDigest: () throws -> String? = { nil }, _ count: (String) throws -> Int?
  ) {
    var byteCount: Int?
    var recordCount: Int?
    var checksum = Checksum.unknown
    var problem: DatasetError?
    do {
      byteCount = try FileSource(path: path).storedByteCount
      if let knownDigest = try knownDigest() {
        let found = try SHA256.hexadecimal(ofFileAt: path)
        checksum = found == knownDigest ? .matches : .differs(expected: knownDigest, found: found)
      }
      recordCount = try count(path)
    } catch let error as DatasetError {
      problem = error
    } catch {
      problem = DatasetError(
        .unreadable, path: path, expected: "a readable file", found: "\(error)",
        remedy: Remedy.fetchAgain)
    }
    self.init(
      path: path, split: split, byteCount: byteCount, recordCount: recordCount, checksum: checksum,
      problem: problem)
  }

  /// Whether the file can be read and its digest is not a wrong one.
  public var isSound: Bool {
    if case .differs = checksum { return false }
    return problem == nil
  }
}
