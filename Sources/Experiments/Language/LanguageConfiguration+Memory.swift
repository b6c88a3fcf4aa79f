import Networks
import NormalizeAndProject
import RunStore
import Torch

extension LanguageConfiguration {
  /// What is in memory at the same time where a run takes the most, which is one of two moments: the audit of the first
  /// network, in float64, that effective learning rates are declared by, and an update.
  ///
  /// Weights, gradients, moments and copies are counted, and the larger tensors of a pass: inputs of the branches, of
  /// the widest branch what is inside (of every branch unless activations are recomputed), and logits. Inserted
  /// normalizations have few weights and are left out.
  func memoryNeeds() -> [ResourceError.Need] {
    let weights = Double(
      network.parameterCount(inputShape: [network.context], outputs: network.vocabulary))
    let bytes = Double(network.dtype.byteCount)
    let held = bytes * (1 + momentsPerWeight + (average.decay > 0 ? 1 : 0))
    // Parts of a batch are added up in lists of their own.
    let update = (held + bytes * (microBatches > 1 ? 3 : 1)) * weights
    let audit = (held + 2 * 8) * weights
    let rows = Double((batchSize + microBatches - 1) / microBatches)
    let batch = passBytes(
      rows: rows, bytes: bytes, recomputes: computation.recomputesActivations)
    let probes = passBytes(rows: 4, bytes: 8, recomputes: false)
    let isUpdate = update + batch > audit + probes
    return [
      ResourceError.weights(isUpdate ? update : audit, setting: "network.blocks.features"),
      ResourceError.batch(isUpdate ? batch : probes, setting: "batchSize"),
    ]
  }

  private var momentsPerWeight: Double {
    switch optimizer.rule {
    case .sgd(let settings): settings.momentum > 0 ? 1 : 0
    case .rmsprop(let settings): settings.momentum > 0 ? 2 : 1
    // Nearly all weights are hidden matrices, which have momentum alone.
    case .muon, .muonh: 1
    case .adam, .adamw, .adamh: 2
    }
  }

  /// Tensors of so many rows that a forward pass keeps for its backward one.
  private func passBytes(rows: Double, bytes: Double, recomputes: Bool) -> Double {
    let blocks = network.blocks
    let positions = rows * Double(network.context)
    let (features, wide) = (Double(blocks.features), Double(blocks.feedForward))
    // Normalized inputs, queries, keys and values twice, attention's output, its sum; and of a dense part four widths.
    let inside = 10 * features + (blocks.dense == .swiGLU ? 6 : 4) * wide
    let layers = Double(blocks.layers)
    let kept = recomputes ? layers * 2 * features + inside : layers * (2 * features + inside)
    // Logits, their logarithmic softmax and its gradient.
    return positions * bytes * (kept + 3 * Double(network.vocabulary))
  }
}

extension LanguageRecipe {
  /// What the process has already, and what ``LanguageConfiguration/memoryNeeds()`` counts.
  public static func memoryForecast(_ configuration: LanguageConfiguration) -> Double? {
    configuration.memoryNeeds().reduce(Double(ProcessUsage.peakMemoryBytes)) { $0 + $1.bytes }
  }
}
