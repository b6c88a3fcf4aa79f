/// What `Package.swift` declares, read as text: the targets and what each depends on.
///
/// It knows the ways in which this package's manifest declares targets, and no others; a test makes sure that
/// nothing below `Sources` and `Tests` escapes it.
struct Manifest {
  let text: String
  /// The names of targets, and the modules that each may import (targets, and products of other packages).
  let dependencies: [String: Set<String>]

  init(text: String) {
    self.text = text
    dependencies = Self.dependencies(in: Self.withoutComments(text))
  }

  private static func dependencies(in text: String) -> [String: Set<String>] {
    let declaration =
      #/
      (?<kind>library|tests|\.target|\.executableTarget|\.testTarget|\.systemLibrary)
      \(\s*(?:name:\s*)?"(?<name>\w+)"
      (?:,\s*(?:dependencies:\s*)?(?<list>\[(?:[^\[\]]|\[[^\]]*\])*\]))?
      /#
    var result: [String: Set<String>] = [:]
    for match in text.matches(of: declaration) where !isHelper(match.range, in: text) {
      var names = Set<String>()
      // A name followed by a closing parenthesis is that of a product's package.
      for name in (match.list ?? "").matches(of: #/"(\w+)"(?!\s*\))/#) {
        names.insert(String(name.1))
      }
      if match.kind == "tests" { names.insert("TestSupport") }
      result[String(match.name), default: []].formUnion(names)
    }
    return result
  }

  /// All that is built for a target: what it depends on, and what that does.
  func everything(below target: String) -> Set<String> {
    let all = dependencies
    var (found, open): (Set<String>, [String]) = ([], [target])
    while let next = open.popLast() {
      for name in all[next] ?? [] where found.insert(name).inserted { open.append(name) }
    }
    return found
  }

  /// Nor conditions: a trait may bear a target's name.
  private static func withoutComments(_ text: String) -> String {
    text.replacing(#/condition: \.when\(traits: \[.*?\]\)/#, with: "")
      .split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
      .joined(separator: "\n")
  }

  /// `.library(name: "X", targets: …)` is a product, not a target.
  private static func isHelper(_ range: Range<String.Index>, in text: String) -> Bool {
    guard range.lowerBound > text.startIndex else { return false }
    let before = text[text.index(before: range.lowerBound)]
    return before == "." || before.isLetter
  }
}
