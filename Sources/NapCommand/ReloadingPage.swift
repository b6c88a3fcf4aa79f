import Foundation

/// A page that a browser loads again by itself, until it is written without the mark.
enum ReloadingPage {
  /// Marks a page that was just written; nothing for a report of another format.
  static func mark(_ path: String, seconds: Double) throws {
    guard path.lowercased().hasSuffix(".html") else { return }
    let page = try String(contentsOfFile: path, encoding: .utf8)
    guard let head = page.range(of: "<head>\n") else { return }
    let mark = "<meta http-equiv=\"refresh\" content=\"\(Int(seconds.rounded(.up)))\">\n"
    try page.replacingCharacters(in: head, with: "<head>\n" + mark)
      .write(toFile: path, atomically: true, encoding: .utf8)
  }
}
