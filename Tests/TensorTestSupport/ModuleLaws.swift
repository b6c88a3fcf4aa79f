public import Networks
public import Testing
public import Torch

/// The laws of every `Module`: parts are complete, names are unique, and saved tensors load into a
/// sister module.
///
/// - Parameter make: a module whose parameters are drawn from the generator.
public func expectModuleLaws(
  _ name: String = "", _ make: (Generator) -> some Module,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let module = make(Generator(seed: 1))
  expectCompleteParts(module, name, sourceLocation: sourceLocation)
  let names = module.namedTensors.map(\.name)
  #expect(Set(names).count == names.count, "\(name): \(names)", sourceLocation: sourceLocation)

  let saved = Dictionary(
    uniqueKeysWithValues: module.namedTensors.map { ($0.name, $0.tensor.cloned()) })
  let sister = make(Generator(seed: 2))
  #expect(throws: Never.self, "\(name)", sourceLocation: sourceLocation) { try sister.load(saved) }
  for (own, tensor) in sister.namedTensors {
    let same = saved[own].map(tensor.isIdentical(to:))
    #expect(same == true, "\(name): \(own) was not loaded", sourceLocation: sourceLocation)
  }
  for missing in names {
    #expect(
      throws: LoadingError.self, "\(name) without \(missing)", sourceLocation: sourceLocation
    ) { try sister.load(saved.filter { $0.key != missing }) }
  }
}

/// Records an issue for each parameter or buffer that reflection finds inside a module's values and
/// its `parts` leave out.
public func expectCompleteParts(
  _ module: some Module, _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  let missing = unlistedParts(of: module)
  #expect(missing.isEmpty, "\(name): parts leave out \(missing)", sourceLocation: sourceLocation)
}

/// Where reflection finds parameters and buffers that `parts` leave out.
public func unlistedParts(of module: some Module) -> [String] {
  var listed: Set<ObjectIdentifier> = []
  module.visit(prefix: "") { _, part in
    switch part {
    case .parameter(_, let parameter): listed.insert(ObjectIdentifier(parameter))
    case .buffer(_, let buffer): listed.insert(ObjectIdentifier(buffer))
    case .module: break
    }
  }
  var missing: [String] = []
  func walk(_ value: Any, _ path: String) {
    switch value {
    case let parameter as Parameter:
      if !listed.contains(ObjectIdentifier(parameter)) { missing.append(path) }
    case let buffer as Networks.Buffer:
      if !listed.contains(ObjectIdentifier(buffer)) { missing.append(path) }
    case is Tensor, is Generator: break
    default:
      for (index, child) in Mirror(reflecting: value).children.enumerated() {
        walk(child.value, "\(path).\(child.label ?? String(index))")
      }
    }
  }
  walk(module, "\(type(of: module))")
  return missing
}

/// Compares the gradients of `Σ seed · layer(input)` with central differences, in float64.
///
/// - Parameters:
///   - layer: its parameters must be float64.
///   - input: float64; integers are looked up, not differentiated.
///   - step: the half-width of the difference.
///   - samples: elements tried of the input and of each parameter.
public func expectGradientsByDifferences(
  _ layer: some Layer, at input: Tensor, step: Double = 1e-6, samples: Int = 8, _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let generator = Generator(seed: 3)
  let isDifferentiable = input.dtype.isFloatingPoint
  let leaf = isDifferentiable ? input.requiringGradient() : input
  let output = layer(leaf)
  let seed = Tensor.normal(output.shape, generator: generator, dtype: .float64)
  let leaves =
    (isDifferentiable ? [("input", leaf)] : [])
    + layer.namedParameters.map { ($0.name, $0.parameter.value) }
  guard !leaves.isEmpty else {
    Issue.record("\(name): nothing to differentiate", sourceLocation: sourceLocation)
    return
  }
  let found = gradients(of: [output], seeds: [seed], withRespectTo: leaves.map(\.1))
  for ((leafName, value), gradient) in zip(leaves, found) {
    guard let gradient else {
      Issue.record("\(name): \(leafName) has no gradient", sourceLocation: sourceLocation)
      continue
    }
    let flat = withoutGradients { value.detached().viewed(as: [-1]) }
    let stride = max(1, flat.elementCount / samples)
    for index in Swift.stride(from: 0, to: flat.elementCount, by: stride) {
      let difference = withoutGradients {
        let cell = flat.narrowed(axis: 0, from: index, length: 1)
        let old = cell.item
        defer { _ = cell.fillInPlace(with: .real(old)) }
        func loss(_ value: Double) -> Double {
          _ = cell.fillInPlace(with: .real(value))
          return (layer(leaf) * seed).sum().item
        }
        return (loss(old + step) - loss(old - step)) / (2 * step)
      }
      let exact = gradient.reshaped(to: [-1])[index].item
      expectClose(
        exact, difference, relative: 1e-5, absolute: 1e-6, "\(name): \(leafName)[\(index)]",
        sourceLocation: sourceLocation)
    }
  }
}
