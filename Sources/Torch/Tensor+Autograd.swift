internal import CTorch

extension Tensor {
  /// Whether operations on the tensor are recorded for gradients.
  public var requiresGradient: Bool {
    var value = false
    Seam.none("requiresGradient", [self]) { nap_tensor_requires_gradient(pointer, &value) }
    return value
  }

  /// The same storage, from here on a leaf that gradients can be taken with respect to.
  public func requiringGradient(_ required: Bool = true) -> Tensor {
    let leaf = detached()
    Seam.none("requiringGradient", [self]) {
      nap_tensor_set_requires_gradient(leaf.pointer, required)
    }
    return leaf
  }
}

/// Gradients of a scalar with respect to tensors.
///
/// - Parameters:
///   - output: a scalar that was computed from `inputs`.
///   - inputs: leaves made with ``Tensor/requiringGradient(_:)``, or tensors computed from such.
///   - createGraph: records the gradients themselves, so that they can be differentiated again.
///   - retainGraph: keeps the recorded operations for another call; implied by `createGraph`.
/// - Returns: one tensor per input, of its shape. An input that `output` does not depend on is an
///   error; ``gradients(of:seeds:withRespectTo:createGraph:retainGraph:)`` allows it.
public func gradients(
  of output: Tensor, withRespectTo inputs: [Tensor], createGraph: Bool = false,
  retainGraph: Bool = false
) -> [Tensor] {
  Seam.several("gradients", [output] + inputs, inputs.count) { results in
    withExtendedLifetime((output, inputs)) {
      nap_gradients(
        [output.pointer], 1, nil, 0, inputs.map(\.pointer), inputs.count, createGraph,
        retainGraph, false, results)
    }
  }
}

/// Vector-Jacobian products: gradients of `Σ ⟨seed, output⟩`.
///
/// - Parameters:
///   - outputs: any tensors computed from `inputs`.
///   - seeds: a weight for each element of each output, of its shape.
///   - inputs: what to differentiate with respect to.
///   - createGraph: records the gradients themselves, so that they can be differentiated again.
///   - retainGraph: keeps the recorded operations for another call; implied by `createGraph`.
/// - Returns: one gradient per input, `nil` for an input that no output depends on.
public func gradients(
  of outputs: [Tensor], seeds: [Tensor], withRespectTo inputs: [Tensor],
  createGraph: Bool = false, retainGraph: Bool = false
) -> [Tensor?] {
  let results = Seam.several("gradients", outputs + seeds + inputs, inputs.count) { results in
    withExtendedLifetime((outputs, seeds, inputs)) {
      nap_gradients(
        outputs.map(\.pointer), outputs.count, seeds.map(\.pointer), seeds.count,
        inputs.map(\.pointer), inputs.count, createGraph, retainGraph, true, results)
    }
  }
  return results.map { $0.pointer == nil ? nil : $0 }
}

/// Runs `body` without recording operations for gradients.
@discardableResult
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = nap_gradient_mode()
  nap_set_gradient_mode(false)
  defer { nap_set_gradient_mode(before) }
  return try body()
}

/// Runs `body` with operations recorded, also inside ``withoutGradients(_:)``.
@discardableResult
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = nap_gradient_mode()
  nap_set_gradient_mode(true)
  defer { nap_set_gradient_mode(before) }
  return try body()
}
