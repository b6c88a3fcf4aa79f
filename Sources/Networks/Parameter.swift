public import Torch

/// A trainable tensor with its role.
///
/// A class, because the layer, the optimizer and the projection must see the same tensor. The
/// storage never moves: updates and loading write into it.
public final class Parameter {
  /// What the parameter is for.
  public let role: ParameterRole
  /// The parameters that are scaled together with this one.
  public let group: ScaleGroup
  /// The tensor, a leaf of the autograd graph. The same one for life, but for the scope of
  /// ``Module/withCopies(in:_:)``.
  public internal(set) var value: Tensor
  /// Whether training changes the parameter. Freezing affects the next update on.
  public var isTrainable = true

  /// A parameter that starts from `initial`, whose storage it takes over.
  public init(_ initial: Tensor, role: ParameterRole, group: ScaleGroup = ScaleGroup()) {
    self.value = initial.requiringGradient()
    self.role = role
    self.group = group
  }

  /// Writes new values of the same shape, converting dtype and device.
  public func assign(_ values: Tensor) {
    withoutGradients { _ = value.detached().copyInPlace(from: values) }
  }

  /// The Frobenius norm, accumulated in float64.
  public var norm: Double {
    withoutGradients { value.detached().vectorNorm(dtype: .float64).item }
  }
}

/// A tensor that a layer keeps and saves but does not train, such as a running mean.
public final class Buffer {
  /// The tensor; written in place. The same one for life, but for the scope of
  /// ``Module/withCopies(in:_:)``.
  public internal(set) var value: Tensor

  /// A buffer that starts from `initial`.
  public init(_ initial: Tensor) { value = initial.detached() }

  /// Writes new values of the same shape, converting dtype and device.
  public func assign(_ values: Tensor) {
    withoutGradients { _ = value.copyInPlace(from: values) }
  }
}
