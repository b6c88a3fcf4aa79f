/// Suggestions for a mistyped name.
public enum Nearest {
  /// At most three of `candidates` that resemble `name`: a last component that is equal, an edit distance of at most a
  /// third of the name's length (and at least 2), or a name that they begin with (of three letters or more). Best
  /// first.
  ///
  /// Cost: the product of lengths for each candidate; a name of more than 200 bytes resembles none.
  public static func names(to name: String, among candidates: [String]) -> [String] {
    let wanted = name.lowercased()
    let last = wanted.split(separator: ".").last.map(String.init) ?? wanted
    // What is longer than any candidate resembles none, and its distance would take long to find.
    guard wanted.utf8.count <= 200 else { return [] }
    let scored = candidates.compactMap { candidate -> (String, Int)? in
      let lower = candidate.lowercased()
      let tail = lower.split(separator: ".").last.map(String.init) ?? lower
      var distance = min(editDistance(wanted, lower), editDistance(last, tail) + 1)
      if wanted.count >= 3, lower.hasPrefix(wanted) { distance = min(distance, 2) }
      let limit = max(2, last.count / 3) + 1
      return distance <= limit ? (candidate, distance) : nil
    }
    return scored.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }

  /// Levenshtein's distance: the fewest insertions, deletions and substitutions.
  public static func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let cost = a == b ? diagonal : diagonal + 1
        diagonal = row[j + 1]
        row[j + 1] = min(cost, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
