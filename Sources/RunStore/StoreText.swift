import Foundation
import Texts

extension JSONText {
  /// Throws ``StoreError/invalidJSON(what:reason:)`` unless `text` is one JSON value.
  static func validate(_ text: String, what: String) throws {
    do {
      _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    } catch {
      throw StoreError.invalidJSON(what: what, reason: "found '\(Excerpt.of(text, atMost: 60))'")
    }
  }
}
extension Date {
  /// The moment as the store writes it: ISO 8601, UTC, whole seconds.
  var storeText: String { inWholeSeconds.formatted(.iso8601) }

  init(storeText: String) throws {
    self = try Date(storeText, strategy: .iso8601)
  }
}
