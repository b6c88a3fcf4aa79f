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

  var lineCount: Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }
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
  /// The C library looks for the bytes: in a debug build a loop over all of them takes half a minute.
  var code: String {
    let quote = CChar(bitPattern: UInt8(ascii: "\""))
    let (slash, star) = (CChar(bitPattern: UInt8(ascii: "/")), CChar(bitPattern: UInt8(ascii: "*")))
    let backslash = CChar(bitPattern: UInt8(ascii: "\\"))
    var result: [CChar] = []
    text.withCString { start in
      var place = start
      func keep(_ count: Int) {
        result.append(contentsOf: UnsafeBufferPointer(start: place, count: count))
        place += count
      }
      /// Leaves the lines' ends alone.
      func blank(to end: UnsafePointer<CChar>) {
        while place < end, let found = memchr(place, 10, end - place) {
          result.append(10)
          place = UnsafePointer(found.assumingMemoryBound(to: CChar.self)) + 1
        }
        place = end
      }
      func isAt(_ point: UnsafePointer<CChar>, _ first: CChar, _ second: CChar) -> Bool {
        point[0] == first && point[1] == second
      }
      while true {
        keep(strcspn(place, "/\""))
        guard place.pointee != 0 else { return }
        var end = place + 1
        if isAt(place, slash, slash) {
          end += strcspn(end, "\n")
        } else if isAt(place, slash, star) {
          var depth = 1
          end += 1
          while depth > 0, end.pointee != 0 {
            end += strcspn(end, "/*")
            if isAt(end, slash, star) {
              (depth, end) = (depth + 1, end + 2)
            } else if isAt(end, star, slash) {
              (depth, end) = (depth - 1, end + 2)
            } else if end.pointee != 0 {
              end += 1
            }
          }
        } else if place.pointee == slash {
          keep(1)
          continue
        } else if isAt(end, quote, quote) {
          end += 2
          while end.pointee != 0 {
            end += strcspn(end, "\\\"")
            if end.pointee == backslash, end[1] != 0 {
              end += 2
            } else if end.pointee == quote, isAt(end + 1, quote, quote) {
              end += 3
              break
            } else if end.pointee != 0 {
              end += 1
            }
          }
        } else {
          while end.pointee != 0 {
            end += strcspn(end, "\\\"\n")
            guard end.pointee == backslash, end[1] != 0 else {
              if end.pointee != 0 { end += 1 }
              break
            }
            end += 2
          }
        }
        blank(to: end)
      }
    }
    return String(decoding: result.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The modules that the file imports, each with its line number.
  var imports: [(module: String, line: Int)] {
    let pattern =
      #/
      ^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)?
      import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)
      /#
    return code.lines(with: "import").compactMap { line, text in
      text.firstMatch(of: pattern).map { (String($0.1), line) }
    }
  }
}

extension String {
  /// The lines that hold a word, each with its number. The C library looks for it: patterns, and characters, of every
  /// line of the repository would take minutes.
  func lines(with word: String) -> [(line: Int, text: String)] {
    withCString { start in
      var found: [(line: Int, text: String)] = []
      var (place, line) = (start, 1)
      while let hit = strstr(place, word) {
        // From here on to the line of the hit.
        while let end = memchr(place, 10, hit - place) {
          place = UnsafePointer(end.assumingMemoryBound(to: CChar.self)) + 1
          line += 1
        }
        let count = strcspn(place, "\n")
        let bytes = UnsafeRawBufferPointer(start: place, count: count)
        found.append((line, String(decoding: bytes, as: UTF8.self)))
        place += count
        guard place.pointee != 0 else { break }
        (place, line) = (place + 1, line + 1)
      }
      return found
    }
  }
}
