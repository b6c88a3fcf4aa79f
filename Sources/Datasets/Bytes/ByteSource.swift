import Foundation

/// Bytes that are read once, front to back.
protocol ByteSource: AnyObject {
  /// The path or name to put into errors.
  var path: String { get }
  /// The bytes that the source occupies where it is stored (compressed, if it is).
  var storedByteCount: Int { get }
  /// The next bytes, at most `maximum`; fewer only at the end, empty after it.
  func read(_ maximum: Int) throws -> [UInt8]
  /// Passes over `count` bytes, or throws a `truncated` error that says what they were of.
  func skip(_ count: Int, of name: String) throws
}

extension ByteSource {
  func skip(_ count: Int, of name: String) throws {
    var left = count
    while left > 0 { left -= try readExactly(min(left, 65_536), for: name).count }
  }

  /// Exactly `count` bytes, or a `truncated` error that says what they were for.
  func readExactly(_ count: Int, for purpose: String) throws -> [UInt8] {
    let bytes = try read(count)
    guard bytes.count == count else {
      throw DatasetError(
        .truncated, path: path, expected: "\(count) bytes of \(purpose)",
        found: "the end after \(bytes.count) of them", remedy: Remedy.fetchAgain)
    }
    return bytes
  }
}

/// Remedies that several errors share.
enum Remedy {
  static let fetchAgain =
    "delete the file and fetch it again (`nap data get NAME` for a dataset that `nap data list` shows)"
}

/// Bytes already in memory.
final class MemorySource: ByteSource {
  let path: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  var storedByteCount: Int { bytes.count }

  func read(_ maximum: Int) -> [UInt8] {
    let end = position + min(maximum, bytes.count - position)
    defer { position = end }
    return Array(bytes[position..<end])
  }
}

/// A regular file, read through a handle that closes with the value.
final class FileSource: ByteSource {
  let path: String
  let storedByteCount: Int
  private let handle: FileHandle

  init(path: String) throws {
    self.path = path
    let attributes: [FileAttributeKey: Any]
    do {
      // Links are followed: a data folder may be made of them.
      let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      attributes = try FileManager.default.attributesOfItem(atPath: resolved)
    } catch {
      throw DatasetError(
        .missingFile, path: path, expected: "a file", found: "nothing",
        remedy: "fetch the dataset (`nap data get NAME`) or set NAP_DATA to where it lies")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular,
      let size = (attributes[.size] as? NSNumber)?.intValue,
      let handle = FileHandle(forReadingAtPath: path)
    else {
      throw DatasetError(
        .unreadable, path: path, expected: "a regular file that may be read",
        found: "something else, or no permission",
        remedy: "look at it with `ls -l`, mend its permissions or remove it")
    }
    self.storedByteCount = size
    self.handle = handle
  }

  deinit { try? handle.close() }

  func skip(_ count: Int, of name: String) throws {
    let position = try handle.offset()
    guard Int(position) + count <= storedByteCount else {
      throw DatasetError(
        .truncated, path: path, expected: "\(count) bytes of \(name)",
        found: "the end after \(max(0, storedByteCount - Int(position))) of them",
        remedy: Remedy.fetchAgain)
    }
    try handle.seek(toOffset: position + UInt64(count))
  }

  func read(_ maximum: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      while bytes.count < maximum, let more = try handle.read(upToCount: maximum - bytes.count),
        !more.isEmpty
      {
        bytes.append(contentsOf: more)
      }
    } catch {
      throw DatasetError(
        .unreadable, path: path, expected: "\(storedByteCount) readable bytes", found: "\(error)",
        remedy: "check the disk and the file's permissions")
    }
    return bytes
  }
}
