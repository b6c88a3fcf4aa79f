/// Names that somebody may have meant.
enum NearestNames {
  /// The names of the fewest edits from `word`, nearest first; of equals, the alphabetically first.
  static func of(_ word: String, among names: [String], count: Int = 4) -> [String] {
    let word = Array(word.lowercased().filter { $0 != "_" })
    let ranked = names.map { name in
      (edits: edits(word, Array(name.lowercased().filter { $0 != "_" })), name: name)
    }
    return ranked.sorted { ($0.edits, $0.name) < ($1.edits, $1.name) }.prefix(count).map(\.name)
  }

  /// Insertions, removals and replacements between two words (Levenshtein).
  static func edits(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
