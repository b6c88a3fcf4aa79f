public import Torch

/// Layers applied one after another, each under a name.
///
/// The form in which normalization can be inserted and a network exported, because the order of its
/// layers is known.
public struct Sequential: Layer {
  /// One layer with its name in checkpoints.
  public struct Element {
    /// Unique within the sequence.
    public var name: String
    /// What is applied.
    public var layer: any Layer

    /// A named layer.
    public init(_ name: String, _ layer: any Layer) {
      self.name = name
      self.layer = layer
    }
  }

  /// The layers in order.
  public var elements: [Element]

  /// Layers with names.
  public init(_ elements: [Element]) { self.elements = elements }

  /// Layers named by their position.
  public init(_ layers: [any Layer]) {
    elements = layers.enumerated().map { Element(String($0.offset), $0.element) }
  }

  /// The layers that hold something, in order.
  public var parts: [Part] { elements.map { .module($0.name, $0.layer) } }

  /// Applies the layers in order; a normalization and the nonlinearity right after it run as one
  /// kernel where there is one (``FusedKernels``).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    var value = input
    var index = 0
    while index < elements.count {
      let layer = elements[index].layer
      if index + 1 < elements.count, FusedKernels.areEnabled,
        let norm = layer as? any FusableNormalization,
        let activation = elements[index + 1].layer as? any RectifierLayer,
        let fused = norm.fused(with: activation.negativeSlope, value)
      {
        value = fused
        index += 2
      } else {
        value = layer(value)
        index += 1
      }
    }
    return value
  }
}

/// A normalization that can run as one kernel with the rectifier after it.
public protocol FusableNormalization: Layer {
  /// The fused result, or `nil` when the kernel does not serve this input.
  func fused(with negativeSlope: Double, _ input: Tensor) -> Tensor?
}

/// An activation that is linear on each side of zero: ReLU (slope 0) and leaky ReLU.
public protocol RectifierLayer: Layer {
  /// The slope below zero.
  var negativeSlope: Double { get }
}

/// Whether fused kernels are used. They have no second derivative; measurements that need one turn
/// them off for a scope.
public enum FusedKernels {
  @TaskLocal static var areEnabled = true

  /// Runs `body` with every layer computed by libtorch's separate operators.
  public static func disabled<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $areEnabled.withValue(false, operation: body)
  }
}
