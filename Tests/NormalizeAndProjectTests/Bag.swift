import Networks
import Torch

/// Parameters under names, without a forward pass.
struct Bag: Module {
  let parts: [Part]

  init(_ parameters: KeyValuePairs<String, Parameter>) {
    parts = parameters.map { .parameter($0.key, $0.value) }
  }

  subscript(name: String) -> Parameter {
    for case .parameter(name, let parameter) in parts { return parameter }
    preconditionFailure("no parameter \(name)")
  }
}

extension Parameter {
  /// A parameter of normal draws.
  static func random(
    _ shape: [Int], role: ParameterRole, group: ScaleGroup = ScaleGroup(), seed: UInt64,
    dtype: DType = .float64
  ) -> Parameter {
    let draws = Tensor.normal(shape, generator: Generator(seed: seed), dtype: dtype)
    return Parameter(draws, role: role, group: group)
  }

  /// Multiplies the values.
  func scale(by factor: Double) { assign(value.detached() * factor) }
}

/// The largest relative difference of two numbers' lists.
func relativeGap(_ left: [Double], _ right: [Double]) -> Double {
  guard left.count == right.count else { return .infinity }
  let size = right.map(abs).max() ?? 0
  return zip(left, right).map { abs($0 - $1) }.max().map { $0 / max(size, 1e-300) } ?? 0
}
