import Foundation

extension ParserLaw {
  /// What the inputs led to.
  public struct Tally: Sendable {
    /// Inputs that were read.
    public var sound = 0
    /// Inputs that were refused, by how.
    public var refused: [String: Int] = [:]
    /// What broke the law, a line each.
    public var violations: [String] = []
    /// The largest growth of resident memory beyond the factor times the input's size.
    public var mostConstantBytes = Int.min
    /// The growth over the size of the large input.
    public var largeFactor = 0.0
    /// The longest that one input took.
    public var longest = Duration.zero

    /// Adds a line to a file.
    func append(to path: String, _ name: String) {
      let refusals = refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      let line =
        "\(name): \(sound) read, refused: \(refusals.joined(separator: ", ")); at most "
        + "\(mostConstantBytes >> 10) KiB beyond the factor, \(largeFactor) bytes a byte of the "
        + "large input, \(longest) for one\n"
      let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
      defer { close(descriptor) }
      write(descriptor, line, line.utf8.count)
    }
  }
}
