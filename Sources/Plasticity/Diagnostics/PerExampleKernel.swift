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

  /// (B, B) in float64: inner products over the layer's trainable parameters.
  ///
  /// - Parameter delta: the gradient of the output, of its shape.
  func gram(_ delta: Tensor) -> Tensor {
    switch form {
    case .linear(let inputGram_BB, let weight, let bias):
      let delta_BB = Self.gram(rows: delta)
      let factor = (weight ? inputGram_BB : Tensor.zerosLike(inputGram_BB)) + (bias ? 1 : 0)
      return delta_BB * factor
    case .convolution(let convolution, let patches_BPL, let bias):
      let delta_BOL = delta.flattened(from: 2)
      var total: Tensor?
      if let patches_BPL {
        let groups = convolution.groups
        for (delta, patches) in zip(
          delta_BOL.chunked(into: groups, axis: 1), patches_BPL.chunked(into: groups, axis: 1))
        {
          let part = Self.gram(rows: delta.batchedMatrixProduct(patches.transposed(1, 2)))
          total = total.map { $0 + part } ?? part
        }
      }
      if bias {
        let part = Self.gram(rows: delta_BOL.sum(axes: [2]))
        total = total.map { $0 + part } ?? part
      }
      return total ?? Self.zeros(delta)
    case .normalization(let normal, let keptAxes, let scale, let offset):
      var total = Self.zeros(delta)
      if scale { total = total + Self.gram(rows: Self.reduced(delta * normal, keptAxes)) }
      if offset { total = total + Self.gram(rows: Self.reduced(delta, keptAxes)) }
      return total
    }
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

  /// Sums each example's values over the axes that a parameter is shared along.
  private static func reduced(_ values: Tensor, _ keptAxes: Int?) -> Tensor {
    let count = values.dimensionCount
    let shared = keptAxes.map { Array(1..<max(1, count - $0)) } ?? Array(2..<max(2, count))
    return shared.isEmpty ? values : values.sum(axes: shared)
  }
}
