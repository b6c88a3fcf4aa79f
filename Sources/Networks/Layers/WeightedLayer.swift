public import Torch

/// A layer that multiplies by a weight and may add a bias: what a normalization follows.
public protocol WeightedLayer: RedrawableLayer {
  /// The weight; axis 0 is the output feature.
  var weight: Parameter { get }

  /// The bias, one element an output feature.
  var bias: Parameter? { get }

  /// The axis of the output that holds the features, counted from the end: −1 for vectors, −3 for
  /// images (B, C, H, W).
  var outputFeatureAxis: Int { get }

  /// The same layer, sharing the weight, without a bias.
  func droppingBias() -> Self

  /// The same layer with other parameters, whose shapes may differ in features.
  func replacing(weight: Parameter, bias: Parameter?) -> Self

  /// The layer's output for another value of the weight.
  func callAsFunction(_ input: Tensor, weight: Tensor) -> Tensor
}

extension WeightedLayer {
  /// The weight, then the bias when there is one.
  public var parts: [Part] { [.parameter("weight", weight)] + Part.optional("bias", bias) }

  /// The number of output features or channels.
  public var outputFeatureCount: Int { weight.value.shape[0] }

  /// Whether this is an output layer, whose result is not normalized afterwards.
  public var isOutput: Bool { weight.role == .output }
}

/// A height and a width, such as a kernel's or a stride; an integer literal means a square.
public struct Extent2D: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// A rectangle.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(_ side: Int) { self.init(height: side, width: side) }

  /// A square.
  public init(integerLiteral value: Int) { self.init(value) }

  /// `height×width`.
  public var description: String { "\(height)x\(width)" }

  var list: [Int] { [height, width] }
}
