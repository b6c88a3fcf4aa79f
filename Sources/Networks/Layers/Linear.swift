public import Torch

/// `y = x Wᵀ + b`.
///
/// Input (…, I) to output (…, O); the weight is (O, I), as in PyTorch.
public struct Linear: WeightedLayer {
  /// (O, I).
  public let weight: Parameter
  /// (O).
  public let bias: Parameter?
  public var outputFeatureAxis: Int { -1 }

  /// A layer with new parameters.
  ///
  /// - Parameters:
  ///   - inputFeatures: I.
  ///   - outputFeatures: O.
  ///   - hasBias: whether a bias is added.
  ///   - isOutput: whether the result is the network's, not normalized afterwards; the weight's role
  ///     is then ``ParameterRole/output``.
  ///   - initializer: draws the weight, and the bias by ``Initializer/bias(count:fanIn:generator:dtype:device:)``.
  ///   - generator: where the draws come from, in the order weight, bias. Two layers need two
  ///     generators, or one whose state has moved on.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    inputFeatures: Int, outputFeatures: Int, hasBias: Bool = true, isOutput: Bool = false,
    initializer: Initializer = .uniformFanIn, generator: Generator, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    let drawn = initializer.tensor(
      [outputFeatures, inputFeatures], generator: generator, dtype: dtype, device: device)
    weight = Parameter(drawn, role: isOutput ? .output : .weight(fanIn: inputFeatures))
    bias =
      hasBias
      ? Parameter(
        initializer.bias(
          count: outputFeatures, fanIn: inputFeatures, generator: generator, dtype: dtype,
          device: device), role: .bias) : nil
  }

  /// A layer of given parameters: weight (O, I), bias (O).
  public init(weight: Parameter, bias: Parameter?) {
    self.weight = weight
    self.bias = bias
  }

  public func droppingBias() -> Linear { Linear(weight: weight, bias: nil) }

  public func replacing(weight: Parameter, bias: Parameter?) -> Linear {
    Linear(weight: weight, bias: bias)
  }

  /// Input (…, I) to output (…, O).
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, weight: weight.value) }

  /// Input (…, I) to output (…, O), by another weight (O, I).
  public func callAsFunction(_ input: Tensor, weight: Tensor) -> Tensor {
    input.linear(weight: weight, bias: bias?.value)
  }
}
