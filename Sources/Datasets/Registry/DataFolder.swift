public import Foundation

/// The folder under which all datasets lie: `$NAP_DATA`, or `~/.cache/nap/data`.
public struct DataFolder: Hashable, Sendable {
  /// The folder's path.
  public let path: String

  /// Takes a folder by path; a leading `~` is the home folder.
  public init(path: String) { self.path = (path as NSString).expandingTildeInPath }

  /// The folder that the environment names.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    let named = environment["NAP_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    self.init(path: named ?? "~/.cache/nap/data")
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
