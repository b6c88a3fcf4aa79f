import Networks
import Torch

/// Inner products between the gradients of single examples, for one layer, without forming them where
/// they factor.
///
/// The gradient of example i with respect to a linear layer's weight is δ_i a_iᵀ, so that
///
///     ⟨δ_i a_iᵀ, δ_j a_jᵀ⟩ = (δ_i · δ_j)(a_i · a_j)
///
/// with the layer's input a and the gradient δ of its output. For a convolution the gradients are formed
/// from unfolded inputs, for a normalization from its output before gain and shift.
struct PerExampleKernel {
  private enum Form {
    /// a aᵀ, (B, B).
    case linear(inputGram_BB: Tensor, weight: Bool, bias: Bool)
    case convolution(Convolution2D, patches_BPL: Tensor?, bias: Bool)
    case normalization(normal: Tensor, keptAxes: Int?, scale: Bool, offset: Bool)
  }

  private let form: Form

  /// What a layer's step gives; `nil` when the layer's gradients do not come apart by example here.
  init?(_ step: NetworkTrace.Step) {
    let input = step.input.detached()
    if let linear = step.layer as? Linear, step.output.dimensionCount == 2 {
      let exact_BI = input.converted(to: .float64)
      form = .linear(
        inputGram_BB: exact_BI.matrixProduct(exact_BI.transposed()),
        weight: linear.weight.isTrainable, bias: linear.bias?.isTrainable == true)
    } else if let convolution = step.layer as? Convolution2D {
      let kernel = convolution.weight.value.shape
      form = .convolution(
        convolution,
        patches_BPL: convolution.weight.isTrainable
          ? input.unfolded(
            kernel: [kernel[2], kernel[3]], dilation: [1, 1],
            padding: [convolution.padding.height, convolution.padding.width],
            stride: [convolution.stride.height, convolution.stride.width]) : nil,
        bias: convolution.bias?.isTrainable == true)
    } else if let norm = step.layer as? any FeatureNormalization,
      let normal = Self.normalized(norm, input)
    {
      form = .normalization(
        normal: normal, keptAxes: Self.keptAxes(norm),
        scale: norm.scale?.isTrainable == true, offset: norm.offset?.isTrainable == true)
    } else {
      return nil
    }
  }

  /// (B, B) in float64: inner products over the layer's trainable parameters, summed over outputs.
  ///
  /// - Parameter delta_BK: the gradients of K outputs with respect to the layer's output, (B, K, …).
  func gram(_ delta_BK: Tensor) -> Tensor {
    switch form {
    case .linear(let inputGram_BB, let weight, let bias):
      let factor = (weight ? inputGram_BB : Tensor.zerosLike(inputGram_BB)) + (bias ? 1 : 0)
      return Self.gram(rows: delta_BK) * factor
    case .convolution(let convolution, let patches_BPL, let bias):
      let delta_BKOL = delta_BK.flattened(from: 3)
      var total = Self.zeros(delta_BK)
      if let patches_BPL {
        let groups = convolution.groups
        for (delta_BKOL, patches_BPL) in zip(
          delta_BKOL.chunked(into: groups, axis: 2), patches_BPL.chunked(into: groups, axis: 1))
        {
          let delta_BRL = delta_BKOL.flattened(from: 1, through: 2)
          total =
            total + Self.gram(rows: delta_BRL.batchedMatrixProduct(patches_BPL.transposed(1, 2)))
        }
      }
      if bias { total = total + Self.gram(rows: delta_BKOL.sum(axes: [3])) }
      return total
    case .normalization(let normal, let keptAxes, let scale, let offset):
      var total = Self.zeros(delta_BK)
      if scale {
        total =
          total + Self.gram(rows: Self.reduced(delta_BK * normal.unsqueezed(axis: 1), keptAxes))
      }
      if offset { total = total + Self.gram(rows: Self.reduced(delta_BK, keptAxes)) }
      return total
    }
  }

  /// (B, B) in float64: inner products of the weight's gradients alone from δ (B, O), where the layer is
  /// linear.
  func weightGram(_ delta_BO: Tensor) -> Tensor? {
    guard case .linear(let inputGram_BB, _, _) = form else { return nil }
    return Self.gram(rows: delta_BO) * inputGram_BB
  }

  private static func zeros(_ delta: Tensor) -> Tensor {
    Tensor.zeros([delta.shape[0], delta.shape[0]], dtype: .float64, device: delta.device)
  }

  private static func gram(rows: Tensor) -> Tensor {
    let exact_BP = rows.flattened(from: 1).converted(to: .float64)
    return exact_BP.matrixProduct(exact_BP.transposed())
  }

  /// The normalization's result before gain and shift.
  private static func normalized(_ norm: any FeatureNormalization, _ input: Tensor) -> Tensor? {
    switch norm.kind {
    case .layer: LayerNorm(axes: norm.axes, epsilon: norm.epsilon)(input)
    case .rms: RMSNorm(axes: norm.axes, epsilon: norm.epsilon)(input)
    }
  }

  /// The axes at the end that a parameter has elements for; `nil` for a parameter a channel.
  private static func keptAxes(_ norm: any FeatureNormalization) -> Int? {
    if case .perElement(let shape) = norm.affine, norm.axes != .channels { return shape.count }
    if case .last(1) = norm.axes { return 1 }
    return nil
  }

  /// Sums the values (B, K, …) of an example and output over the axes that a parameter is shared along.
  private static func reduced(_ values: Tensor, _ keptAxes: Int?) -> Tensor {
    let count = values.dimensionCount
    let shared = keptAxes.map { Array(2..<max(2, count - $0)) } ?? Array(3..<max(3, count))
    return shared.isEmpty ? values : values.sum(axes: shared)
  }
}
