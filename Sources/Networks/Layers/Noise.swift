public import Torch

/// One draw of the noise of every noisy layer, in force for a scope.
///
/// A noisy layer asks the scope for its noise. Within one draw a layer has one noise, whatever the batch and
/// however often the network runs; another draw has another. Outside every scope there is none, and
/// noisy layers use their mean weights:
///
///     let values = Noise(from: generator).during { network(states) }      // drawn again
///     let outputs = network(states)                                         // mean weights
///
/// Numbers are drawn when a layer first asks, in the order in which layers ask. Source: Fortunato et al. 2018
/// (arXiv 1706.10295), section 3, factorised noise with `f(x) = sign(x) √|x|`, x a standard normal cut at ±2
/// as in DQN Zoo, drawn as its JAX does: `x = √2 erf⁻¹(u)`, u uniform in ±erf(√2). It is only ever touched by the task
/// that opened the scope.
public final class Noise: @unchecked Sendable {
  @TaskLocal static var current: Noise?

  private struct Drawn {
    let input_I: Tensor
    let output_O: Tensor
  }

  private let generator: Generator
  private var byLayer: [ObjectIdentifier: Drawn] = [:]

  /// A draw from a generator, whose state moves on as layers ask.
  public init(from generator: Generator) { self.generator = generator }

  /// The draw that belongs to a seed: for audits and other looks at a noisy network that must be the same
  /// each time.
  public static func frozen(seed: UInt64) -> Noise { Noise(from: Generator(seed: seed)) }

  /// Runs `body` with this noise in every noisy layer.
  public func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$current.withValue(self, operation: body)
  }

  /// Runs `body` without noise, also inside another scope.
  public static func absent<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(nil, operation: body)
  }

  /// f(x) for each input and each output of the layer that has this weight (O, I).
  func factors(of weight: Parameter) -> (input_I: Tensor, output_O: Tensor) {
    let value = weight.value
    let found = byLayer[ObjectIdentifier(weight)] ?? draw(for: weight)
    guard value.dtype != .float32 else { return (found.input_I, found.output_O) }
    return (found.input_I.converted(to: value.dtype), found.output_O.converted(to: value.dtype))
  }

  private func draw(for weight: Parameter) -> Drawn {
    let (outputs, inputs) = (weight.value.shape[0], weight.value.shape[1])
    let all = Tensor.noiseFactors(count: inputs + outputs, generator: generator)
      .moved(to: weight.value.device)
    let new = Drawn(
      input_I: all.narrowed(axis: 0, from: 0, length: inputs),
      output_O: all.narrowed(axis: 0, from: inputs, length: outputs))
    byLayer[ObjectIdentifier(weight)] = new
    return new
  }
}
