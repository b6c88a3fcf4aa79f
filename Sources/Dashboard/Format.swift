import Foundation

/// Numbers as people read them, the same in the page, the terminal and the figures.
enum Format {
  /// Shown where there is no number.
  static let none = "–"

  /// A number to some significant digits: `0.988`, `12.3`, `1.2e-05` becomes `1.2e-5`.
  static func significant(_ value: Double?, digits: Int = 3) -> String {
    guard let value else { return none }
    guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "∞" : "−∞" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size < 1e-3 || size >= 1e5 { return scientific(value, digits: digits) }
    let places = max(0, digits - 1 - Int(log10(size).rounded(.down)))
    return minus(String(format: "%.\(places)f", value))
  }

  /// A number with fixed decimals.
  static func fixed(_ value: Double?, places: Int = 3) -> String {
    guard let value else { return none }
    guard value.isFinite else { return significant(value) }
    let text = String(format: "%.\(places)f", value)
    return minus(text.allSatisfy { "-0.".contains($0) } ? String(text.drop { $0 == "-" }) : text)
  }

  /// A difference: as ``fixed(_:places:)``, with its sign always shown.
  static func signed(_ value: Double?, places: Int = 3) -> String {
    guard let value else { return none }
    let text = fixed(value, places: places)
    return value > 0 && text != fixed(0, places: places) ? "+" + text : text
  }

  /// A learning rate: the shortest digits that give it back, `3e-4`, `0.01`.
  static func rate(_ value: Double?) -> String {
    guard let value else { return none }
    guard value.isFinite, value != 0, abs(value) < 1e-2 else { return significant(value) }
    return scientific(value, digits: 4)
  }

  /// A round number a person chose, such as a margin: as few digits as give it back.
  static func plain(_ value: Double) -> String {
    value.isFinite ? minus(String(format: "%.6g", value)) : significant(value)
  }

  /// A p-value, `<0.001` where it is smaller.
  static func probability(_ value: Double?) -> String {
    guard let value else { return none }
    return value < 0.001 ? "<0.001" : fixed(value)
  }

  /// A time: `48 s`, `12 min`, `3.4 h`.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<99.5: "\(significant(seconds, digits: 2)) s"
    case ..<5940: "\(Int((seconds / 60).rounded())) min"
    default: "\(fixed(seconds / 3600, places: 1)) h"
    }
  }

  /// An amount of memory: `412 MiB`, `1.5 GiB`.
  static func bytes(_ count: Int) -> String {
    let mebibytes = Double(count) / 1_048_576
    return mebibytes < 1000
      ? "\(Int(mebibytes.rounded())) MiB" : "\(fixed(mebibytes / 1024, places: 1)) GiB"
  }

  /// Things in a row: `a`, `a and b`, `a, b and c`.
  static func list(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }

  /// `1 seed`, `5 seeds`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  private static func scientific(_ value: Double, digits: Int) -> String {
    let text = String(format: "%.\(digits - 1)e", value)
    let parts = text.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return minus(text) }
    var mantissa = String(parts[0])
    while mantissa.contains("."), let last = mantissa.last, last == "0" || last == "." {
      mantissa.removeLast()
    }
    return minus(mantissa) + "e\(exponent)"
  }

  /// The sign as typographers set it, as wide as the plus.
  private static func minus(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }
}
