import CZstandard
import Foundation
import Testing

@testable import Datasets

/// A folder that goes with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/nap-datasets-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// The paths of all files below, sorted.
  var files: [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// Runs a program and returns its output.
@discardableResult
func shell(_ command: String) throws -> [UInt8] {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", command]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0, "\(command)")
  return [UInt8](bytes)
}

/// The bytes as the program `gzip` compresses them.
func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let path = try folder.write("plain", bytes)
  return try shell("gzip -nc '\(path)'")
}

/// The bytes as libzstd compresses them.
func zstandard(_ bytes: [UInt8]) -> [UInt8] {
  let most = ZSTD_compressBound(bytes.count)
  return [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
    count = ZSTD_compress(buffer.baseAddress, most, bytes, bytes.count, 3)
  }
}

/// The error that `body` throws, which must be a `DatasetError`.
func datasetError(_ body: () throws -> Void) throws -> DatasetError {
  try #require(throws: DatasetError.self) { try body() }
}

/// Records of CIFAR whose bytes depend on their place.
func cifarBytes(_ labels: [[UInt8]]) -> [UInt8] {
  labels.enumerated().flatMap { record, label in
    label + (0..<3072).map { UInt8(truncatingIfNeeded: ($0 + record * 7) * 31 >> 2) }
  }
}

/// An IDX file of unsigned bytes.
func idxBytes(_ dimensions: [Int], _ bytes: [UInt8]) -> [UInt8] {
  let sizes = dimensions.flatMap { size in
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return [0, 0, 8, UInt8(dimensions.count)] + sizes + bytes
}

/// An `ar` archive of these members.
func arBytes(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
  func field(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: width - text.count)
  }
  return members.reduce(into: Array("!<arch>\n".utf8)) { archive, member in
    let header =
      field(member.name, 16) + field("0", 12) + field("0", 6) + field("0", 6)
      + field("100644", 8) + field("\(member.bytes.count)", 10) + "`\n"
    archive += Array(header.utf8) + member.bytes
    if member.bytes.count % 2 == 1 { archive.append(10) }
  }
}

/// A Debian package of the files below `folder`, by their names, packed by `tar` and `xz`.
func packageBytes(_ folder: TemporaryFolder, tar: String = "--format=gnu") throws -> [UInt8] {
  let data = try shell("tar \(tar) -C '\(folder.path)' -cJf - .")
  return arBytes([
    ("debian-binary", Array("2.0\n".utf8)), ("control.tar.xz", [1]), ("data.tar.xz", data),
  ])
}

/// Real data: `$NAP_DATA`, or the folder `shared/data` beside the package.
enum RealData {
  static let folder: DataFolder = {
    if let named = ProcessInfo.processInfo.environment["NAP_DATA"], !named.isEmpty {
      return DataFolder(path: named)
    }
    let package = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return DataFolder(path: package.deletingLastPathComponent().path + "/shared/data")
  }()

  static func has(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path))
  }
}
