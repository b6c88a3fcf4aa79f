import Foundation

/// The images of a folder with one folder a class, as ImageNet is unpacked: found by name, not read.
///
/// Memory: the path of each image, some 100 bytes. Sets of many millions are better packed (``ImageShards``).
package struct ClassFolders: Hashable, EncodedImages {
  /// The folder.
  package let path: String
  /// The names of the classes' folders, sorted.
  package let classNames: [String]
  /// The paths of the images, sorted within their classes.
  package let paths: [String]
  /// The class of each image.
  package let labels: [Int]

  /// Lists a folder.
  ///
  /// - Parameter classNames: the classes that there may be; those of the folder itself unless given.
  /// - Throws: `DatasetError` for a folder that is not there or has no classes, for a class without images and for one
  ///   that is not among `classNames`.
  package init(path: String, classNames: [String]? = nil) throws {
    func refusal(
      _ kind: DatasetError.Kind, _ path: String, _ expected: String, _ found: String
    ) -> DatasetError {
      DatasetError(
        kind, path: path, expected: expected, found: found,
        remedy:
          "unpack the images so that each class has a folder of its .JPEG files, or name another "
          + "folder, below the one that NAP_DATA names")
    }
    func members(_ path: String) throws -> [String] {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard exists, isFolder.boolValue,
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
      else {
        throw refusal(
          .missingFolder, path, "a folder with one folder a class",
          exists ? (isFolder.boolValue ? "one that cannot be read" : "a file") : "nothing")
      }
      return names.filter { !$0.hasPrefix(".") }.sorted()
    }
    func isFolder(_ path: String) -> Bool {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
    let found = try members(path).filter { isFolder("\(path)/\($0)") }
    guard !found.isEmpty else {
      throw refusal(.empty, path, "one folder a class", "no folders")
    }
    let known = classNames ?? found
    var (paths, labels): ([String], [Int]) = ([], [])
    for name in found {
      guard let label = known.firstIndex(of: name) else {
        throw refusal(
          .unknownName, "\(path)/\(name)", "one of the \(known.count) classes to train on",
          "another class")
      }
      let images = try members("\(path)/\(name)").filter {
        let lower = $0.lowercased()
        return [".jpeg", ".jpg", ".png"].contains { lower.hasSuffix($0) }
      }
      guard !images.isEmpty else {
        throw refusal(.empty, "\(path)/\(name)", "files that end in .JPEG, .jpg or .png", "none")
      }
      paths += images.map { "\(path)/\(name)/\($0)" }
      labels += Array(repeating: label, count: images.count)
    }
    self.path = path
    self.classNames = known
    self.paths = paths
    self.labels = labels
  }

  package var count: Int { paths.count }
  package var classCount: Int { classNames.count }
  package var blocks: ExampleBlocks? { nil }

  package func image(_ index: Int) throws -> (bytes: [UInt8], label: Int, path: String) {
    let file = try OpenFile(paths[index])
    return (try file.read(at: 0, count: file.byteCount), labels[index], paths[index])
  }

  /// The names of the images, one a line.
  package var listing: DataFile {
    let lines = paths.map { $0.dropFirst(path.count + 1) + "\n" }.joined()
    return DataFile(path: path, bytes: Array(lines.utf8))
  }
}
