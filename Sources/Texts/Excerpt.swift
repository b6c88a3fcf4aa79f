/// Text of strangers as it may stand in a message: short, and on one line.
package enum Excerpt {
  /// At most `limit` scalars, control characters and line ends as spaces. Not characters: one of
  /// those may be made of any number of marks.
  package static func of(_ text: String, atMost limit: Int = 80) -> String {
    let scalars = text.unicodeScalars
    let shown = scalars.prefix(limit).map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.isWhitespace
        ? " " : String(scalar)
    }.joined()
    return scalars.dropFirst(limit).isEmpty ? shown : shown + "…"
  }
}
