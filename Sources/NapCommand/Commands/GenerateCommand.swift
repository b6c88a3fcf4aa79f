import ArgumentParser
import Experiments
import Foundation
import Networks
import RunStore

/// `nap generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Writes text with a trained language model.",
    discussion: """
      nap generate RUN                                     after a line break
      nap generate RUN --prompt "ROMEO:" --temperature 0.8 --top-k 40
      nap generate runs/RUN/checkpoint.safetensors --temperature 0

      The text goes to standard output token by token: bytes, or the tokens of the run's own tokenizer. Prompt and \
      text must fit the model's context. A temperature of 0 takes the likeliest token; otherwise equal seeds give \
      equal texts.
      """)

  @Argument(help: "A run (identifier or name), or the path of a checkpoint.")
  var subject: String

  @Option(help: "What the text continues.")
  var prompt = "\n"

  @Option(
    name: [.customLong("tokens"), .customLong("bytes")],
    help: "Tokens to write, bytes of a model of bytes (default: as many as fit the context).")
  var count: Int?

  @Option(help: "Divides the logits; 0 takes the likeliest token.")
  var temperature = 0.8

  @Option(
    name: .customLong("top-k"),
    help: "Only so many of the likeliest tokens are drawn from (default: all).")
  var topK: Int?

  @Option(help: "Seed of the draws.")
  var seed = 0

  @Flag(help: "Takes the average of weights that the run kept (average.decay).")
  var average = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  func validate() throws {
    if let count, count < 1 { throw ValidationError("--tokens \(count): expected at least 1") }
    if prompt.isEmpty { throw ValidationError("--prompt: expected at least one character") }
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature \(temperature): expected 0 or more")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k \(topK): expected at least 1") }
  }

  func run() throws {
    Interruption.listen()
    let device = try machine.prepare(most: 1)
    let model = try LanguageModel(
      checkpoint: runs.lastCheckpoint(of: subject).file, average: average, device: device)
    let tokens = try model.tokens(of: prompt)
    let room = model.model.context - tokens.count
    guard room >= (count ?? 1), !tokens.isEmpty else {
      throw UsageError(
        "--prompt: expected a prompt of at least one token that leaves \(count ?? 1) of the model's "
          + "\(model.model.context) places, found one of \(tokens.count) tokens; shorten it or lower --tokens"
      )
    }
    Console.error("\(model.identity.arm) after \(model.identity.updates) updates")
    Console.text(prompt)
    try model.text(
      after: tokens, count: count ?? room,
      sampling: TokenSampling(temperature: temperature, topK: topK), seed: seed
    ) { text in
      Console.text(text)
      return !Interruption.isRequested
    }
    Console.text("\n")
  }
}
