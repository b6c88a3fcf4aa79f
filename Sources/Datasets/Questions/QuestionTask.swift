/// A public test of language models whose answers are scored by their likelihood, with the wording and the file format
/// of its authors.
///
/// Prompts are those of lm-evaluation-harness (EleutherAI; `lm_eval/tasks/piqa`, `siqa` and `lambada`, 2024).
public enum QuestionTask: String, Sendable, CaseIterable {
  /// Physical commonsense (Bisk et al. 2020): `goal`, `sol1`, `sol2`; labels 0 and 1 in a file of their own.
  case piqa
  /// Social commonsense (Sap et al. 2019): `context`, `question`, `answerA` to `answerC`; labels 1 to 3 in a file of
  /// their own.
  case siqa
  /// The last word of a passage (Paperno et al. 2016, OpenAI's lines): `text`.
  case lambada

  /// The keys of a line, all of them texts.
  var keys: [String] {
    switch self {
    case .piqa: ["goal", "sol1", "sol2"]
    case .siqa: ["context", "question", "answerA", "answerB", "answerC"]
    case .lambada: ["text"]
    }
  }

  /// The label of the first choice; `nil` where there are no labels.
  public var firstLabel: Int? {
    switch self {
    case .piqa: 0
    case .siqa: 1
    case .lambada: nil
    }
  }

  /// Prompt and choices of a line's texts, which are in the order of ``keys``; `nil` where there is no last word.
  func wording(_ texts: [String]) -> (prompt: String, choices: [String])? {
    switch self {
    case .piqa: return ("Question: \(texts[0])\nAnswer:", Array(texts[1...]))
    case .siqa: return ("Q: \(texts[0]) \(texts[1])\nA:", Array(texts[2...]))
    case .lambada:
      let bytes = texts[0].utf8
      guard let space = bytes.lastIndex(of: UInt8(ascii: " ")) else { return nil }
      let word = String(decoding: bytes[bytes.index(after: space)...], as: UTF8.self)
      let prompt = String(decoding: bytes[..<space], as: UTF8.self)
      return word.isEmpty || prompt.isEmpty ? nil : (prompt, [word])
    }
  }
}
