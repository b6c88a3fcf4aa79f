import Networks
import Torch

/// Inner products of the outputs' gradients over pairs of examples, summed over the outputs:
///
///     G_ij = Σ_k ⟨∂f_k(x_i)/∂θ, ∂f_k(x_j)/∂θ⟩
///
/// Its trace is the squared Jacobian norm summed over the examples, and G / K the tangent kernel.
struct OutputKernel {
  /// (N, N) in float64.
  let gram_NN: Tensor
  /// Σ_i ‖∂f(x_i)/∂x‖²_F; `nil` when it was not asked for.
  let squaredInputJacobian: Double?
  /// K.
  let outputCount: Int

  /// Elements of the gradients of one output that the general way may hold at once.
  static let elementLimit = 1 << 26

  /// Over a subject's probes, each layer's share by ``PerExampleKernel``; where a layer has none, or
  /// two share a parameter, every example's gradient is taken by itself.
  static func measured(_ subject: DiagnosticSubject) -> Result<OutputKernel, UndefinedReason> {
    do throws(UndefinedReason) {
      try subject.require(examples: 1)
      guard let output = subject.trace.output else { throw .noLayer("layer") }
      guard output.dimensionCount == 2 else { throw .noLayer("output of one vector an example") }
      if let layers = subject.perExampleLayers {
        return .success(withoutGradients { factored(subject, layers, output) })
      }
      return .success(try oneByOne(subject, output))
    } catch { return .failure(error) }
  }

  private static func factored(
    _ subject: DiagnosticSubject, _ layers: PerExampleLayers, _ output: Tensor
  ) -> OutputKernel {
    let backward = OutputBackward(
      subject.trace, of: subject.inputs, through: subject.wantsInputs ? nil : layers.places.first)
    var gram = Tensor.zeros(
      [output.shape[0], output.shape[0]], dtype: .float64, device: output.device)
    var squares = 0.0
    let isNeeded = subject.wantsInputs || !layers.places.isEmpty
    for units in isNeeded ? backward.portions : [] {
      let input = backward(units) { place, delta_BK in
        if let part = layers.gram(delta_BK, at: place) { gram = gram + part }
      }
      if let input { squares += input.vectorNorm(dtype: .float64).squared().item }
    }
    return OutputKernel(
      gram_NN: gram, squaredInputJacobian: subject.wantsInputs ? squares : nil,
      outputCount: output.shape[1])
  }

  private static func oneByOne(
    _ subject: DiagnosticSubject, _ output: Tensor
  ) throws(UndefinedReason) -> OutputKernel {
    let rows = try PerExampleRows(subject, outputCount: output.shape[1])
    var gram = Tensor.zeros(
      [output.shape[0], output.shape[0]], dtype: .float64, device: output.device)
    var squares = 0.0
    for unit in 0..<output.shape[1] {
      let (part, inputs) = rows.gram(wantsInputs: subject.wantsInputs) { output in
        output.sliced(axis: 1, from: unit, to: unit + 1).sum()
      }
      gram = gram + part
      squares += inputs
    }
    return OutputKernel(
      gram_NN: gram, squaredInputJacobian: subject.wantsInputs ? squares : nil,
      outputCount: output.shape[1])
  }
}

extension DiagnosticSubject {
  /// Whether gradients of the inputs are asked for and can be had.
  var wantsInputs: Bool { wantsInputGradients && inputs.dtype.isFloatingPoint }
}
