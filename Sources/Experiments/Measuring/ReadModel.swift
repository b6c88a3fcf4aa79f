import Foundation
import Networks
import Texts
import Torch

/// A model of another library, in any size that the library has: its sizes are read from the shapes in a file, and what
/// these do not tell from a `config.json` beside it or from the description.
package struct ReadModel: Sendable, Hashable {
  /// Which.
  package enum Kind: String, CaseIterable, Sendable { case resnet, vit, gpt2, llama }

  /// Which.
  package var kind: Kind
  /// Heads of attention, and those of keys and values, where they are told.
  package var heads: [Int]

  /// What a description of a model can be.
  static let words =
    "resnet (torchvision), vit or vit:HEADS (timm), gpt2 or gpt2:HEADS, llama or llama:HEADS,KEYHEADS (transformers)"

  /// Reads a description's word and numbers; `nil` where it is none of these.
  init?(word: String, numbers: [Int]) {
    guard let kind = Kind(rawValue: word), numbers.allSatisfy({ (1...1_000_000).contains($0) }),
      numbers.count <= [.resnet: 0, .vit: 1, .gpt2: 1, .llama: 2][kind, default: 0]
    else { return nil }
    (self.kind, heads) = (kind, numbers)
  }

  /// Whether inputs are rows of tokens; else they are images.
  var readsTokens: Bool { kind == .gpt2 || kind == .llama }

  /// What an example is, in words.
  var inputWords: String {
    readsTokens ? "whole numbers (N, positions)" : "images (N, channels, height, width)"
  }

  /// Whether a tensor of this shape holds examples.
  func takes(_ shape: [Int], _ dtype: DType) -> Bool {
    readsTokens
      ? shape.count == 2 && !dtype.isFloatingPoint && dtype != .bool
      : shape.count == 4 && (1...4).contains(shape[1])
  }

  /// The model of a file's shapes for examples of `shape`.
  private func model(
    _ file: TensorFile, _ shapes: [String: [Int]], shape: [Int]?
  ) throws -> (model: any ReferenceModel, inputShape: [Int], outputs: Int, words: String) {
    func problem(_ expected: String) -> UsageError {
      let found = shapes.keys.sorted().prefix(8).joined(separator: ", ")
      return UsageError(
        "--network \(kind.rawValue): \(file.url.path): expected \(expected); found "
          + "\(found.isEmpty ? "no tensors" : found)\(shapes.count > 8 ? ", …" : ""); --only PREFIX names a part of "
          + "a file"
      )
    }
    switch kind {
    case .resnet:
      guard let model = ResNet(shapes: shapes), let output = shapes["fc.weight"],
        let stem = shapes["conv1.weight"]
      else { throw problem("torchvision's names: conv1.weight, layer1.0.conv1.weight, fc.weight") }
      return (
        model, shape ?? [stem[1], 64, 64], output[0],
        "\(model.block.rawValue) blocks \(model.blocks), channels \(model.channels)"
      )
    case .vit:
      guard let model = ViT(shapes: shapes, heads: heads.first), let output = shapes["head.weight"],
        let patch = shapes["patch_embed.proj.weight"], let positions = shapes["pos_embed"]
      else {
        throw problem("timm's names: patch_embed.proj.weight, blocks.0.mlp.fc1.weight, head.weight")
      }
      let count = (positions.dropFirst().first ?? 0) - (model.readout == .token ? 1 : 0)
      let side = Int(Double(max(count, 1)).squareRoot().rounded()) * model.patchSide
      return (
        model, shape ?? [patch[1], side, side], output[0],
        words(model.blocks, "patches of \(model.patchSide)")
      )
    case .gpt2, .llama:
      var untold = try Self.configured(beside: file)
      untold.heads = heads.first ?? untold.heads
      untold.keyHeads = heads.dropFirst().first ?? untold.keyHeads
      if kind == .llama { untold.context = shape?[0] ?? 32 }
      guard let model = GPT(shapes: shapes, untold),
        (model.positions == .learned) == (kind == .gpt2)
      else {
        throw problem(
          kind == .gpt2
            ? "transformers' names of GPT-2: wte.weight, wpe.weight, h.0.mlp.c_fc.weight"
            : "transformers' names of Llama: model.embed_tokens.weight, model.layers.0.self_attn.q_proj.weight, …"
        )
      }
      return (
        model, [min(shape?[0] ?? 32, model.context)], model.vocabulary,
        words(model.blocks, "\(model.vocabulary) tokens")
      )
    }
  }

  private func words(_ blocks: TransformerBlocks, _ more: String) -> String {
    let keys = blocks.keyHeads == blocks.heads ? "" : " and \(blocks.keyHeads) of keys"
    return
      "\(blocks.layers) layers of \(blocks.features) features, \(blocks.heads) heads\(keys) of "
      + "\(blocks.headDimension), \(more)"
  }

  /// What transformers' `config.json` beside a file says; nothing without one.
  private static func configured(beside file: TensorFile) throws -> GPT.Untold {
    var untold = GPT.Untold()
    let isFolder = (try? file.url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    let folder = isFolder ? file.url : file.url.deletingLastPathComponent()
    let url = folder.appending(path: "config.json")
    guard let data = try? Data(contentsOf: url) else { return untold }
    guard let json = try? JSONText.decode(JSON.self, from: String(decoding: data, as: UTF8.self))
    else {
      throw UsageError("\(url.path): expected JSON, the configuration of transformers' model")
    }
    func number(_ keys: String...) -> Double? {
      keys.lazy.compactMap { try? json[$0]?.decoded(as: Double.self) }.first
    }
    untold.heads = number("num_attention_heads", "n_head").map { Int($0) }
    untold.keyHeads = number("num_key_value_heads").map { Int($0) }
    untold.epsilon = number("rms_norm_eps", "layer_norm_epsilon")
    let rotary = json["rope_parameters"] ?? json["rope_scaling"]
    untold.rotaryBase =
      number("rope_theta") ?? rotary?["rope_theta"].flatMap { try? $0.decoded(as: Double.self) }
    untold.isExactGELU =
      (try? json["activation_function"]?.decoded(as: String.self)) == "gelu"
    let activation = try? json["hidden_act"]?.decoded(as: String.self)
    guard activation ?? "silu" == "silu" || json["model_type"] == .string("gpt2") else {
      throw UsageError(
        "\(url.path): hidden_act: expected silu, found \(Excerpt.of(activation ?? "")); nap reads models with silu "
          + "alone"
      )
    }
    let kind = ["rope_type", "type"].lazy.compactMap {
      try? rotary?[$0]?.decoded(as: String.self)
    }.first
    guard kind == nil || kind == "default" else {
      throw UsageError(
        "\(url.path): rotary positions are scaled (\(Excerpt.of(kind ?? ""))); nap reads plain ones alone"
      )
    }
    return untold
  }

  /// A file's names without the prefix that they begin with.
  private func shapes(_ file: TensorFile, _ prefix: String) -> [String: [Int]] {
    Dictionary(
      file.modelNames.filter { $0.hasPrefix(prefix) }.compactMap { name in
        file[name].map { (String(name.dropFirst(prefix.count)), $0.shape) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The number of classes, or of tokens.
  func outputs(in file: TensorFile, prefix: String) throws -> Int {
    try model(file, shapes(file, prefix), shape: nil).outputs
  }

  /// Examples of random numbers of the shape that a file's model takes.
  func drawnInputs(for file: TensorFile, prefix: String) throws -> Tensor {
    let found = try model(file, shapes(file, prefix), shape: nil)
    let generator = Generator(seed: 0)
    return readsTokens
      ? (Tensor.uniform([4] + found.inputShape, generator: generator) * Double(found.outputs))
        .converted(to: .int64)
      : Tensor.normal([8] + found.inputShape, generator: generator)
  }

  /// The model with a file's weights.
  func match(
    _ file: TensorFile, prefix: String, shape: [Int]?
  ) throws -> NetworkDescription.Match {
    let shapes = shapes(file, prefix)
    let found = try model(file, shapes, shape: shape)
    do {
      let network = try found.model.build(
        inputShape: found.inputShape, outputs: found.outputs, generator: Generator(seed: 0),
        device: .cpu)
      let layout = try found.model.referenceLayout()
      try layout.load(
        Dictionary(
          uniqueKeysWithValues: try shapes.keys.map { ($0, try file.tensor(prefix + $0)) }),
        into: network)
      let hidden = Dictionary(
        uniqueKeysWithValues: network.namedParameters.map { ($0.name, $0.parameter.isHiddenMatrix) }
      )
      return NetworkDescription.Match(
        network: network,
        weights: layout.entries.flatMap { entry in
          let name =
            shapes[entry.reference] == nil
            ? String(entry.reference.dropFirst(layout.optionalPrefix.count)) : entry.reference
          return entry.own.filter { hidden[$0] == true }.map { ($0, prefix + name) }
        },
        lines: [
          "\(kind.rawValue): \(found.words), \(found.outputs) outputs, \(shapes.count) tensors"
        ]
      )
    } catch let error as ConfigurationError {
      throw UsageError("--network \(kind.rawValue): \(file.url.path): \(error)")
    } catch let error as LoadingError {
      throw UsageError("--network \(kind.rawValue): \(file.url.path): \(error)")
    }
  }
}
