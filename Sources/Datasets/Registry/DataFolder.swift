public import Foundation

/// The folder under which all datasets lie: `$NAP_DATA`, else `nap/data` in `$XDG_CACHE_HOME`, else in `$HOME/.cache`.
public struct DataFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// Takes a folder by path; a leading `~` is the home folder, that of the environment before the system's.
  public init(
    path: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let home = environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    if let home, path == "~" || path.hasPrefix("~/") {
      self.path = home + path.dropFirst()
    } else {
      self.path = (path as NSString).expandingTildeInPath
    }
  }

  /// The folder that the environment names.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let named = environment["NAP_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    // The specification of these folders has a path that is not absolute ignored.
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    self.init(path: named ?? "\(cache ?? "~/.cache")/nap/data", environment: environment)
  }

  /// The path of a folder or file below this one.
  public func appending(_ name: String) -> String { path + "/" + name }

  /// Throws unless `folder` is a folder, naming the command that would fetch the dataset.
  static func requireFolder(_ folder: String, dataset: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    guard exists, isFolder.boolValue else {
      throw DatasetError(
        .missingFolder, path: folder, expected: "the folder of \(dataset)",
        found: exists ? "a file" : "nothing",
        remedy: "run `nap data get \(dataset)`, or set NAP_DATA to the folder that holds "
          + "\((folder as NSString).lastPathComponent)")
    }
  }
}
