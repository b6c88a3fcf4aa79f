public import Networks
public import Torch

/// The size of the network's Jacobian with respect to its parameters.
///
///     J = √( mean_i ‖∂f(x_i)/∂θ‖²_F )
///
/// over probe inputs x_i, f the outputs (logits), ‖·‖_F over all outputs and all trainable
/// parameters. Unit: output units per parameter unit.
///
/// Exact when every trainable parameter belongs to a `Linear`, a `Convolution2D` or a normalization of
/// the sequence: the outputs taken back together give each layer's per-example δ, from which the
/// squared norms of the per-example gradients follow (`OutputKernel`, `OutputBackward`).
/// Otherwise Hutchinson's estimate with a stated number of draws: for random signs v,
/// E‖∂⟨v, f⟩/∂θ‖² = Σ_i ‖∂f(x_i)/∂θ‖².
///
/// Cost: one backward pass over K probes in place of each, for K outputs (exact), or one per draw.
/// Source: METHOD section 4 (64 probes; exact for small networks).
public enum JacobianNorm {
  /// How a value was obtained.
  public enum Method: Sendable, Equatable {
    /// Every gradient was taken.
    case exact
    /// The mean over so many random sign vectors.
    case hutchinson(draws: Int)
  }

  /// The norm over `probes` (N, …), exact where the structure allows it.
  ///
  /// - Parameters:
  ///   - network: not changed.
  ///   - probes: at least one input.
  ///   - draws: for the estimate, when the exact way does not apply.
  ///   - generator: draws the signs of the estimate.
  public static func measure(
    _ network: Sequential, probes: Tensor, draws: Int = 16, generator: Generator
  ) -> (value: Double, method: Method) {
    if let value = exact(network, probes: probes) { return (value, .exact) }
    return (
      estimate(network, probes: probes, draws: draws, generator: generator),
      .hutchinson(draws: draws)
    )
  }

  /// The exact norm, or `nil` when a trainable parameter lies outside those layers, belongs to two of
  /// them, or is not finite.
  public static func exact(_ network: Sequential, probes: Tensor) -> Double? {
    let subject = DiagnosticSubject(
      network: network, probes: probes, generator: Generator(seed: 0))
    subject.wantsInputGradients = false
    guard subject.perExampleLayers != nil, case .success(let kernel) = subject.outputKernel
    else { return nil }
    let total = kernel.gram_NN.diagonal().doubles.reduce(0, +)
    return (total / Double(probes.shape[0])).squareRoot()
  }

  /// Hutchinson's estimate from `draws` random sign vectors; works for any layer.
  public static func estimate(
    _ network: any Layer, probes: Tensor, draws: Int, generator: Generator
  ) -> Double {
    let parameters = network.trainableParameters.map(\.parameter.value)
    var total = 0.0
    for _ in 0..<draws {
      let output = withGradients { network(probes) }
      let signs =
        Tensor.integers(from: 0, to: 2, output.shape, generator: generator)
        .converted(to: output.dtype).moved(to: output.device) * 2 - 1
      let products = gradients(of: [output], seeds: [signs], withRespectTo: parameters)
      withoutGradients {
        for case let gradient? in products {
          total += gradient.vectorNorm(dtype: .float64).squared().item
        }
      }
    }
    return (total / Double(draws * probes.shape[0])).squareRoot()
  }
}
