import ArgumentParser

/// The names of metrics that `--map theirs=ours` gives.
enum MetricNames {
  /// Their names and ours, of options that are given any number of times.
  ///
  /// Our names are of letters, digits and underscores; so a pair ends at the first comma behind an = and such a name,
  /// and their names may hold commas and =.
  ///
  /// - Throws: `ValidationError` that says what is expected.
  static func pairs(_ options: [String]) throws -> [(String, String)] {
    try options.flatMap { text in
      var pairs: [(String, String)] = []
      var rest = text[...]
      while !rest.isEmpty {
        guard let match = rest.prefixMatch(of: /(.+?)=([A-Za-z0-9_]+)(?:,|$)/) else {
          throw ValidationError("--map \(text): expected theirs=ours, such as acc=test_accuracy")
        }
        pairs.append((String(match.1), String(match.2)))
        rest = rest[match.range.upperBound...]
      }
      guard !pairs.isEmpty, !text.hasSuffix(",") else {
        throw ValidationError("--map \(text): expected theirs=ours, such as acc=test_accuracy")
      }
      return pairs
    }
  }
}
