import ArgumentParser
import Datasets
import Experiments
import Foundation
import Torch

extension DataCommand {
  /// `nap data tokenize`.
  struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tokenize",
      abstract: "Makes memory-mapped token shards of text, which language models are trained on.",
      discussion: """
        nap data tokenize c4/*.json.gz --tokenizer llama/tokenizer.json -o c4-tokens
        nap data tokenize c4/*.json.gz --train-vocabulary 8000 -o c4-tokens
        nap train language --set texts=./c4-tokens --set network.vocabulary=8000

        .json, .jsonl and .ndjson have an object a line, other files are plain text; .gz and .zst are decompressed. \
        Parquet has to be written as JSON lines first. A tokenizer is bytes, a model of SentencePiece, or a \
        tokenizer.json of Hugging Face with byte pairs as GPT-2 or Llama have them; a copy is kept in the folder. \
        Texts may be larger than memory. After a stop the same command goes on behind the finished shards, and comes \
        to the same bytes.

        A shard has three files: .tokens (unsigned, little-endian), .ends (tokens up to the end of each document, 64 \
        bits) and .json (dtype, counts, SHA-256). In Python: np.memmap("shard-00000.tokens", dtype="<u2").
        """)

    @Argument(help: "Files of text.") var files: [String]

    @Option(help: "bytes, a SentencePiece model (.model), or a tokenizer.json.")
    var tokenizer: String?

    @Option(
      help: ArgumentHelp(
        "Trains a SentencePiece model of so many tokens on the files first, in place of --tokenizer.",
        valueName: "n"))
    var trainVocabulary: Int?

    @Option(name: .shortAndLong, help: "The folder of the shards.") var output: String

    @Option(help: "Where documents end in plain text: file, lines or paragraphs (blank lines).")
    var documents = "file"

    @Option(help: "The name of the text in a line of JSON.") var key = "text"

    @Option(help: "Threads that tokenize (default: one per core).") var threads: Int?

    @Option(help: "Tokens after which the next shard begins.")
    var shardTokens = Tokenization.defaultShardTokens

    @Flag(help: "Leaves out lines without text and text that is not UTF-8, and counts them.")
    var skipDamaged = false

    func validate() throws {
      guard (tokenizer == nil) != (trainVocabulary == nil) else {
        throw ValidationError(
          "--tokenizer: expected it or --train-vocabulary, found \(tokenizer == nil ? "neither" : "both")"
        )
      }
      guard Corpus.DocumentSplit(rawValue: documents) != nil else {
        throw ValidationError(
          "--documents \(documents): expected "
            + Corpus.DocumentSplit.allCases.map(\.rawValue).joined(separator: ", "))
      }
      if let count = trainVocabulary, !(300...1 << 20).contains(count) {
        throw ValidationError(
          "--train-vocabulary \(count): expected 300 (256 bytes and some) to \(1 << 20)")
      }
      if let threads, !(1...1_024).contains(threads) {
        throw ValidationError("--threads \(threads): expected 1 to 1024")
      }
      guard shardTokens >= 1 else {
        throw ValidationError("--shard-tokens \(shardTokens): expected at least 1")
      }
    }

    func run() throws {
      Interruption.listen()
      let folder = DataFolder(path: output).path
      do {
        try tokenize(folder)
      } catch is StopRequest.Stopped {
        throw Failure.Interrupted(
          advice: "The same command goes on after them.", saved: "finished shards are in \(folder)")
      }
    }

    private func tokenize(_ folder: String) throws {
      let corpus = try Corpus(
        files.map { DataFolder(path: $0).path },
        split: Corpus.DocumentSplit(rawValue: documents) ?? .file, key: key)
      let tokenizer = try chosenTokenizer(corpus, folder)
      let work = try Tokenization(
        corpus, tokenizer: tokenizer, to: folder, shardTokens: shardTokens,
        skipsDamaged: skipDamaged)
      let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
      Console.error(
        "\(corpus.files.count) file(s) of \(Self.megabytes(corpus.byteCount)), \(tokenizer.identity.words), "
          + "\(threads) thread(s), at most \(Self.megabytes(Tokenization.memoryBytes(threads: threads))) of text "
          + "and tokens in memory")
      var progress: Progress?
      let done = try work.run(threads: threads) { now in
        var bar =
          progress ?? Progress(Progress.automatic, unit: "bytes", startedAt: now.readByteCount)
        bar.show(
          now.readByteCount, of: now.byteCount, "\(now.shards) shards, \(now.tokens) tokens in them"
        )
        progress = bar
      }
      progress?.clear()
      let perToken = Double(done.textByteCount) / Double(max(done.tokens, 1))
      Console.line(
        "\(folder): \(done.tokens) tokens of \(done.documents) documents in \(done.shards) shard(s), "
          + String(format: "%.2f bytes of text per token", perToken))
      if done.skipped > 0 { Console.line("left out as damaged: \(done.skipped)") }
      Console.line(
        "train on it: nap train language --set texts=\(folder) "
          + "--set network.vocabulary=\(tokenizer.identity.vocabulary)")
    }

    /// The tokenizer that is named, that the folder was begun with, or one that is trained now.
    private func chosenTokenizer(_ corpus: Corpus, _ folder: String) throws -> any Tokenizer {
      if let tokenizer {
        return try Tokenizers.named(
          tokenizer == "bytes" ? tokenizer : DataFolder(path: tokenizer).path)
      }
      let vocabulary = trainVocabulary ?? 0
      if TokenFolder.isAt(folder) {
        let found = try TokenFolder(at: folder)
        guard found.tokenizer.vocabulary == vocabulary else {
          throw UsageError(
            "--train-vocabulary \(vocabulary): expected \(found.tokenizer.vocabulary), with which \(folder) was begun; "
              + "give that, or another -o")
        }
        return try found.readTokenizer(in: folder)
      }
      var progress = Progress(Progress.automatic, unit: "bytes")
      let model = try SentencePieceTokenizer.train(
        vocabulary: vocabulary, on: corpus, skipsDamaged: skipDamaged
      ) { progress.show($0, of: corpus.byteCount, "reading lines to train a vocabulary on") }
      progress.clear()
      return try Tokenizers.read(model, as: .sentencePiece, path: folder)
    }

    private static func megabytes(_ count: Int) -> String {
      String(format: "%.1f MB", Double(count) / 1e6)
    }
  }
}
