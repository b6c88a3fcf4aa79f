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
      if let layers = PerExampleLayers(subject.trace) {
        return .success(shared(subject, layers, output))
      }
      return .success(try oneByOne(subject, output))
    } catch { return .failure(error) }
  }

  private static func shared(
    _ subject: DiagnosticSubject, _ layers: PerExampleLayers, _ output: Tensor
  ) -> OutputKernel {
    let (wantsInputs, count) = (subject.wantsInputs, output.shape[1])
    var gram = Tensor.zeros(
      [output.shape[0], output.shape[0]], dtype: .float64, device: output.device)
    var squares = 0.0
    for unit in 0..<count {
      let sum = withGradients { output.sliced(axis: 1, from: unit, to: unit + 1).sum() }
      let seed = withoutGradients { Tensor.onesLike(sum.detached()) }
      var targets = layers.outputs
      if wantsInputs { targets.append(subject.inputs) }
      let found = gradients(
        of: [sum], seeds: [seed], withRespectTo: targets, retainGraph: true)
      withoutGradients {
        if let part = layers.gram(found) { gram = gram + part }
        if wantsInputs, case let inputs?? = found.last {
          squares += inputs.vectorNorm(dtype: .float64).squared().item
        }
      }
    }
    return OutputKernel(
      gram_NN: gram, squaredInputJacobian: wantsInputs ? squares : nil, outputCount: count)
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

/// The layers of a trace that hold trainable parameters, each with its kernel.
struct PerExampleLayers {
  private let kernels: [PerExampleKernel]
  /// The layers' outputs, in the order of the gradients that ``gram(_:)`` takes.
  let outputs: [Tensor]

  /// `nil` when a layer's gradients do not come apart, or a parameter belongs to two layers.
  init?(_ trace: NetworkTrace) {
    var kernels: [PerExampleKernel] = []
    var outputs: [Tensor] = []
    var seen: Set<ObjectIdentifier> = []
    for step in trace.steps {
      let trainable = step.layer.parameters.filter(\.isTrainable)
      guard !trainable.isEmpty else { continue }
      for parameter in trainable where !seen.insert(ObjectIdentifier(parameter)).inserted {
        return nil
      }
      guard let kernel = withoutGradients({ PerExampleKernel(step) }) else { return nil }
      kernels.append(kernel)
      outputs.append(step.output)
    }
    self.kernels = kernels
    self.outputs = outputs
  }

  /// Inner products over all layers from the gradients of their outputs; `nil` without any.
  func gram(_ deltas: [Tensor?]) -> Tensor? {
    var total: Tensor?
    for (kernel, delta) in zip(kernels, deltas) {
      guard let delta else { continue }
      let part = kernel.gram(delta)
      total = total.map { $0 + part } ?? part
    }
    return total
  }
}

/// The general way: a backward pass an example.
struct PerExampleRows {
  private let subject: DiagnosticSubject
  private let values: [Tensor]

  init(_ subject: DiagnosticSubject, outputCount: Int) throws(UndefinedReason) {
    self.subject = subject
    values = subject.parameters.map(\.parameter.value)
    let size = subject.parameters.reduce(0) { $0 + $1.parameter.value.elementCount }
    let count = subject.probes.shape[0]
    guard count * size <= OutputKernel.elementLimit else {
      throw .tooLarge(
        "\(count) gradients of \(size) parameters, whose layers do not come apart by example")
    }
  }

  /// Inner products of `scalar`'s gradients, and the squares of those of the inputs.
  func gram(wantsInputs: Bool, _ scalar: (Tensor) -> Tensor) -> (gram: Tensor, squares: Double) {
    gram(wantsInputs: wantsInputs) { output, _ in scalar(output) }
  }

  /// As above; `scalar` is told which example.
  func gram(
    wantsInputs: Bool, _ scalar: (Tensor, Int) -> Tensor
  ) -> (gram: Tensor, squares: Double) {
    var squares = 0.0
    let rows = (0..<subject.probes.shape[0]).map { example -> Tensor in
      let input = subject.inputs.detached()[example..<example + 1]
      let leaf = wantsInputs ? input.requiringGradient() : input
      let output = withGradients {
        scalar(FusedKernels.disabled { subject.network(leaf) }, example)
      }
      let seed = withoutGradients { Tensor.onesLike(output.detached()) }
      let found = gradients(
        of: [output], seeds: [seed], withRespectTo: values + (wantsInputs ? [leaf] : []))
      return withoutGradients {
        if wantsInputs, case let inputs?? = found.last {
          squares += inputs.vectorNorm(dtype: .float64).squared().item
        }
        return Tensor.concatenated(
          zip(found, values).map { gradient, value in
            (gradient ?? Tensor.zerosLike(value.detached())).reshaped(to: [-1])
              .converted(to: .float64)
          })
      }
    }
    let matrix_NP = withoutGradients { Tensor.stacked(rows) }
    return (withoutGradients { matrix_NP.matrixProduct(matrix_NP.transposed()) }, squares)
  }
}
