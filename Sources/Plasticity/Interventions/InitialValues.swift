import Networks
import Torch

/// The values that the optimizer's parameters had when training began, kept and saved.
struct InitialValues {
  private(set) var names: [String] = []
  private(set) var tensors: [Tensor] = []

  /// Copies the parameters' values.
  mutating func record(_ parameters: [NamedParameter]) {
    names = parameters.map(\.name)
    tensors = withoutGradients { parameters.map { $0.parameter.value.detached().cloned() } }
  }

  /// The values by `initial.NAME`.
  var saved: [(name: String, tensor: Tensor)] {
    zip(names, tensors).map { (name: "initial.\($0)", tensor: $1) }
  }
}
