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
    (model, network) = try Self.restored(recipe, checkpoint, url.path, device)
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

  /// Continues a text byte by byte.
  ///
  /// - Parameters:
  ///   - prompt: at least one byte of UTF-8; with what is added it must fit the model's context.
  ///   - show: is given each byte as it is chosen; `false` ends the text after it.
  /// - Throws: `ConfigurationError` for a prompt that is empty or too long.
  public func text(
    after prompt: String, bytes: Int, sampling: TokenSampling, seed: Int,
    show: (UInt8) -> Bool
  ) throws {
    _ = try model.generate(
      network, prompt: prompt.utf8.map(Int.init), count: bytes, sampling: sampling,
      generator: Generator(seed: UInt64(bitPattern: Int64(seed)))
    ) { show(UInt8(clamping: $0)) }
  }
}
