import Networks
import Torch

/// The gradients of a network's outputs with respect to what its layers give, for every example and
/// many outputs at once:
///
///     δ_l[i, k] = ∂f_k(x_i) / ∂(what layer l gives for x_i),   (N, K, …)
///
/// from the last layer back. A linear layer takes all of δ through one matrix product, without its
/// forward pass; a convolution goes back through its recorded operations once an output; any other
/// layer is run on its inputs repeated once an output, and taken back once. A network with branches goes
/// back through the recorded operations of its whole, an output after another.
struct OutputBackward {
  private let trace: NetworkTrace
  private let inputs: Tensor
  private let first: Int?
  /// The outputs, in portions that a pass takes at once.
  let portions: [Range<Int>]

  /// Elements that a portion's gradients of one layer may have; one output is always taken.
  static let elementLimit = 1 << 22

  /// Back through a trace that gives (N, outputs) for `inputs`.
  ///
  /// - Parameters:
  ///   - first: the layer whose output is the last to have a gradient; `nil` for the input.
  ///   - limit: elements that a portion's gradients of one layer may have.
  init(
    _ trace: NetworkTrace, of inputs: Tensor, through first: Int?, limit: Int = Self.elementLimit
  ) {
    (self.trace, self.inputs, self.first) = (trace, inputs, first)
    let outputs = trace.output?.shape[1] ?? 0
    let largest = trace.steps[(first ?? 0)...]
      .map { max($0.input.elementCount, $0.output.elementCount) }.max()
    let size = trace.isChain ? max(1, limit / max(1, largest ?? 1)) : 1
    portions = stride(from: 0, to: outputs, by: size).map { $0..<min(outputs, $0 + size) }
  }

  /// Tells `visit` each layer's place and δ of some outputs; gives that of the input if asked for it.
  func callAsFunction(_ units: Range<Int>, visit: (Int, Tensor) -> Void) -> Tensor? {
    guard let output = trace.output else { return nil }
    guard trace.isChain else { return recorded(output, units, visit) }
    let (steps, count, outputs) = (trace.steps, output.shape[0], output.shape[1])
    var delta_BK = Tensor.identity(outputs, dtype: output.dtype, device: output.device)[units]
      .unsqueezed(axis: 0).expanded(to: [count, units.count, outputs])
    for place in steps.indices.reversed() {
      visit(place, delta_BK)
      if place == first { return nil }
      delta_BK = Self.back(through: steps[place], delta_BK)
    }
    return delta_BK
  }

  private func recorded(
    _ output: Tensor, _ units: Range<Int>, _ visit: (Int, Tensor) -> Void
  ) -> Tensor? {
    let sum = withGradients {
      output.sliced(axis: 1, from: units.lowerBound, to: units.upperBound).sum()
    }
    let places = trace.steps.indices.filter { trace.steps[$0].output.requiresGradient }
    let wantsInputs = first == nil && inputs.requiresGradient
    let found = gradients(
      of: [sum], seeds: [Tensor.onesLike(sum.detached())],
      withRespectTo: places.map { trace.steps[$0].output } + (wantsInputs ? [inputs] : []),
      retainGraph: true
    ).map { $0?.unsqueezed(axis: 1) }
    for case (let place, let delta_BK?) in zip(places, found) { visit(place, delta_BK) }
    return wantsInputs ? found.last ?? nil : nil
  }

  /// From the gradients (N, K, …) of a layer's output to those of its input.
  private static func back(through step: NetworkTrace.Step, _ delta_BK: Tensor) -> Tensor {
    if let linear = step.layer as? Linear {
      return delta_BK.matrixProduct(linear.weight.value.detached())
    }
    let (units, shape) = (delta_BK.shape[1], step.input.shape)
    if step.layer is Convolution2D {
      let found = (0..<units).map { unit in
        gradient(step.output, delta_BK.selected(axis: 1, at: unit), step.input, retainGraph: true)
      }
      return Tensor.stacked(found, axis: 1)
    }
    let repeated = step.input.detached().unsqueezed(axis: 1)
      .expanded(to: [shape[0], units] + shape.dropFirst())
      .reshaped(to: [shape[0] * units] + shape.dropFirst()).requiringGradient()
    let output = withGradients { FusedKernels.disabled { step.layer(repeated) } }
    return gradient(output, delta_BK.flattened(from: 0, through: 1), repeated)
      .viewed(as: [shape[0], units] + shape.dropFirst())
  }

  private static func gradient(
    _ output: Tensor, _ seed: Tensor, _ input: Tensor, retainGraph: Bool = false
  ) -> Tensor {
    guard output.requiresGradient, input.requiresGradient,
      case let found?? = gradients(
        of: [output], seeds: [seed], withRespectTo: [input], retainGraph: retainGraph
      ).first
    else { return Tensor.zerosLike(input.detached()) }
    return found
  }
}
