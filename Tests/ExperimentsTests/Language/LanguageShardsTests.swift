import Datasets
import Foundation
import Networks
import RunStore
import TestSupport
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite("Language models of token shards")
struct LanguageShardsTests {
  /// Shards of a text in the package, by a tokenizer that was trained on it, or by the one given.
  private static func shards(
    in folder: URL, _ name: String = "tokens", by tokenizer: (any Tokenizer)? = nil
  ) throws -> String {
    let text = packageRoot.appending(path: "docs/metrics.md").path
    let corpus = try Corpus([text], split: .paragraphs)
    let path = folder.appending(path: name).path
    let own =
      try tokenizer
      ?? Tokenizers.read(
        SentencePieceTokenizer.train(vocabulary: 400, on: corpus), as: .sentencePiece, path: text)
    _ = try Tokenization(corpus, tokenizer: own, to: path, shardTokens: 3_000).run(threads: 1)
    return path
  }

  private static func configuration(
    _ texts: [String], vocabulary: Int = 400
  ) throws -> LanguageConfiguration {
    var configuration = try Language.preset("smoke").configuration
    configuration.texts = texts
    configuration.network.vocabulary = vocabulary
    configuration.network.context = 64
    configuration.updatesPerTask = 9
    configuration.batchSize = 4
    configuration.recording.evaluateEveryUpdates = 5
    configuration.recording.validationBatches = 2
    configuration.recording.probeCount = 3
    return try Language.configuration(configuration, arm: "nap")
  }

  private static func rest(_ run: inout LanguageTraining, until end: Int = .max) throws -> [Double]
  {
    var values: [Double] = []
    while run.updates < end, let event = try run.next() {
      values += event.measurements.filter { !Metric.ofTheMachine.contains($0.metric) }.map(\.value)
    }
    return values
  }

  @Test("A run goes on to the same bytes, and its checkpoint alone reads and writes text")
  func resumes() throws {
    try withTemporaryFolder { folder in
      let path = try Self.shards(in: folder)
      let configuration = try Self.configuration([path])
      _ = try Language.validate(configuration)
      var whole = try Language.start(configuration, seed: 1, device: .cpu)
      _ = try Self.rest(&whole, until: 4)
      let saved = try whole.snapshot().copied()
      let expected = try Self.rest(&whole)
      var resumed = try Language.start(configuration, seed: 1, device: .cpu)
      try resumed.restore(saved)
      #expect(try Self.rest(&resumed) == expected && !expected.isEmpty)
      for (left, right) in zip(try whole.snapshot().tensors, try resumed.snapshot().tensors) {
        #expect(
          left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
      }
      let manifest = try #require(try whole.manifest())
      #expect(manifest == (try Language.manifest(of: configuration)).manifest)
      #expect(manifest.lines.contains { $0.contains("tokenizer = sentencepiece of 400") })
      let url = folder.appending(path: "checkpoint.safetensors")
      try Checkpoint(
        identity: .init(
          recipe: "language", preset: "smoke", arm: "nap", seed: 1,
          configuration: JSONText.encode(configuration), updates: 9, run: "0123456789",
          napVersion: "test"), snapshot: whole.snapshot()
      ).write(to: url)
      // The shards are gone: the tokenizer is in the checkpoint.
      try FileManager.default.removeItem(atPath: path)
      let model = try LanguageModel(checkpoint: url)
      let prompt = try model.tokens(of: "The loss")
      #expect(prompt.count < 12 && model.tokenizer.identity.vocabulary == 400)
      var text = ""
      try model.text(after: prompt, count: 12, sampling: TokenSampling(temperature: 1), seed: 3) {
        text += $0
        return true
      }
      let tokens = try model.model.generate(
        model.network, prompt: prompt, count: 12, sampling: TokenSampling(temperature: 1),
        generator: Generator(seed: 3))
      let both = try model.tokenizer.text(of: (prompt + tokens).map { UInt32($0) })
      #expect("The loss" + text == String(decoding: both, as: UTF8.self))
      try Self.checkScore(model, in: folder)
    }
  }

  /// A choice's tokens are those that it adds to the prompt's.
  private static func checkScore(_ model: LanguageModel, in folder: URL) throws {
    let (questions, labels) = (folder.appending(path: "q"), folder.appending(path: "l"))
    try Data(#"{"goal":"The mean of","sol1":"all losses","sol2":"x"}"#.utf8).write(to: questions)
    try Data("0".utf8).write(to: labels)
    let question = try QuestionTask.piqa.questions(at: questions.path, labels: labels.path)[0]
    let found = try model.likelihoods(of: question, truncates: false)
    for (choice, likelihood) in zip(question.choices, found) {
      let whole = try model.tokens(of: question.prompt + " " + choice)
      let own = try model.tokens(of: question.prompt).count
      #expect(whole.count > own)
      let logits_TV = withoutGradients {
        model.network(Tensor(Array(whole.dropLast()), shape: [1, whole.count - 1]))[0]
          .converted(to: .float64).logSoftmax(axis: -1)
      }
      let sum = (own..<whole.count).reduce(0.0) { $0 + logits_TV[$1 - 1][whole[$1]].item }
      #expect(abs(sum - likelihood.logLikelihood) < 1e-5)
    }
  }

  @Test("Another vocabulary, texts of two tokenizers, a lost folder and changed shards are refused")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let path = try Self.shards(in: folder)
      let bytes = try Self.shards(in: folder, "bytes", by: ByteTokenizer())
      func start(_ texts: [String], vocabulary: Int) throws {
        let configuration = try Self.configuration(texts, vocabulary: vocabulary)
        _ = try Language.validate(configuration)
        _ = try Language.start(configuration, seed: 1, device: .cpu)
      }
      func usage(_ texts: [String], vocabulary: Int) throws -> String {
        "\(try #require(throws: UsageError.self) { try start(texts, vocabulary: vocabulary) })"
      }
      #expect(try usage([path], vocabulary: 256).contains("--set network.vocabulary=400"))
      #expect(try usage(["tiny-shakespeare"], vocabulary: 400).contains("network.vocabulary"))
      #expect(try usage([path, bytes], vocabulary: 400).contains("one tokenizer"))
      #expect(throws: DatasetError.self) { try start([path + "/none"], vocabulary: 400) }
      try start([bytes, "tiny-shakespeare"], vocabulary: 256)
      var run = try Language.start(Self.configuration([path]), seed: 1, device: .cpu)
      let saved = try run.snapshot()
      try FileManager.default.removeItem(atPath: path)
      let other = try BytePairTokenizer(
        Array(
          ("{\"model\":{\"unk_token\":\"0\",\"vocab\":{"
            + (0..<400).map { "\"\($0)\":\($0)" }.joined(separator: ",") + "}}}").utf8),
        path: "other")
      #expect(try Self.shards(in: folder, by: other) == path)
      run = try Language.start(Self.configuration([path]), seed: 1, device: .cpu)
      let error = try #require(throws: StateError.self) { try run.restore(saved) }
      #expect("\(error)".contains("sentencepiece") && "\(error)".contains("hugging-face"))
    }
  }
}
