public import Networks
public import Torch

/// The size of the network's Jacobian with respect to its parameters.
///
///     J = √( mean_i ‖∂f(x_i)/∂θ‖²_F )
///
/// over probe inputs x_i, f the outputs (logits), ‖·‖_F over all outputs and all trainable
/// parameters. Unit: output units per parameter unit.
///
/// Exact when every trainable parameter belongs to a `Linear` or `Convolution2D` of a sequence:
/// one backward pass an output gives each layer's per-example δ, and the per-example gradient is
/// δ·aᵀ (Linear, whose squared norm is ‖δ‖²·‖a‖²) or δ against the unfolded input (convolution).
/// Otherwise Hutchinson's estimate with a stated number of draws: for random signs v,
/// E‖∂⟨v, f⟩/∂θ‖² = Σ_i ‖∂f(x_i)/∂θ‖².
///
/// Cost: K backward passes over the probes for K outputs (exact), or one a draw.
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

  /// The exact norm, or `nil` when a trainable parameter lies outside linear and convolution layers.
  public static func exact(_ network: Sequential, probes: Tensor) -> Double? {
    let covered = network.elements.reduce(0) { count, element in
      (element.layer as? any WeightedLayer).map { count + $0.trainableParameters.count } ?? count
    }
    guard covered == network.trainableParameters.count else { return nil }
    let traces = traced(network, probes)
    guard let output = traces.last?.output, output.dimensionCount == 2 else { return nil }
    let weighted = traces.filter { $0.layer is any WeightedLayer }
    guard weighted.allSatisfy({ $0.layer is Linear || $0.layer is Convolution2D }) else {
      return nil
    }
    var total = 0.0
    for unit in 0..<output.shape[1] {
      let sum = output.sliced(axis: 1, from: unit, to: unit + 1).sum()
      let deltas = gradients(
        of: sum, withRespectTo: weighted.map(\.output), retainGraph: true)
      withoutGradients {
        for (trace, delta) in zip(weighted, deltas) {
          total += squaredGradientNorm(trace.layer, input: trace.input.detached(), delta: delta)
        }
      }
    }
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

  private struct Trace {
    var layer: any Layer
    var input: Tensor
    var output: Tensor
  }

  private static func traced(_ network: Sequential, _ probes: Tensor) -> [Trace] {
    withGradients {
      FusedKernels.disabled {
        var value = probes
        return network.elements.map { element in
          let input = value
          value = element.layer(input)
          return Trace(layer: element.layer, input: input, output: value)
        }
      }
    }
  }

  /// Σ_i ‖∂/∂(W, b)‖² of one layer from its input and the gradient of its output.
  private static func squaredGradientNorm(
    _ layer: any Layer, input: Tensor, delta: Tensor
  ) -> Double {
    if let linear = layer as? Linear {
      let delta2_B = delta.squared().sum(axes: [1], dtype: .float64)
      let input2_B = input.squared().sum(axes: [1], dtype: .float64)
      let weight = linear.weight.isTrainable ? (delta2_B * input2_B).sum().item : 0
      let bias = linear.bias?.isTrainable == true ? delta2_B.sum().item : 0
      return weight + bias
    }
    guard let convolution = layer as? Convolution2D else { return 0 }
    // patches (B, C·h·w, L) and delta (B, O, L): the gradient of example b is delta_b · patches_bᵀ.
    let kernel = convolution.weight.value.shape
    let delta_BOL = delta.flattened(from: 2)
    var total = 0.0
    if convolution.weight.isTrainable {
      let patches_BPL = input.unfolded(
        kernel: [kernel[2], kernel[3]], dilation: [1, 1],
        padding: [convolution.padding.height, convolution.padding.width],
        stride: [convolution.stride.height, convolution.stride.width])
      let groups = input.shape[1] / kernel[1]
      let deltas = delta_BOL.chunked(into: groups, axis: 1)
      let patches = patches_BPL.chunked(into: groups, axis: 1)
      for (delta, patch) in zip(deltas, patches) {
        let gradient = delta.batchedMatrixProduct(patch.transposed(1, 2))
        total += gradient.squared().sum(dtype: .float64).item
      }
    }
    if convolution.bias?.isTrainable == true {
      total += delta_BOL.sum(axes: [2]).squared().sum(dtype: .float64).item
    }
    return total
  }
}
