/// Text of strangers as it may stand in a message: short, and on one line.
enum Excerpt {
  /// At most `limit` characters, control characters and line ends as spaces.
  static func of(_ text: String, atMost limit: Int = 80) -> String {
    // Bytes are cut first: one character may be made of very many.
    let head = String(decoding: text.utf8.prefix(8 * limit), as: UTF8.self).prefix(limit)
    let shown = head.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control || scalar.properties.isWhitespace
        ? " " : String(scalar)
    }.joined()
    return head.utf8.count < text.utf8.count ? shown + "…" : shown
  }
}
