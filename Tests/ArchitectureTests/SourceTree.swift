import Foundation

/// One file of the repository, by its path from the root.
struct SourceFile {
  /// The path from the repository's root, such as `Sources/Torch/Tensor.swift`.
  let path: String
  /// The whole text.
  let text: String

  /// The target that the file belongs to: the folder below `Sources` or `Tests`.
  var target: String {
    path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
  }

  /// Written by a generator, so that limits for hand-written files do not hold.
  var isGenerated: Bool { path.lowercased().contains("generated") }

  var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }
}

/// The working tree that these tests were compiled from.
enum SourceTree {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The files below `folder` with one of `extensions`, in the order of their paths.
  static func files(under folder: String, extensions: Set<String>) throws -> [SourceFile] {
    let base = root.appending(path: folder)
    guard let entries = FileManager.default.enumerator(atPath: base.path(percentEncoded: false))
    else { throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: base.path()]) }
    let paths = entries.compactMap { $0 as? String }
      .filter { extensions.contains(($0 as NSString).pathExtension) }
    return try paths.sorted().map { path in
      SourceFile(
        path: "\(folder)/\(path)",
        text: try String(contentsOf: base.appending(path: path), encoding: .utf8))
    }
  }

  static func manifest() throws -> Manifest {
    Manifest(
      text: try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8))
  }
}

extension SourceFile {
  /// The text with comments and the contents of string literals blanked, line by line.
  ///
  /// Interpolations count as literal text. Raw strings are read as plain ones, which is enough to look for words.
  var code: String {
    enum Place { case code, line, block(Int), string, multiline }
    var place = Place.code
    var result = ""
    var rest = Substring(text)
    func taking(_ prefix: String) -> Bool {
      guard rest.hasPrefix(prefix) else { return false }
      rest.removeFirst(prefix.count)
      return true
    }
    while let character = rest.first {
      switch place {
      case .code:
        if taking("//") {
          place = .line
        } else if taking("/*") {
          place = .block(1)
        } else if taking("\"\"\"") {
          place = .multiline
        } else if taking("\"") {
          place = .string
        } else {
          result.append(rest.removeFirst())
        }
        continue
      case .line:
        if character == "\n" { place = .code; continue }
      case .block(let depth):
        if taking("/*") { place = .block(depth + 1); continue }
        if taking("*/") { place = depth == 1 ? .code : .block(depth - 1); continue }
      case .string:
        if character == "\\" { rest.removeFirst() }
        if character == "\"" || character == "\n" { place = .code }
      case .multiline:
        if taking("\"\"\"") { place = .code; continue }
        if character == "\\" { rest.removeFirst() }
      }
      if rest.first == "\n" { result.append("\n") }
      if !rest.isEmpty { rest.removeFirst() }
    }
    return result
  }

  /// The modules that the file imports, each with its line number.
  var imports: [(module: String, line: Int)] {
    let pattern =
      #/
      ^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)?
      import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)
      /#
    return code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      line.firstMatch(of: pattern).map { (String($0.1), index + 1) }
    }
  }
}
