extension DecodingError {
  /// What was wrong, and at which key, without a full stop.
  package var sentence: String {
    func place(_ context: Context) -> String {
      let keys = context.codingPath.prefix(8).map(\.stringValue).joined(separator: ".")
      return keys.isEmpty ? "" : " at \(keys)"
    }
    switch self {
    case .keyNotFound(let key, let context): return "no '\(key.stringValue)'" + place(context)
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return context.debugDescription + place(context)
    @unknown default: return "it cannot be decoded"
    }
  }
}
