import Datasets
import Foundation
import Networks
import TestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite("Scores of language models")
struct LanguageScoreTests {
  /// A checkpoint of a small model with an average, of so many updates.
  private static func checkpoint(
    in folder: URL, updates: Int = 6, average: Double = 0.5,
    _ change: (inout LanguageConfiguration) -> Void = { _ in }
  ) throws -> URL {
    var configuration = try Language.preset("smoke").configuration
    configuration.updatesPerTask = updates
    configuration.average.decay = average
    configuration.recording.evaluateEveryUpdates = 0
    configuration.recording.validationBatches = 1
    var run = try Language.start(configuration, seed: 1, device: .cpu)
    while try run.next() != nil {}
    var told = configuration
    change(&told)
    let url = folder.appendingPathComponent("checkpoint.safetensors")
    try Checkpoint(
      identity: .init(
        recipe: "language", preset: "smoke", arm: "plain", seed: 1,
        configuration: JSONText.encode(told), updates: updates, run: "0123456789",
        napVersion: "test"), snapshot: run.snapshot()
    ).write(to: url)
    return url
  }

  private func questions(
    _ task: QuestionTask, _ lines: [String], _ labels: [Int]? = nil, in folder: URL
  ) throws -> [Question] {
    let url = folder.appendingPathComponent("q.jsonl")
    try Data(lines.joined(separator: "\n").utf8).write(to: url)
    let other = folder.appendingPathComponent("l.lst")
    try Data((labels ?? []).map(String.init).joined(separator: "\n").utf8).write(to: other)
    return try task.questions(at: url.path, labels: labels == nil ? nil : other.path)
  }

  /// Token by token, with a pass of its own for each.
  private func slow(
    _ model: LanguageModel, _ prompt: String, _ choice: String
  ) -> ContinuationLikelihood {
    var tokens = Array(prompt.utf8).map(Int.init)
    var (sum, isGreedy) = (0.0, true)
    for token in (" " + choice).utf8.map(Int.init) {
      let seen = Array(tokens.suffix(model.model.context))
      let logits = withoutGradients {
        model.network(Tensor(seen, shape: [1, seen.count]))[0][seen.count - 1].doubles
      }
      let largest = logits.max() ?? 0
      sum += logits[token] - largest - log(logits.map { exp($0 - largest) }.reduce(0, +))
      isGreedy = isGreedy && logits.firstIndex(of: largest) == token
      tokens.append(token)
    }
    return ContinuationLikelihood(logLikelihood: sum, isGreedy: isGreedy)
  }

  @Test("Choices are scored as a pass for each token scores them")
  func choices() throws {
    try withTemporaryFolder { folder in
      let model = try LanguageModel(checkpoint: Self.checkpoint(in: folder))
      // Prompt and choice within 32 bytes; the choices differ in length and in bytes a character.
      let lines = [
        #"{"goal":"a","sol1":"be","sol2":"the"}"#, #"{"goal":"to","sol1":"é é","sol2":"eeee"}"#,
        #"{"goal":"x","sol1":"zq#","sol2":"e"}"#,
      ]
      let found = try questions(.piqa, lines, [0, 1, 1], in: folder)
      var expected: [[ContinuationLikelihood]] = []
      for question in found {
        let quick = try model.likelihoods(of: question, truncates: false)
        let own = question.choices.map { slow(model, question.prompt, $0) }
        for (one, other) in zip(quick, own) {
          #expect(abs(one.logLikelihood - other.logLikelihood) < 1e-5)
          #expect(one.isGreedy == other.isGreedy)
        }
        expected.append(own)
      }
      func share(_ length: (String) -> Int) -> Double {
        let right = zip(found, expected).count { question, own in
          let scores = zip(own, question.choices).map { $0.logLikelihood / Double(length($1)) }
          return scores.firstIndex(of: scores.max() ?? 0) == question.answer
        }
        return Double(right) / 3
      }
      let score = try model.score(found, of: .piqa)
      #expect(score.questions == 3 && score.perplexity == nil)
      #expect(score.accuracy == share { _ in 1 })
      #expect(score.normalizedAccuracy == share { $0.unicodeScalars.count })
      #expect(score.byteAccuracy == share { $0.utf8.count })
      let p = score.accuracy
      #expect(abs((score.accuracyError ?? -1) - (p * (1 - p) / 2).squareRoot()) < 1e-12)
    }
  }

  @Test("Last words have their perplexity, and count where each byte is the likeliest")
  func lastWords() throws {
    try withTemporaryFolder { folder in
      let model = try LanguageModel(checkpoint: Self.checkpoint(in: folder))
      let prompt = "To be or not"
      // What the model itself goes on with: greedy by construction, if it begins with a space.
      let lines = ["be", "the"].map { #"{"text":"\#(prompt) \#($0)"}"# }
      let found = try questions(.lambada, lines, in: folder)
      let own = ["be", "the"].map { slow(model, prompt, $0) }
      let score = try model.score(found, of: .lambada)
      let mean = own.map(\.logLikelihood).reduce(0, +) / 2
      #expect(abs(try #require(score.perplexity) - exp(-mean)) < 1e-4 * exp(-mean))
      #expect(score.accuracy == Double(own.count { $0.isGreedy }) / 2)
      #expect(score.normalizedAccuracy == nil)
    }
  }

  @Test("A prompt longer than the context is an error with its line, or loses its beginning")
  func lengths() throws {
    try withTemporaryFolder { folder in
      let model = try LanguageModel(checkpoint: Self.checkpoint(in: folder))
      let long = String(repeating: "word ", count: 12)
      let found = try questions(
        .lambada, [#"{"text":"short one"}"#, #"{"text":"\#(long)end"}"#], in: folder)
      #expect {
        _ = try model.score(found, of: .lambada)
      } throws: {
        "\($0)".contains("q.jsonl, line 2: expected prompt and choice within")
          && "\($0)".contains("the model's context of 32 tokens, found 62")
          && "\($0)".contains("--truncate")
      }
      let cut = try model.likelihoods(of: found[1], truncates: true)[0]
      let kept = String(String(long.dropLast()).suffix(33 - 4))
      #expect(abs(cut.logLikelihood - slow(model, kept, "end").logLikelihood) < 1e-5)
      let choice = String(repeating: "e", count: 40)
      let one = try questions(.lambada, [#"{"text":"a \#(choice)"}"#], in: folder)
      #expect {
        _ = try model.score(one, of: .lambada, truncates: true)
      } throws: {
        "\($0)".contains("a choice within the model's context of 32 tokens, found 40")
      }
    }
  }

  @Test("The average is another model, and a checkpoint without one says so")
  func averages() throws {
    try withTemporaryFolder { folder in
      let url = try Self.checkpoint(in: folder)
      let (own, average) = (
        try LanguageModel(checkpoint: url), try LanguageModel(checkpoint: url, average: true)
      )
      let found = try questions(.lambada, [#"{"text":"To be or not"}"#], in: folder)
      #expect(try own.score(found, of: .lambada) != average.score(found, of: .lambada))
      let without = try Self.checkpoint(in: folder, average: 0)
      #expect {
        _ = try LanguageModel(checkpoint: without, average: true)
      } throws: {
        "\($0)".contains("expected a checkpoint with an average of weights, found none")
      }
    }
  }

  @Test("A vocabulary that is not that of bytes is refused with the file's name")
  func vocabulary() throws {
    try withTemporaryFolder { folder in
      let url = try Self.checkpoint(in: folder) { $0.network.vocabulary = 300 }
      #expect {
        _ = try LanguageModel(checkpoint: url)
      } throws: {
        "\($0)".contains(url.path) && "\($0)".contains("network.vocabulary: expected 256")
      }
    }
  }
}
