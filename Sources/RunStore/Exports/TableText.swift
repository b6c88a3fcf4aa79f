/// The fields of a table in comma-separated values (RFC 4180), as ``SeriesCSV`` and other programs write it.
struct TableText {
  /// The names of the columns.
  let columns: [String]
  /// The fields of every further line; as many as there are columns.
  let rows: [[String]]
  private let places: [String: Int]

  /// The table of a text; a field that a spreadsheet would compute loses the `'` before it.
  ///
  /// - Returns: what is wrong with it, in the failure.
  static func read(_ bytes: [UInt8]) -> Result<TableText, Refusal> {
    guard var text = String(validating: bytes, as: UTF8.self) else {
      return .failure(Refusal(reason: "it is no UTF-8 text"))
    }
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    var lines: [[String]] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var (isQuoted, wasQuoted) = (false, false)
    func finished() -> String {
      let text = String(decoding: field, as: UTF8.self)
      let isInert =
        text.first == "'" && text.dropFirst().first.map { "=+-@\t\r\n\r\n".contains($0) } == true
      return isInert ? String(text.dropFirst()) : text
    }
    for byte in Array(text.utf8) + (text.hasSuffix("\n") || text.hasSuffix("\r\n") ? [] : [10]) {
      switch byte {
      case UInt8(ascii: "\""):
        // A quote within quotes is written twice: it closes and opens them again.
        if !isQuoted, wasQuoted { field.append(byte) }
        isQuoted.toggle()
        wasQuoted = true
        continue
      case UInt8(ascii: ",") where !isQuoted:
        fields.append(finished())
        field = []
      case 10 where !isQuoted:
        if !wasQuoted, field.last == 13 { field.removeLast() }
        fields.append(finished())
        if fields != [""] { lines.append(fields) }
        (fields, field) = ([], [])
      case 13 where !isQuoted && wasQuoted: continue
      default:
        field.append(byte)
        if isQuoted { continue }
      }
      wasQuoted = false
    }
    if isQuoted { return .failure(Refusal(reason: "a quoted field has no end")) }
    guard let columns = lines.first, Set(columns).count == columns.count else {
      return .failure(Refusal(reason: "its first line does not name columns, each once"))
    }
    if let place = lines.firstIndex(where: { $0.count != columns.count }) {
      return .failure(
        Refusal(
          reason:
            "line \(place + 1) has \(lines[place].count) fields, and the first names \(columns.count)"
        ))
    }
    return .success(TableText(columns: columns, rows: Array(lines.dropFirst())))
  }

  private init(columns: [String], rows: [[String]]) {
    (self.columns, self.rows) = (columns, rows)
    places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
  }

  /// A column's place, by any of its names, whatever their case.
  func place(_ names: String...) -> Int? {
    names.lazy.compactMap { name in
      places[name] ?? columns.firstIndex { $0.lowercased() == name }
    }.first
  }

  /// Why a text is no table.
  struct Refusal: Error { let reason: String }
}
