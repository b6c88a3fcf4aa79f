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

      The text goes to standard output byte by byte. Prompt and text must fit the model's context. A temperature \
      of 0 takes the likeliest byte; otherwise equal seeds give equal texts.
      """)

  @Argument(help: "A run (identifier or name), or the path of a checkpoint.")
  var subject: String

  @Option(help: "What the text continues.")
  var prompt = "\n"

  @Option(help: "Bytes to write (default: as many as fit the context).")
  var bytes: Int?

  @Option(help: "Divides the logits; 0 takes the likeliest byte.")
  var temperature = 0.8

  @Option(
    name: .customLong("top-k"),
    help: "Only so many of the likeliest bytes are drawn from (default: all).")
  var topK: Int?

  @Option(help: "Seed of the draws.")
  var seed = 0

  @Flag(help: "Takes the average of weights that the run kept (average.decay).")
  var average = false

  @OptionGroup var machine: MachineOptions
  @OptionGroup var runs: RunsOption

  func validate() throws {
    if let bytes, bytes < 1 { throw ValidationError("--bytes \(bytes): expected at least 1") }
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
    let room = model.model.context - prompt.utf8.count
    guard room >= (bytes ?? 1) else {
      throw UsageError(
        "--prompt: expected a prompt that leaves \(bytes ?? 1) of the model's \(model.model.context) places, "
          + "found one of \(prompt.utf8.count) bytes; shorten it or lower --bytes")
    }
    Console.error("\(model.identity.arm) after \(model.identity.updates) updates")
    Console.text(prompt)
    var pending: [UInt8] = []
    try model.text(
      after: prompt, bytes: bytes ?? room,
      sampling: TokenSampling(temperature: temperature, topK: topK), seed: seed
    ) { byte in
      pending.append(byte)
      Self.show(&pending, isLast: false)
      return !Interruption.isRequested
    }
    Self.show(&pending, isLast: true)
    Console.text("\n")
  }

  /// Writes what is a whole character, or can be none any more.
  private static func show(_ pending: inout [UInt8], isLast: Bool) {
    let text = String(decoding: pending, as: UTF8.self)
    guard isLast || pending.count == 4 || !text.unicodeScalars.contains("\u{FFFD}") else { return }
    Console.text(text)
    pending = []
  }
}
