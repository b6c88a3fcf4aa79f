public import Foundation

/// Checkpoints in the order of the numbers in their names, which a shell does not give: `step-100000` stands before
/// `step-20000` there.
public struct CheckpointSeries: Sendable {
  /// The files in order.
  public let files: [URL]
  /// The step of each, rising; `nil` where the names do not tell.
  public let steps: [Int]?

  /// Orders files whose paths are alike but for numbers; others stay in the order given.
  ///
  /// The step is the last number that differs between the paths, provided that it rises from file to file.
  public init(_ files: [URL]) {
    let named = files.map { (file: $0, parts: Self.parts(of: $0.path)) }
    guard let first = named.first, named.count > 1,
      named.allSatisfy({ $0.parts.words == first.parts.words })
    else {
      (self.files, steps) = (files, nil)
      return
    }
    let sorted = named.enumerated().sorted { left, right in
      let (a, b) = (left.element.parts.numbers, right.element.parts.numbers)
      guard let place = zip(a, b).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
        return left.offset < right.offset
      }
      return a[place] < b[place]
    }.map(\.element)
    self.files = sorted.map(\.file)
    let varying = first.parts.numbers.indices.last { place in
      Set(sorted.map { $0.parts.numbers[place] }).count > 1
    }
    let values = varying.map { place in sorted.map { $0.parts.numbers[place] } }
    steps = values.flatMap { zip($0, $0.dropFirst()).allSatisfy(<) ? $0 : nil }
  }

  /// The text between the numbers of a path, and the numbers; those of more than 18 digits are text.
  private static func parts(of path: String) -> (words: [String], numbers: [Int]) {
    var (words, numbers) = ([""], [Int]())
    var rest = Substring(path)
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      if let number = digits.isEmpty || digits.count > 18 ? nil : Int(digits) {
        numbers.append(number)
        words.append("")
        rest = rest.dropFirst(digits.count)
      } else {
        let text = digits.isEmpty ? rest.prefix(1) : digits
        words[words.count - 1] += text
        rest = rest.dropFirst(text.count)
      }
    }
    return (words, numbers)
  }
}
