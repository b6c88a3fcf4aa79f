public import Torch

/// `y = W x + b + f(ε_O) (S (f(ε_I) x) + s)`: a linear layer whose weights have a learned deviation.
///
/// Input (…, I) to output (…, O). W and S are (O, I), b and s (O), each bias optional. ε comes from the scope's
/// ``Noise``, shared by the whole batch; without a scope the second part is absent, which leaves the mean. The sum
/// equals a linear layer of W + S ∘ (f(ε_O) f(ε_I)ᵀ). The input is multiplied by that matrix, which one kernel makes
/// piece by piece (``FusedKernels``). Without the kernel few rows take the second product, which then costs less. All
/// agree but for rounding.
///
/// W and S share one ``ScaleGroup``, and so do the biases: scaling all of them together scales what a
/// normalization then undoes, which is the layer's symmetry. A hidden S has the role ``ParameterRole/noise``; an
/// output layer's W and S both have ``ParameterRole/output``, so that neither is ever projected.
///
/// Source: Fortunato et al. 2018, section 3.1 (factorised); the first values are DQN Zoo's, W, b uniform in ±1/√I
/// and S, s constant 0.1/√I (the paper has 0.5/√I).
public struct NoisyLinear: WeightedLayer {
  /// W (O, I), the mean.
  public let weight: Parameter
  /// S (O, I), the deviation.
  public let deviation: Parameter
  /// b (O), the mean bias.
  public let bias: Parameter?
  /// s (O), the deviation of the bias.
  public let deviationBias: Parameter?
  public var outputFeatureAxis: Int { -1 }

  /// W, S, b, s.
  public var parts: [Part] {
    [.parameter("weight", weight), .parameter("deviation", deviation)]
      + Part.optional("bias", bias) + Part.optional("deviation_bias", deviationBias)
  }

  /// A layer with new parameters.
  ///
  /// - Parameters:
  ///   - inputFeatures: I.
  ///   - outputFeatures: O.
  ///   - hasBias: whether the mean has a bias; DQN Zoo's hidden layers have one, its output layers not.
  ///   - hasDeviationBias: whether the deviation has one; all of DQN Zoo's do.
  ///   - isOutput: whether the result is the network's, not normalized afterwards.
  ///   - deviation: first value of S and s, times 1/√I.
  ///   - generator: draws W, then b.
  ///   - dtype: the parameters' element type.
  ///   - device: where the parameters live.
  public init(
    inputFeatures: Int, outputFeatures: Int, hasBias: Bool = true, hasDeviationBias: Bool = true,
    isOutput: Bool = false, deviation: Double = 0.1, generator: Generator, dtype: DType = .float32,
    device: Device = .cpu
  ) {
    let group = ScaleGroup()
    let shape = [outputFeatures, inputFeatures]
    let size = deviation / Double(inputFeatures).squareRoot()
    func constant(_ shape: [Int]) -> Tensor {
      Tensor.full(shape, value: .real(size), dtype: dtype, device: device)
    }
    let mean = Initializer.uniformFanIn.tensor(
      shape, generator: generator, dtype: dtype, device: device)
    weight = Parameter(
      mean, role: isOutput ? .output : .weight(fanIn: inputFeatures), group: group)
    self.deviation = Parameter(constant(shape), role: isOutput ? .output : .noise, group: group)
    bias =
      hasBias
      ? Parameter(
        Initializer.uniformFanIn.bias(
          count: outputFeatures, fanIn: inputFeatures, generator: generator, dtype: dtype,
          device: device), role: .bias, group: group) : nil
    deviationBias =
      hasDeviationBias
      ? Parameter(constant([outputFeatures]), role: .bias, group: group) : nil
  }

  /// A layer of given parameters.
  public init(
    weight: Parameter, deviation: Parameter, bias: Parameter?, deviationBias: Parameter?
  ) {
    self.weight = weight
    self.deviation = deviation
    self.bias = bias
    self.deviationBias = deviationBias
  }

  /// The same layer, sharing W and S, without either bias.
  public func droppingBias() -> NoisyLinear {
    NoisyLinear(weight: weight, deviation: deviation, bias: nil, deviationBias: nil)
  }

  /// The same layer around another mean. The deviation stays where shapes agree; otherwise it is made
  /// again, constant at the root mean square of its present values.
  public func replacing(weight: Parameter, bias: Parameter?) -> NoisyLinear {
    let shape = weight.value.shape
    guard shape != deviation.value.shape else {
      return NoisyLinear(
        weight: weight, deviation: deviation, bias: bias, deviationBias: deviationBias)
    }
    let old = deviation.value
    let size = deviation.norm / Double(old.elementCount).squareRoot()
    func constant(_ shape: [Int], _ role: ParameterRole) -> Parameter {
      Parameter(
        Tensor.full(shape, value: .real(size), dtype: old.dtype, device: old.device), role: role,
        group: weight.group)
    }
    return NoisyLinear(
      weight: weight, deviation: constant(shape, deviation.role), bias: bias,
      deviationBias: deviationBias.map { constant([shape[0]], $0.role) })
  }

  /// The same layer with new parameters; the deviation begins again at the share of 1/√I that its
  /// present root mean square is.
  public func redrawn(_ name: String, from source: ParameterSource) -> NoisyLinear {
    let (outputs, inputs) = (weight.value.shape[0], weight.value.shape[1])
    let size = deviation.norm / Double(outputs).squareRoot()
    return NoisyLinear(
      inputFeatures: inputs, outputFeatures: outputs, hasBias: bias != nil,
      hasDeviationBias: deviationBias != nil, isOutput: isOutput, deviation: size,
      generator: source.generator.split(name), dtype: weight.value.dtype, device: source.device)
  }

  /// Input (…, I) to output (…, O), with the scope's noise.
  public func callAsFunction(_ input: Tensor) -> Tensor { self(input, weight: weight.value) }

  /// Input (…, I) to output (…, O), by another mean (O, I).
  public func callAsFunction(_ input: Tensor, weight mean: Tensor) -> Tensor {
    guard let noise = Noise.current else { return input.linear(weight: mean, bias: bias?.value) }
    let (input_I, output_O) = noise.factors(of: weight)
    return input.noisyLinear(
      weight: mean, deviation: deviation.value, inputFactors: input_I, outputFactors: output_O,
      bias: bias(output_O), isFused: FusedKernels.areEnabled)
  }

  /// b + f(ε_O) s, as far as there are biases.
  private func bias(_ output_O: Tensor) -> Tensor? {
    guard let deviationBias else { return bias?.value }
    guard let bias else { return deviationBias.value * output_O }
    return bias.value.addingProduct(deviationBias.value, output_O)
  }
}
