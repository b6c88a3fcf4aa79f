// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// Cross-correlation of (B, C, H, W) with (O, C/groups, h, w).
  ///
  /// libtorch operator `conv2d`.
  public func convolution2D(weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1], padding: [Int] = [0, 0], dilation: [Int] = [1, 1], groups: Int = 1) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("convolution2D", [self, weight] + Seam.list(bias)) { nap_op_conv2d(self.pointer, weight.pointer, bias?.pointer, stride, stride.count, padding, padding.count, dilation, dilation.count, groups, $0) }
    }
  }

  /// As above with padding "valid" or "same".
  ///
  /// libtorch operator `conv2d.padding`.
  public func convolution2D(weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1], paddingMode padding: String, dilation: [Int] = [1, 1], groups: Int = 1) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("convolution2D", [self, weight] + Seam.list(bias)) { nap_op_conv2d_padding(self.pointer, weight.pointer, bias?.pointer, stride, stride.count, padding, dilation, dilation.count, groups, $0) }
    }
  }

  /// Cross-correlation of (B, C, L) with (O, C/groups, l).
  ///
  /// libtorch operator `conv1d`.
  public func convolution1D(weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1], padding: [Int] = [0], dilation: [Int] = [1], groups: Int = 1) -> Tensor {
    withExtendedLifetime((self, weight, bias)) {
      Seam.one("convolution1D", [self, weight] + Seam.list(bias)) { nap_op_conv1d(self.pointer, weight.pointer, bias?.pointer, stride, stride.count, padding, padding.count, dilation, dilation.count, groups, $0) }
    }
  }

  /// Patches of (B, C, H, W) as columns: (B, C·h·w, positions).
  ///
  /// libtorch operator `im2col`.
  public func unfolded(kernel kernelSize: [Int], dilation: [Int], padding: [Int], stride: [Int]) -> Tensor {
    Seam.one("unfolded", self) { nap_op_im2col($0, kernelSize, kernelSize.count, dilation, dilation.count, padding, padding.count, stride, stride.count, $1) }
  }

  /// Largest in each window.
  ///
  /// libtorch operator `max_pool2d`.
  public func maximumPool2D(kernel kernelSize: [Int], stride: [Int] = [], padding: [Int] = [0, 0], dilation: [Int] = [1, 1], ceilingMode ceilMode: Bool = false) -> Tensor {
    Seam.one("maximumPool2D", self) { nap_op_max_pool2d($0, kernelSize, kernelSize.count, stride, stride.count, padding, padding.count, dilation, dilation.count, ceilMode, $1) }
  }

  /// Mean of each window.
  ///
  /// libtorch operator `avg_pool2d`.
  public func averagePool2D(kernel kernelSize: [Int], stride: [Int] = [], padding: [Int] = [0, 0], ceilingMode ceilMode: Bool = false, countsPadding countIncludePad: Bool = true, divisor divisorOverride: Int? = nil) -> Tensor {
    Seam.one("averagePool2D", self) { nap_op_avg_pool2d($0, kernelSize, kernelSize.count, stride, stride.count, padding, padding.count, ceilMode, countIncludePad, Seam.optional(divisorOverride), $1) }
  }

  /// Area mean to a given height and width.
  ///
  /// libtorch operator `adaptive_avg_pool2d`.
  public func adaptiveAveragePool2D(to outputSize: [Int]) -> Tensor {
    Seam.one("adaptiveAveragePool2D", self) { nap_op_adaptive_avg_pool2d($0, outputSize, outputSize.count, $1) }
  }

  /// Bilinear resizing.
  ///
  /// libtorch operator `upsample_bilinear2d`.
  public func bilinearResized(to outputSize: [Int], alignCorners: Bool, scaleHeight scalesH: Double? = nil, scaleWidth scalesW: Double? = nil) -> Tensor {
    Seam.one("bilinearResized", self) { nap_op_upsample_bilinear2d($0, outputSize, outputSize.count, alignCorners, Seam.optional(scalesH), Seam.optional(scalesW), $1) }
  }
}
