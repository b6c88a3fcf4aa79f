public import Torch

/// Anything that owns parameters: a layer, a network, an agent's head.
///
/// The one requirement lists what it owns in checkpoint order. Names, counting, saving, freezing,
/// projecting and auditing are extensions over it.
public protocol Module {
  /// The parameters, buffers and submodules, each under a name unique within this module.
  var parts: [Part] { get }
}

/// One entry of ``Module/parts``.
public enum Part {
  /// A trainable tensor under its name.
  case parameter(String, Parameter)
  /// A tensor that is saved but not trained, under its name.
  case buffer(String, Buffer)
  /// A module whose own parts follow, their names after this one and a dot.
  case module(String, any Module)

  /// An entry for a parameter that may be absent, such as a bias.
  static func optional(_ name: String, _ parameter: Parameter?) -> [Part] {
    parameter.map { [.parameter(name, $0)] } ?? []
  }
}

/// A module that maps one tensor to another.
public protocol Layer: Module {
  /// What the layer does to the scale of its features; `nil`, unless given, where that is not known. An insertion of
  /// normalizations follows it.
  var scaleEffect: ScaleEffect? { get }

  /// The layer's output. The first axis is the batch.
  func callAsFunction(_ input: Tensor) -> Tensor
}

/// A parameter with its place in a network, such as `hidden.0.weight`.
public struct NamedParameter {
  /// The names on the way to the parameter, joined by dots.
  public let name: String
  /// The parameter.
  public let parameter: Parameter

  /// A parameter under a name.
  public init(name: String, parameter: Parameter) {
    self.name = name
    self.parameter = parameter
  }
}
