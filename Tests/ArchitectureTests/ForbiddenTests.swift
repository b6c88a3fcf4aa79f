import Testing

@Suite("What the sources never contain")
struct ForbiddenTests {
  @Test("No file holds a forbidden construct", arguments: ["Sources", "Examples"])
  func noForbiddenConstructs(folder: String) throws {
    guard let files = try? SourceTree.files(under: folder, extensions: ["swift"]) else {
      #expect(folder == "Examples", "\(folder) was not found")
      return
    }
    for file in files {
      for problem in forbiddenConstructs(in: file) { Issue.record("\(problem)") }
    }
  }

  @Test("Nothing is left for later", arguments: ["Sources", "Tests"])
  func nothingIsLeftForLater(folder: String) throws {
    let files = try SourceTree.files(under: folder, extensions: ["swift", "cpp", "h", "c", "py"])
    for file in files {
      for problem in postponements(in: file) { Issue.record("\(problem)") }
    }
  }

  @Test("The manifest has no unsafe flags, and every strictness is on")
  func manifestIsStrict() throws {
    let text = try SourceTree.manifest().text
    #expect(!text.contains("unsafeFlags"), "other packages could no longer depend on this one")
    for setting in [
      "swiftLanguageMode(.v6)", "ExistentialAny", "MemberImportVisibility",
      "InternalImportsByDefault", "treatAllWarnings(as: .error)",
    ] {
      #expect(text.contains(setting), "Package.swift lost \(setting)")
    }
  }

  @Test("No file written by hand passes 400 lines", arguments: ["Sources", "Tests", "Examples"])
  func filesStaySmall(folder: String) throws {
    let extensions: Set<String> = ["swift", "cpp", "h", "c"]
    guard let files = try? SourceTree.files(under: folder, extensions: extensions) else { return }
    for file in files where !file.isGenerated {
      #expect(file.lineCount <= lineLimit, "\(file.path) has \(file.lineCount) lines")
    }
  }
}

/// The longest a file written by hand may be.
let lineLimit = 400

/// Constructs that this package does without, found in `file`'s code (not in its comments and strings).
func forbiddenConstructs(in file: SourceFile) -> [String] {
  // A word that is looked for first, since that is far faster than the pattern; the pattern; the reason. These are the
  // names of what is forbidden, not uses of it.
  let rules: [(String, Regex<Substring>, String)] = [
    ("try!", #/\btry!/#, "try! turns the world's fault into a crash; throw a typed error"),
    ("as!", #/\bas!/#, "as! crashes without a reason; use as? and say what was found"),
    (
      "open", #/\bopen\s+(?:class|func|var|subscript|init)\b/#,
      "open: there are no class hierarchies here"
    ),
    (
      "override", #/\boverride\s+(?:\w+\s+)*(?:func|var|let|init|subscript)\b/#,
      "override: there are no class hierarchies here"
    ),
    ("fatalError", #/\bfatalError\(\s*\)/#, "fatalError() without a message"),
    ("Mirror", #/\bMirror\s*\(/#, "Mirror is a witness in tests, never a mechanism"),
  ]
  let code = file.code
  return rules.filter { code.contains($0.0) }.flatMap { _, pattern, reason in
    code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      line.contains(pattern) ? "\(file.path):\(index + 1): \(reason)" : nil
    }
  }
}

/// Marks of unfinished work in `file`, comments included.
func postponements(in file: SourceFile) -> [String] {
  // Spelled in halves, so that this file does not find itself.
  let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:", ".dis" + "abled("]
  return marks.filter { file.text.contains($0) }.flatMap { mark in
    file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      line.contains(mark) ? "\(file.path):\(index + 1): \(mark)" : nil
    }
  }
}
