import Networks
import Torch

/// Norms of the gradient of the mean loss over the probes with respect to weights, and its inner
/// products with them, in float64.
///
/// From the gradient δ_i of the loss of example i with respect to what a layer gives, where layers come
/// apart by example. A linear layer's gradient is not formed: with its input a_i and z_i = W a_i,
///
///     ‖G‖² = (1/N²) Σ_ij (δ_i · δ_j)(a_i · a_j),   ⟨G, W⟩ = (1/N) Σ_i δ_i · z_i
struct WeightGradients {
  /// ‖G‖ and ⟨G, W⟩.
  typealias Lengths = (norm: Double, product: Double)

  /// One a weight.
  let lengths: [Lengths]

  /// Of weights among the trainable parameters.
  ///
  /// - Throws: the reason why there is no loss.
  init(_ subject: DiagnosticSubject, _ weights: [Parameter]) throws(UndefinedReason) {
    guard let layers = subject.perExampleLayers else {
      let losses_N = try subject.probeLosses()
      let seed_N = withoutGradients {
        Tensor.onesLike(losses_N.detached()) / Double(losses_N.shape[0])
      }
      lengths = Self.lengths(of: losses_N, seed_N, weights)
      return
    }
    let deltas = try subject.lossDeltas.get()
    lengths = weights.map { weight in
      let place = layers.places.first { place in
        layers.steps[place].layer.parameters.contains { $0 === weight }
      }
      guard let place, let delta = deltas[place] else { return (0, 0) }
      return Self.lengths(
        of: layers.steps[place], layers.kernels[place], delta, weight, count: delta.shape[0])
    }
  }

  private static func lengths(
    of step: NetworkTrace.Step, _ kernel: PerExampleKernel?, _ delta: Tensor, _ weight: Parameter,
    count: Int
  ) -> Lengths {
    guard let linear = step.layer as? Linear, linear.weight === weight,
      let gram_NN = withoutGradients({ kernel?.weightGram(delta) })
    else {
      let seed = withoutGradients { delta / Double(count) }
      return lengths(of: step.output, seed, [weight])[0]
    }
    return withoutGradients {
      var output_NO = step.output.detached()
      if let bias = linear.bias { output_NO = output_NO - bias.value.detached() }
      let product = (delta.converted(to: .float64) * output_NO).sum().item
      return (
        max(gram_NN.sum().item, 0).squareRoot() / Double(count), product / Double(count)
      )
    }
  }

  private static func lengths(of output: Tensor, _ seed: Tensor, _ weights: [Parameter])
    -> [Lengths]
  {
    let found = gradients(
      of: [output], seeds: [seed], withRespectTo: weights.map(\.value), retainGraph: true)
    return zip(found, weights).map { gradient, weight in
      guard let gradient else { return (0, 0) }
      return withoutGradients {
        (Norms([gradient]).total, (gradient * weight.value.detached()).sum(dtype: .float64).item)
      }
    }
  }
}
