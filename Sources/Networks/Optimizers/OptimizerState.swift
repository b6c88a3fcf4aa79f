public import Torch

/// Everything an optimizer needs to continue where it stands.
///
/// The tensors are shared storage: a copy of this value refers to the same ones, and a step changes
/// them in place. ``copied()`` keeps a moment.
public struct OptimizerState {
  /// Updates taken.
  public var stepCount: Int
  /// Tensors by name (`first_moment`, …), one per parameter; `nil` for a parameter of which the optimizer keeps none.
  public var slots: [(name: String, tensors: [Tensor?])]
  /// The Frobenius norm at the first update of each parameter that the optimizer returns to it, `nil` for the others;
  /// empty for an optimizer that returns none.
  public var initialNorms: [Double?]

  /// A state; see the properties.
  public init(
    stepCount: Int = 0, slots: [(name: String, tensors: [Tensor?])] = [],
    initialNorms: [Double?] = []
  ) {
    self.stepCount = stepCount
    self.slots = slots
    self.initialNorms = initialNorms
  }

  /// Zeros of each parameter's shape, element type and device under each name.
  init(zerosNamed names: [String], for parameters: [Parameter]) {
    self.init(zeros: names.map { ($0, { _ in true }) }, for: parameters)
  }

  /// Zeros of the shape, element type and device of each parameter that a slot is kept for.
  init(zeros slots: [(name: String, isKept: (Parameter) -> Bool)], for parameters: [Parameter]) {
    self.init(
      slots: slots.map { slot in
        (slot.name, parameters.map { slot.isKept($0) ? .zerosLike($0.value.detached()) : nil })
      })
  }

  /// The same values in storage of their own.
  public func copied() -> OptimizerState {
    OptimizerState(
      stepCount: stepCount,
      slots: slots.map { ($0.name, $0.tensors.map { $0?.cloned() }) }, initialNorms: initialNorms)
  }

  /// The tensors of a checkpoint: `step_count` (int64), then `<slot>.<parameter>`, such as
  /// `first_moment.hidden0.weight`, then `initial_norm.<parameter>` (float64).
  ///
  /// - Parameter names: the parameters' names, in the order of the optimizer.
  public func namedTensors(parameters names: [String]) -> [(name: String, tensor: Tensor)] {
    [(Self.stepCountName, Tensor([stepCount], shape: []))]
      + slots.flatMap { slot in
        zip(names, slot.tensors).compactMap { name, tensor in
          tensor.map { (Self.name(slot.name, name), $0) }
        }
      }
      + zip(names, initialNorms).compactMap { name, norm in
        norm.map { (Self.name(Self.initialNorm, name), Tensor($0, dtype: .float64)) }
      }
  }

  /// Continues from the tensors of ``namedTensors(parameters:)``, copied into this state's storage.
  ///
  /// Nothing is written unless everything fits.
  /// - Throws: ``LoadingError`` naming each tensor that is missing, left over, or of another shape or
  ///   element type.
  public mutating func load(
    _ saved: [String: Tensor], parameters names: [String]
  ) throws(LoadingError) {
    let own = namedTensors(parameters: names)
    var problems: [String] = []
    for (name, tensor) in own {
      guard let found = saved[name] else {
        problems.append("\(name) is missing (expected \(tensor.summary))")
        continue
      }
      if found.shape != tensor.shape || found.dtype != tensor.dtype {
        problems.append("\(name) is \(found.summary), expected \(tensor.summary)")
      } else if name == Self.stepCountName, !(0...Self.mostSteps).contains(found.integerItem) {
        problems.append("\(name) is \(found.integerItem), expected 0 to 2^53")
      } else if name.hasPrefix(Self.name(Self.initialNorm, "")),
        !(found.item.isFinite && found.item > 0)
      {
        problems.append("\(name) is \(found.item), expected a finite norm above 0")
      }
    }
    let known = Set(own.map(\.name))
    problems += saved.keys.filter { !known.contains($0) }.sorted()
      .map { "\($0) is not part of this optimizer" }
    guard problems.isEmpty else {
      throw LoadingError(problems: problems.map { "optimizer.\($0)" })
    }
    for (index, name) in names.enumerated() where initialNorms.indices.contains(index) {
      if let found = saved[Self.name(Self.initialNorm, name)] { initialNorms[index] = found.item }
    }
    for (name, tensor) in own {
      guard let found = saved[name] else { continue }
      if name == Self.stepCountName {
        stepCount = found.integerItem
      } else {
        _ = tensor.copyInPlace(from: found)
      }
    }
  }

  private static let initialNorm = "initial_norm"
  private static let stepCountName = "step_count"
  /// More would not fit a double, in which bias corrections are computed.
  private static let mostSteps = 1 << 53

  private static func name(_ slot: String, _ parameter: String) -> String {
    "\(slot).\(parameter)"
  }
}
