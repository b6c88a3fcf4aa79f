public import Datasets
public import Foundation
public import Networks
import RunStore
import Texts
public import Torch
import Training

/// The language model of a checkpoint, for text.
public struct LanguageModel {
  /// The run that the checkpoint belongs to.
  public let identity: Checkpoint.Identity
  /// The model's configuration.
  public let model: GPT
  /// The network with the checkpoint's weights.
  public let network: Sequential
  /// What made the tokens that it was trained on.
  public let tokenizer: any Tokenizer

  /// The model of a checkpoint; its texts are not needed.
  ///
  /// - Parameter average: whether to take the average of weights that the run kept (`average.decay`).
  /// - Throws: ``CheckpointError`` for a file that is no language model's checkpoint, does not fit its own settings or
  ///   has no average.
  public init(checkpoint url: URL, average: Bool = false, device: Device = .cpu) throws {
    var checkpoint = try Checkpoint(reading: url)
    if average { try checkpoint.useAverage(url.path) }
    identity = checkpoint.identity
    guard let recipe = try Recipes.named(identity.recipe) as? any LanguageRecipe.Type else {
      throw CheckpointError(
        path: url.path, expected: "a checkpoint of a language model",
        found: "one of \(Excerpt.of(identity.recipe))", remedy: "read it with nap inspect")
    }
    var tokenizer: any Tokenizer = ByteTokenizer()
    try checkpoint.fitting(url.path) {
      tokenizer = try SavedTokenizer.read(checkpoint.snapshot, path: url.path)
    }
    self.tokenizer = tokenizer
    (model, network) = try Self.restored(recipe, checkpoint, url.path, device)
    guard tokenizer.identity.vocabulary == model.vocabulary else {
      throw CheckpointError(
        path: url.path, expected: "a tokenizer of \(model.vocabulary) tokens, as the network's",
        found: tokenizer.identity.words, remedy: "use an earlier checkpoint of the run")
    }
  }

  private static func restored<R: LanguageRecipe>(
    _ recipe: R.Type, _ checkpoint: Checkpoint, _ path: String, _ device: Device
  ) throws -> (GPT, Sequential) {
    let configuration = try StoredConfiguration.read(
      R.self, from: checkpoint.identity.configuration, of: path)
    let model = configuration.network
    var learner = try Learner(
      configuration.design, inputShape: [model.context], outputs: model.vocabulary,
      weights: Generator(seed: 0), methods: Generator(seed: 0), device: device)
    try checkpoint.fitting(path) { try learner.restore(checkpoint.snapshot) }
    return (model, learner.network)
  }

  /// The tokens of a text.
  public func tokens(of text: String) throws -> [Int] {
    var tokenizer = tokenizer
    return try tokenizer.tokens(of: Array(text.utf8)).map(Int.init)
  }

  /// Continues a text token by token.
  ///
  /// - Parameters:
  ///   - prompt: at least one token; with what is added it must fit the model's context.
  ///   - count: the tokens to add.
  ///   - show: is given what each token adds to the text, once its characters are whole; `false` ends the text after
  ///   it.
  /// - Throws: `ConfigurationError` for a prompt that is empty or too long.
  public func text(
    after prompt: [Int], count: Int, sampling: TokenSampling, seed: Int, show: (String) -> Bool
  ) throws {
    var (tokens, shown) = (prompt.map { UInt32(clamping: $0) }, 0)
    /// What was not shown yet, but for a character at its end that is not whole.
    func added(isLast: Bool) throws -> String {
      let new = try tokenizer.text(of: tokens).dropFirst(shown)
      let whole = isLast ? new : new.dropLast(Self.unfinished(new))
      shown += whole.count
      return String(decoding: whole, as: UTF8.self)
    }
    _ = try added(isLast: true)
    var fault: (any Error)?
    _ = try model.generate(
      network, prompt: prompt, count: count, sampling: sampling,
      generator: Generator(seed: UInt64(bitPattern: Int64(seed)))
    ) {
      tokens.append(UInt32(clamping: $0))
      do {
        let text = try added(isLast: false)
        return text.isEmpty || show(text)
      } catch {
        fault = error
        return false
      }
    }
    if let fault { throw fault }
    let rest = try added(isLast: true)
    if !rest.isEmpty { _ = show(rest) }
  }

  /// Bytes at the end of a text that begin a character, or stand as U+FFFD for such ones.
  private static func unfinished(_ text: ArraySlice<UInt8>) -> Int {
    var marks = 0
    while marks < 9, text.dropLast(marks).suffix(3) == [0xef, 0xbf, 0xbd] { marks += 3 }
    if marks > 0 { return marks }
    for (count, byte) in text.suffix(3).reversed().enumerated() where byte & 0xc0 != 0x80 {
      let width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return count + 1 < width ? count + 1 : 0
    }
    return 0
  }
}
