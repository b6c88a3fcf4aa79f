import Foundation
import TestSupport

/// A file system of some megabytes in memory that a test may fill.
struct SmallDisk {
  struct Failed: Error {
    var command: [String]
    var code: Int32
  }

  let folder: URL
  private var ballast: URL { folder.appending(path: "ballast") }

  /// Whether this process may mount one.
  static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? withSmallDisk(megabytes: 1) { _ in true }) ?? false
  }()

  /// Fills the disk up, but for so many bytes.
  func fill(leaving bytes: Int) throws {
    try Data().write(to: ballast)
    let handle = try FileHandle(forWritingTo: ballast)
    defer { try? handle.close() }
    for size in [1 << 16, 1 << 12, 1 << 8, 1] {
      let chunk = Data(count: size)
      while free(atLeast: bytes + size), (try? handle.write(contentsOf: chunk)) != nil {}
    }
  }

  private func free(atLeast bytes: Int) -> Bool {
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else { return false }
    return Int(status.f_bavail) * Int(status.f_frsize) >= bytes
  }

  /// Makes the room again.
  func free() throws { try FileManager.default.removeItem(at: ballast) }

  /// Makes the disk read-only or writable, as `ro` or `rw`.
  func remount(_ option: String) throws {
    try Self.command("mount", "-o", "remount,\(option)", folder.path)
  }

  static func command(_ words: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(command: words, code: process.terminationStatus)
    }
  }
}

/// Runs `body` with a small disk that is unmounted afterwards.
func withSmallDisk<Result>(megabytes: Int, _ body: (SmallDisk) throws -> Result) throws -> Result {
  try withTemporaryFolder { folder in
    try SmallDisk.command("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", folder.path)
    defer { try? SmallDisk.command("umount", "-l", folder.path) }
    return try body(SmallDisk(folder: folder))
  }
}
