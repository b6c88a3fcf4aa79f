public import Datasets
import Foundation
import Networks
import Torch

/// What a language model comes to on a public test.
///
/// As lm-evaluation-harness defines it, with log-likelihoods ℓ of the choices, each of its tokens after the prompt and
/// a space:
///
///     acc        share of questions with argmax ℓ right            lambada: the likeliest tokens are the word's
///     acc_norm   the same of ℓ / characters of the choice          (Unicode scalars, without the space)
///     acc_bytes  the same of ℓ / bytes of the choice
///     perplexity e to the power of the mean −ℓ of a last word      lambada alone
///
/// Of equal choices the first counts. Standard errors are s / √n, s² = n/(n − 1)·p(1 − p).
public struct LanguageScore: Codable, Hashable, Sendable {
  /// The test.
  public var task: String
  /// Questions.
  public var questions: Int
  /// `acc`.
  public var accuracy: Double
  /// Its standard error; `nil` for one question.
  public var accuracyError: Double?
  /// `acc_norm`; `nil` for lambada.
  public var normalizedAccuracy: Double?
  /// `acc_bytes`; `nil` for lambada.
  public var byteAccuracy: Double?
  /// Of last words; `nil` for others.
  public var perplexity: Double?
}

/// The likelihood of a text after another.
struct ContinuationLikelihood: Hashable, Sendable {
  /// ln p of all its tokens.
  var logLikelihood: Double
  /// Whether each of its tokens is the likeliest.
  var isGreedy: Bool
}

extension LanguageModel {
  /// Scores the model. Tokens are those of training: of a prompt and a choice together, of which the choice has what
  /// the prompt alone has not.
  ///
  /// - Parameters:
  ///   - truncates: whether a prompt that does not fit the model's context loses its beginning, as in
  ///     lm-evaluation-harness; otherwise it is an error.
  ///   - show: is given the questions done after each.
  /// - Throws: `DatasetError` with file and line for texts that do not fit, and `StopRequest.Stopped`.
  /// - Cost: a pass over each question with all its choices.
  public func score(
    _ questions: [Question], of task: QuestionTask, truncates: Bool = false,
    show: (Int) -> Void = { _ in }
  ) throws -> LanguageScore {
    precondition(!questions.isEmpty, "a score of no questions")
    var (right, byCharacters, byBytes, sum) = (0, 0, 0, 0.0)
    for (index, question) in questions.enumerated() {
      try StopRequest.check()
      let found = try likelihoods(of: question, truncates: truncates)
      let values = found.map(\.logLikelihood)
      func isRight(_ lengths: [Int]) -> Bool {
        let scores = zip(values, lengths).map { $0 / Double($1) }
        return scores.firstIndex(of: scores.max() ?? .nan) == question.answer
      }
      if task == .lambada {
        right += found[0].isGreedy ? 1 : 0
        sum += values[0]
      } else {
        right += isRight(values.map { _ in 1 }) ? 1 : 0
        byCharacters += isRight(question.choices.map(\.unicodeScalars.count)) ? 1 : 0
        byBytes += isRight(question.choices.map(\.utf8.count)) ? 1 : 0
      }
      show(index + 1)
    }
    let count = Double(questions.count)
    let share = Double(right) / count
    let hasChoices = task != .lambada
    return LanguageScore(
      task: task.rawValue, questions: questions.count, accuracy: share,
      accuracyError: count > 1 ? (share * (1 - share) / (count - 1)).squareRoot() : nil,
      normalizedAccuracy: hasChoices ? Double(byCharacters) / count : nil,
      byteAccuracy: hasChoices ? Double(byBytes) / count : nil,
      perplexity: hasChoices ? nil : exp(-sum / count))
  }

  /// The likelihood of each choice after the prompt and a space.
  func likelihoods(of question: Question, truncates: Bool) throws -> [ContinuationLikelihood] {
    let prompt = try tokens(of: question.prompt)
    let answers = try question.choices.map {
      Array(try tokens(of: question.prompt + " " + $0).dropFirst(prompt.count))
    }
    let rows = try answers.map { answer in
      try fitting(prompt, answer, question.place, truncates: truncates)
    }
    // Later places are never seen by earlier ones, so what fills up a shorter row does not matter.
    let length = rows.map { $0.count - 1 }.max() ?? 0
    func tensor(_ row: (ArraySlice<Int>) -> ArraySlice<Int>) -> Tensor {
      let filled = rows.flatMap { tokens -> [Int] in
        let own = row(tokens)
        return own + Array(repeating: 0, count: length - own.count)
      }
      return Tensor(filled, shape: [rows.count, length])
    }
    let targets_BT = tensor { $0.dropFirst() }
    let device = network.parameters.first?.value.device ?? .cpu
    let (likelihoods_BT, likeliest_BT) = withoutGradients {
      let logits_BTV = network(tensor { $0.dropLast() }.moved(to: device))
        .moved(to: .cpu).converted(to: .float64)
      let found_BT1 = logits_BTV.logSoftmax(axis: -1)
        .gathered(axis: -1, at: targets_BT.unsqueezed(axis: 2))
      return (
        found_BT1.squeezed(axis: 2), logits_BTV.indexOfMaximum(axis: -1).equal(to: targets_BT)
      )
    }
    return rows.indices.map { row in
      let end = rows[row].count - 1
      let start = end - answers[row].count
      let own = likelihoods_BT[row][start..<end]
      return ContinuationLikelihood(
        logLikelihood: own.sum().item, isGreedy: likeliest_BT[row][start..<end].all().item == 1)
    }
  }

  /// Prompt and answer, of which the model reads all but the last token.
  private func fitting(
    _ prompt: [Int], _ answer: [Int], _ place: String, truncates: Bool
  ) throws(DatasetError) -> ArraySlice<Int> {
    let tokens = prompt + answer
    let room = model.context + 1
    guard answer.count < room, truncates || tokens.count <= room else {
      let what = answer.count < room ? "prompt and choice" : "a choice"
      throw DatasetError(
        .invalidRequest, path: place,
        expected: "\(what) within the model's context of \(model.context) tokens",
        found: "\((answer.count < room ? tokens : answer).count - 1)",
        remedy: answer.count < room
          ? "--truncate, which cuts prompts from the left, or a model of a larger network.context"
          : "a model of a larger network.context")
    }
    return tokens.suffix(room)
  }
}
