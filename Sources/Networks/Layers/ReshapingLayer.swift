public import Torch

/// A layer without parameters that moves, joins or chooses elements or scales all of them alike, so that what was known
/// of the features before it, a normalization among it, holds after it.
public protocol ReshapingLayer: Layer {}

/// A layer that computes each of its features from one feature of its input, in the same order: units and their resets
/// are followed through it.
public protocol FeaturePreservingLayer: ReshapingLayer {}

extension ReshapingLayer {
  /// Nothing.
  public var parts: [Part] { [] }
}

/// `x / divisor` as floating-point numbers: brightnesses 0 … 255 to 0 … 1.
///
/// Whole numbers become float32; numbers of floating point keep their type.
public struct InputScaling: ReshapingLayer {
  /// What elements are divided by.
  public let divisor: Double

  /// A division; by 255 for images of bytes.
  public init(divisor: Double = 255) { self.divisor = divisor }

  /// The same shape.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let numbers = input.dtype.isFloatingPoint ? input : input.converted(to: .float32)
    return divisor == 1 ? numbers : numbers * (1 / divisor)
  }
}
