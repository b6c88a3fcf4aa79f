import Dashboard
import Foundation

/// A file that a command writes at its end, checked before the work begins.
enum OutputFile {
  /// Refuses a report that cannot be written: checks its format, the program that draws it, and its place.
  ///
  /// - Parameter option: the option that names it, such as `--report`.
  /// - Throws: ``DashboardError`` or ``Refusal``.
  static func requireReport(_ path: String, option: String) throws {
    let format = try ReportFormat(path: path)
    try require(path, option: option)
    // Otherwise a renderer that does not work would be noticed only after training.
    if format != .csv { _ = try ChartRenderer.find().version() }
  }

  /// Refuses a file that cannot be made, because a folder has its name or its folder cannot be written. Missing folders
  /// are made later, so the nearest existing one decides.
  ///
  /// - Throws: ``Refusal``.
  static func require(_ path: String, option: String) throws {
    let files = FileManager.default
    let file = URL(fileURLWithPath: path).standardizedFileURL
    var isFolder: ObjCBool = false
    if files.fileExists(atPath: file.path, isDirectory: &isFolder), isFolder.boolValue {
      throw Refusal(option: option, path: path, expected: "the name of a file", found: "a folder")
    }
    var folder = file.deletingLastPathComponent()
    while !files.fileExists(atPath: folder.path, isDirectory: &isFolder), folder.path != "/" {
      folder = folder.deletingLastPathComponent().standardizedFileURL
    }
    guard isFolder.boolValue else {
      throw Refusal(
        option: option, path: path, expected: "a folder at \(folder.path)", found: "a file")
    }
    guard access(folder.path, W_OK | X_OK) == 0 else {
      throw Refusal(
        option: option, path: path, expected: "a folder that can be written at \(folder.path)",
        found: String(cString: strerror(errno)).lowercased())
    }
  }

  /// A place where nothing can be written.
  struct Refusal: Error, CustomStringConvertible {
    var option: String
    var path: String
    var expected: String
    var found: String
    var description: String {
      "\(option) \(path): expected \(expected), found \(found); give another path"
    }
  }
}
