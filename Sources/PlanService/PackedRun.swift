package import Foundation
package import RunStore

/// A run with its folder as one file: a tar archive of a store that holds it alone.
package enum PackedRun {
  /// Writes the archive of a run.
  ///
  /// - Throws: ``StoreError``, and ``PlanServiceError`` where tar fails.
  package static func write(_ run: StoreIdentifier, of store: Store, to file: URL) throws {
    try withFolder { folder in
      try store.copy(run, to: folder)
      try tar(["-cf", file.path, "-C", folder.path, "."], of: file)
    }
  }

  /// Takes the run of an archive in as that of an entry, whole or not at all.
  ///
  /// - Throws: ``StoreError``, and ``PlanServiceError`` for a file that is no such archive.
  package static func read(
    _ file: URL, into store: Store, asEntry position: Int, of plan: StoreIdentifier
  ) throws {
    try withFolder { folder in
      try tar(
        ["-xf", file.path, "-C", folder.path, "--no-same-owner", "--no-same-permissions"], of: file)
      let other = try Store.open(at: folder, for: .readOnly)
      try store.receive(other, asEntry: position, of: plan)
    }
  }

  private static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-run-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// The system's tar, which writes nothing outside of the folder that it is given.
  private static func tar(_ arguments: [String], of file: URL) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tar"] + arguments
    process.standardInput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw PlanServiceError(
        "\(file.lastPathComponent): expected a tar archive of one run, or room for it; tar says: "
          + text.split(separator: "\n").prefix(2).joined(separator: " "))
    }
  }
}

/// What keeps workers and server from one another.
package struct PlanServiceError: Error, CustomStringConvertible {
  package let description: String
  /// Whether the other side has another view of who has the entry.
  let isConflict: Bool

  init(_ description: String, isConflict: Bool = false) {
    (self.description, self.isConflict) = (description, isConflict)
  }
}
