public import Foundation

/// The folder of `Package.swift`.
public let packageRoot = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// Where datasets lie: `$NAP_DATA`, else the folder beside the package; `nil` when there is none.
public var dataFolder: URL? {
  let named = ProcessInfo.processInfo.environment["NAP_DATA"].map { URL(filePath: $0) }
  let folder =
    named
    ?? packageRoot.deletingLastPathComponent().appending(path: "shared/data")
  return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
}

/// Runs `body` with a new folder that is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "nap-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Whether the long versions of tests are wanted: `NAP_NIGHTLY=1`, as `make nightly` sets it.
public let isNightly = ProcessInfo.processInfo.environment["NAP_NIGHTLY"] == "1"
