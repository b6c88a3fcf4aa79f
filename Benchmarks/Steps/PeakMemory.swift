import Foundation

/// The most memory that a part of a program takes at once beyond what was there before; of Linux alone.
enum PeakMemory {
  /// Megabytes that `body` took, 0 where the system does not say.
  static func megabytes(_ body: () throws -> Void) rethrows -> Double {
    let before = kilobytes("VmRSS:")
    // Begins the peak anew.
    try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    try body()
    return max(0, kilobytes("VmHWM:") - before) / 1e3
  }

  private static func kilobytes(_ name: String) -> Double {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) })
    else { return 0 }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0
  }
}
