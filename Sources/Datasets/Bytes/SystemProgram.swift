import Foundation

/// A program of the system that this package calls instead of holding what it does.
enum SystemProgram {
  /// The path of `name` in PATH.
  ///
  /// - Throws: `DatasetError` of `kind` about `path`, which names the program and how to get it.
  static func path(
    _ name: String, package: String, for path: String, _ kind: DatasetError.Kind,
    _ otherwise: String
  ) throws -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(
      separator: ":")
    for folder in folders {
      let path = folder + "/" + name
      if FileManager.default.isExecutableFile(atPath: String(path)) { return String(path) }
    }
    throw DatasetError(
      kind, path: path, expected: "the program \(name) in PATH", found: "none",
      remedy: "install it (`apt-get install \(package)`), or \(otherwise)")
  }
}
