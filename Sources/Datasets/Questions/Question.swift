import Foundation

/// A question with its choices, one of which is right.
public struct Question: Hashable, Sendable {
  /// Where it stands: the file and its line, for messages.
  public let place: String
  /// What stands before an answer.
  public let prompt: String
  /// The choices; a space comes between the prompt and each of them.
  public let choices: [String]
  /// The place of the right one.
  public let answer: Int
}

extension QuestionTask {
  /// The questions of a file with a JSON object a line, in order.
  ///
  /// - Parameters:
  ///   - path: the file as published.
  ///   - labels: the file with one label a line; none for a task without labels.
  /// - Throws: `DatasetError` that names file and line: for a file that is missing or empty, a line that is no object
  ///   of the task's texts, and labels that are missing, too few, too many or none of the choices.
  public func questions(at path: String, labels: String?) throws -> [Question] {
    guard (labels != nil) == (firstLabel != nil) else {
      throw DatasetError(
        .invalidRequest, path: labels ?? path,
        expected: firstLabel == nil ? "no labels for \(rawValue)" : "a file of labels beside it",
        found: firstLabel == nil ? "a file of them" : "none",
        remedy: firstLabel == nil
          ? "leave the file of labels out" : "name the published file of labels after it")
    }
    let lines = try Self.lines(path)
    let answers = try labels.map { try self.answers(at: $0, count: lines.count) }
    return try lines.enumerated().map { index, line in
      let place = "\(path), line \(index + 1)"
      let (prompt, choices) = try wording(of: line, place)
      return Question(
        place: place, prompt: prompt, choices: choices, answer: answers?[index] ?? 0)
    }
  }

  private func wording(
    of line: String, _ place: String
  ) throws(DatasetError) -> (prompt: String, choices: [String]) {
    func refusal(_ expected: String, _ found: String) -> DatasetError {
      DatasetError(
        .malformed, path: place, expected: expected, found: found,
        remedy: "use the file as its authors publish it, a JSON object a line, or another --task")
    }
    let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    let expected = "a JSON object with the texts \(keys.joined(separator: ", "))"
    guard let object else { throw refusal(expected, "'\(line.prefix(40))'") }
    var texts: [String] = []
    for key in keys {
      guard let value = object[key] else {
        throw refusal(expected, "none called '\(key)' among \(object.keys.sorted().prefix(8))")
      }
      guard let text = value as? String, !text.isEmpty else {
        throw refusal("a text that is not empty as '\(key)'", "'\("\(value)".prefix(40))'")
      }
      texts.append(text)
    }
    guard let wording = wording(texts) else {
      throw refusal("a text of at least two words", "'\(texts[0].prefix(40))'")
    }
    return wording
  }

  private func answers(at path: String, count: Int) throws -> [Int] {
    let lines = try Self.lines(path)
    let (first, choices) = (firstLabel ?? 0, self == .piqa ? 2 : 3)
    guard lines.count == count else {
      throw DatasetError(
        .malformed, path: path, expected: "\(count) labels, one a question",
        found: "\(lines.count)", remedy: "name the labels of the same split as the questions")
    }
    return try lines.enumerated().map { index, line in
      guard let label = Int(line.trimmingCharacters(in: .whitespaces)),
        (first..<first + choices).contains(label)
      else {
        throw DatasetError(
          .labelOutOfRange, path: "\(path), line \(index + 1)",
          expected: "a label from \(first) to \(first + choices - 1)",
          found: "'\(line.prefix(40))'", remedy: "use the published labels of \(rawValue)")
      }
      return label - first
    }
  }

  /// The lines of a text, without an empty one at the end.
  private static func lines(_ path: String) throws -> [String] {
    let text = try TextDataset(name: path, path: path)
    var lines = String(decoding: text.bytes, as: UTF8.self)
      .replacingOccurrences(of: "\r\n", with: "\n")
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw DatasetError(
        .empty, path: path, expected: "a line a question", found: "no line",
        remedy: "name the file as its authors publish it")
    }
    return lines
  }
}
