import Networks
import Torch

/// A linear layer whose weight moves only in the directions that a loss over few examples curves along.
///
/// With inputs a_i and gradients δ_i of the outputs, the weight's gradient is Σ_i δ_i a_iᵀ. Along any
/// direction of all parameters it changes by
///
///     Σ_i δ̇_i a_iᵀ + δ_i ȧ_iᵀ
///
/// so that every product with the Hessian lies in the space of X Aᵀ + D Yᵀ, where A (I, N) and D (O, N)
/// are orthonormal bases of the inputs and the δ. Across that space the Hessian, which is symmetric, is
/// zero. With coordinates P (O, N) and Q (I, N) the layer is
///
///     y = a (W + P Aᵀ + D Qᵀ(1 − A Aᵀ))ᵀ + b   at P = Q = 0
///
/// an isometry onto the space, up to parts of Q that move nothing: the Hessian of P and Q has the
/// eigenvalues of W's but for zeros, exactly, with N (O + I) elements in place of O I. Inputs that do not
/// depend on parameters have ȧ = 0, and no Q is needed.
struct NarrowedLinear {
  /// What the layer gives apart from P and Q.
  private enum Source {
    /// Inputs that stay as they are: their outputs, and X A.
    case fixed(output_NO: Tensor, along_NN: Tensor)
    /// Inputs that move: A and D.
    case moving(inputBasis_IN: Tensor, outputBasis_ON: Tensor, q_IN: Tensor)
  }

  private let linear: Linear
  private let source: Source
  private let p_ON: Tensor

  /// P, and Q if there is one.
  var coordinates: [Tensor] {
    if case .moving(_, _, let q_IN) = source { [p_ON, q_IN] } else { [p_ON] }
  }

  /// The layer of a step over its first `count` examples; `nil` where that takes no fewer elements.
  ///
  /// - Parameters:
  ///   - delta: the gradient of each example's loss with respect to the output, zero if `nil`.
  ///   - isFirst: whether the inputs depend on no trainable parameter.
  init?(_ step: NetworkTrace.Step, delta: Tensor?, count: Int, isFirst: Bool) {
    guard let linear = step.layer as? Linear, linear.weight.isTrainable,
      step.input.dimensionCount == 2, linear.weight.value.shape[1] > count,
      isFirst || linear.weight.value.shape[0] > count
    else { return nil }
    self.linear = linear
    let shape = linear.weight.value.shape
    let (output, input) = (step.output.detached(), step.input.detached())
    p_ON = Self.zeros([shape[0], count], like: output)
    if isFirst {
      let exact_IN = input[0..<count].converted(to: .float64).transposed()
      source = .fixed(
        output_NO: output[0..<count],
        along_NN: exact_IN.orthogonalTriangular(mode: "r").r.transposed()
          .converted(to: output.dtype))
    } else {
      source = .moving(
        inputBasis_IN: Self.basis(of: input[0..<count]),
        outputBasis_ON: Self.basis(of: (delta ?? Tensor.zerosLike(output))[0..<count]),
        q_IN: Self.zeros([shape[1], count], like: output))
    }
  }

  /// (N, I) to (N, O).
  func callAsFunction(_ input_NI: Tensor) -> Tensor {
    switch source {
    case .fixed(var output_NO, let along_NN):
      if let bias = linear.bias, bias.isTrainable {
        output_NO = output_NO + (bias.value - bias.value.detached())
      }
      return output_NO + along_NN.linear(weight: p_ON)
    case .moving(let inputBasis_IN, let outputBasis_ON, let q_IN):
      let along_NN = input_NI.matrixProduct(inputBasis_IN)
      let across_NI = input_NI - along_NN.linear(weight: inputBasis_IN)
      return linear(input_NI, weight: linear.weight.value.detached())
        + along_NN.linear(weight: p_ON)
        + across_NI.matrixProduct(q_IN).linear(weight: outputBasis_ON)
    }
  }

  /// Orthonormal columns whose span holds the rows (N, F), N ≤ F, worked out in float64.
  private static func basis(of rows_NF: Tensor) -> Tensor {
    rows_NF.converted(to: .float64).transposed().orthogonalTriangular().q
      .converted(to: rows_NF.dtype)
  }

  private static func zeros(_ shape: [Int], like other: Tensor) -> Tensor {
    Tensor.zeros(shape, dtype: other.dtype, device: other.device).requiringGradient()
  }
}
