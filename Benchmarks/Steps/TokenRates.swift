import ArgumentParser
import CSentencePiece
import Datasets
import Foundation
import Torch

/// Tokens a thread makes and batches give, by processor time, so that a busy machine matters less.
///
/// A line: `tokens NAME MEDIAN LEAST MOST UNIT`, as `Benchmarks/peers/peer_tokens.py` has it.
struct TokenRates {
  /// A folder with `text.txt` (documents divided by blank lines), `text.jsonl.gz` (the same), `unigram.model`,
  /// `gpt2.json` and `llama.json`.
  let folder: String
  let rounds: Int

  func printed() throws {
    let text = [UInt8](try Data(contentsOf: URL(filePath: folder + "/text.txt")))
    let documents = text.split(separator: 0).map(Array.init)
    let bytes = Double(documents.reduce(0) { $0 + $1.count })
    try own(documents, bytes)
    for (name, file) in [
      ("sentencepiece", "unigram.model"), ("gpt2", "gpt2.json"), ("llama", "llama.json"),
    ] {
      var tokenizer = try Tokenizers.named(folder + "/" + file)
      try print(name, bytes / 1e6, "MB/s") {
        for document in documents { _ = try tokenizer.tokens(of: document) }
      }
    }
    // Reading, decompressing, JSON, tokens, checksums and writing, of all threads together.
    let (corpus, out) = (try Corpus([folder + "/text.jsonl.gz"]), folder + "/shards")
    let tokenizer = try Tokenizers.named(folder + "/unigram.model")
    let memory = try PeakMemory.megabytes {
      try print("pipeline", bytes / 1e6, "MB/s") {
        try? FileManager.default.removeItem(atPath: out)
        _ = try Tokenization(corpus, tokenizer: tokenizer, to: out).run(threads: 1)
      }
    }
    let bound = Double(Tokenization.memoryBytes(threads: 1)) / 1e6
    for (name, megabytes) in [("pipeline-memory", memory), ("memory-bound", bound)] {
      Swift.print(
        String(format: "tokens \(name) %.1f %.1f %.1f MB", megabytes, megabytes, megabytes))
    }
    try batches()
  }

  /// SentencePiece's rate without anything of ours.
  private func own(_ documents: [[UInt8]], _ bytes: Double) throws {
    let file = [UInt8](try Data(contentsOf: URL(filePath: folder + "/unigram.model")))
    var reason = [CChar](repeating: 0, count: 256)
    guard let model = nap_sentencepiece_load(file, file.count, &reason) else {
      throw ValidationError("unigram.model: expected a model of SentencePiece")
    }
    defer { nap_sentencepiece_free(model) }
    print("sentencepiece-own", bytes / 1e6, "MB/s") {
      for document in documents {
        _ = nap_sentencepiece_encode(model, document, document.count, { _, _, _ in }, nil, &reason)
      }
    }
  }

  /// Batches of 32 windows of 1,024 tokens out of 256 MB in the page cache: bytes of tokens that are read.
  private func batches() throws {
    let out = folder + "/batches"
    if !TokenFolder.isAt(out) {
      let lines = Array(String(repeating: "x", count: 1_023).utf8) + [10]
      let file = folder + "/lines.txt"
      try Data((0..<(1 << 17)).flatMap { _ in lines }).write(to: URL(filePath: file))
      _ = try Tokenization(Corpus([file]), tokenizer: ByteTokenizer(), to: out).run(threads: 1)
    }
    let shards = try TokenShards(folder: out)
    _ = shards.tokens(0..<shards.tokenCount / 4)
    let windows = try ShardWindows(shards, length: 1_024)
    var update = 0
    let each = 200
    let bytes = Double(each * 32 * 1_025 * 2)
    Machine.threadCount = 1
    print("batches", bytes / 1e9, "GB/s") {
      for _ in 0..<each {
        _ = windows.trainingBatch(
          of: 32, update: update, generator: SeededGenerator(seed: 1), device: .cpu)
        update += 1
      }
    }
  }

  private func print(_ name: String, _ amount: Double, _ unit: String, _ body: () throws -> Void)
    rethrows
  {
    var rates: [Double] = []
    for round in 0...rounds {
      let start = Self.processorSeconds
      try body()
      if round > 0 { rates.append(amount / (Self.processorSeconds - start)) }
    }
    rates.sort()
    Swift.print(
      "tokens \(name) "
        + String(
          format: "%.2f %.2f %.2f ", rates[rates.count / 2], rates[0], rates[rates.count - 1])
        + unit)
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
