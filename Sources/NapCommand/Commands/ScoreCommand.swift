import ArgumentParser
import Datasets
import Experiments
import Foundation
import Texts
import Torch

/// `nap score`.
struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Scores a trained language model on a public test by the likelihood of its answers.",
    discussion: """
      nap score RUN --task piqa valid.jsonl valid-labels.lst
      nap score RUN --task siqa dev.jsonl dev-labels.lst
      nap score runs/RUN/checkpoint.safetensors --task lambada lambada_test.jsonl --truncate

      Files are those that the tests' authors publish, a JSON object a line; labels stand in a file of their own. \
      acc takes the likeliest choice, acc_norm the likeliest by character, acc_bytes by byte, as \
      lm-evaluation-harness does and with its prompts. lambada has the share of last words that are guessed and \
      their perplexity. Tokens are those of training.
      """)

  @Argument(help: "A run (identifier or name), or the path of a checkpoint.")
  var subject: String

  @Option(help: "piqa, siqa or lambada.")
  var task: String

  @Argument(help: "The questions: a .jsonl file.")
  var questions: String

  @Argument(help: "The labels of piqa or siqa, one a line.")
  var labels: String?

  @Flag(
    help: "Cuts prompts that do not fit the model's context from the left; else they are an error.")
  var truncate = false

  @Flag(help: "Takes the average of weights that the run kept (average.decay).")
  var average = false

  @Flag(help: "Writes one line of JSON.")
  var json = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard QuestionTask(rawValue: task) != nil else {
      throw ValidationError(
        "--task \(Excerpt.of(task)): expected "
          + QuestionTask.allCases.map(\.rawValue).joined(separator: ", "))
    }
  }

  func run() throws {
    Interruption.listen()
    guard let task = QuestionTask(rawValue: task) else { return }
    let questions = try task.questions(at: questions, labels: labels)
    let device = try machine.prepare()
    let model = try LanguageModel(
      checkpoint: runs.lastCheckpoint(of: subject).file, average: average, device: device)
    var progress = Progress(json ? .silent : Progress.automatic, unit: "questions")
    let score = try model.score(questions, of: task, truncates: truncate) {
      progress.show($0, of: questions.count, "")
    }
    progress.clear()
    guard !json else { return Console.line(try JSONText.encode(score)) }
    Console.error("\(model.identity.arm) after \(model.identity.updates) updates")
    let error = score.accuracyError.map { String(format: " (standard error %.4f)", $0) } ?? ""
    let rows: [(String, Double?, String)] = [
      ("acc", score.accuracy, error), ("acc_norm", score.normalizedAccuracy, ""),
      ("acc_bytes", score.byteAccuracy, ""), ("perplexity", score.perplexity, ""),
    ]
    Console.line("\(score.task), \(score.questions) questions")
    for (name, value, note) in rows {
      guard let value else { continue }
      Console.line("\(name)  " + String(format: "%.4f", value) + note)
    }
  }
}
