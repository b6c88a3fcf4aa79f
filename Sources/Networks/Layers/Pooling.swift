public import Torch

/// The largest value of each window: (B, C, H, W) to (B, C, H′, W′).
///
/// It commutes with any positive scaling of its input, so it leaves scale invariance intact.
public struct MaximumPool2D: FeaturePreservingLayer {
  /// The window.
  public let kernel: Extent2D
  /// Pixels from one window to the next.
  public let stride: Extent2D
  /// Cells added on each side, which never win.
  public let padding: Extent2D

  /// Pooling; windows lie side by side unless `stride` says otherwise.
  public init(kernel: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  /// (B, C, H, W) to (B, C, H′, W′).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.maximumPool2D(kernel: kernel.list, stride: stride.list, padding: padding.list)
  }
}

/// The average of each window: (B, C, H, W) to (B, C, H′, W′).
public struct AveragePool2D: FeaturePreservingLayer {
  /// The window.
  public let kernel: Extent2D
  /// Pixels from one window to the next.
  public let stride: Extent2D
  /// Zeros added on each side, counted in the average.
  public let padding: Extent2D

  /// Pooling; windows lie side by side unless `stride` says otherwise.
  public init(kernel: Extent2D, stride: Extent2D? = nil, padding: Extent2D = 0) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
  }

  /// (B, C, H, W) to (B, C, H′, W′).
  public func callAsFunction(_ input: Tensor) -> Tensor {
    input.averagePool2D(kernel: kernel.list, stride: stride.list, padding: padding.list)
  }
}

/// The average of each channel: (B, C, H, W) to (B, C).
public struct GlobalAveragePool: FeaturePreservingLayer {
  /// Pooling over all positions.
  public init() {}
  /// (B, C, H, W) to (B, C).
  public func callAsFunction(_ input: Tensor) -> Tensor { input.mean(axes: [-2, -1]) }
}

/// Everything but the batch in one axis: (B, …) to (B, F).
public struct Flatten: FeaturePreservingLayer {
  /// A flattening.
  public init() {}
  /// (B, …) to (B, F); no copy when the input is contiguous.
  public func callAsFunction(_ input: Tensor) -> Tensor { input.flattened(from: 1) }
}
