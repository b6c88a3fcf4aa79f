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
    let bytes = Array(text.utf8)
    var place = Place.code
    var result: [UInt8] = []
    var index = 0
    // Bytes that begin or end a comment or a literal: " * / \ and the end of a line.
    let quote: UInt8 = 0x22, star: UInt8 = 0x2A, slash: UInt8 = 0x2F, backslash: UInt8 = 0x5C
    let newline: UInt8 = 0x0A
    func next(_ offset: Int) -> UInt8 {
      index + offset < bytes.count ? bytes[index + offset] : 0
    }
    while index < bytes.count {
      let byte = bytes[index]
      var width = 1
      switch place {
      case .code:
        if byte == slash, next(1) == slash {
          (place, width) = (.line, 2)
        } else if byte == slash, next(1) == star {
          (place, width) = (.block(1), 2)
        } else if byte == quote, next(1) == quote, next(2) == quote {
          (place, width) = (.multiline, 3)
        } else if byte == quote {
          place = .string
        } else {
          result.append(byte)
        }
        index += width
        continue
      case .line:
        if byte == newline { place = .code }
      case .block(let depth):
        if byte == slash, next(1) == star {
          (place, width) = (.block(depth + 1), 2)
        } else if byte == star, next(1) == slash {
          (place, width) = (depth == 1 ? .code : .block(depth - 1), 2)
        }
      case .string:
        if byte == backslash { width = 2 }
        if byte == quote || byte == newline { place = .code }
      case .multiline:
        if byte == backslash {
          width = 2
        } else if byte == quote, next(1) == quote, next(2) == quote {
          (place, width) = (.code, 3)
        }
      }
      if byte == newline { result.append(newline) }
      index += width
    }
    return String(decoding: result, as: UTF8.self)
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
      // The plain look comes first: it is far faster than the pattern.
      guard line.contains("import") else { return nil }
      return line.firstMatch(of: pattern).map { (String($0.1), index + 1) }
    }
  }
}
