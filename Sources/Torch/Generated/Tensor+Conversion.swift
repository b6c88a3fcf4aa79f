// Written by Tools/operators/generate.py from operators.txt. Do not edit.
// swift-format-ignore-file
internal import CTorch

extension Tensor {
  /// The same values in another dtype; itself when equal unless `copy`.
  ///
  /// libtorch operator `to.dtype`.
  public func converted(to dtype: DType, asynchronously nonBlocking: Bool = false, copy: Bool = false) -> Tensor {
    Seam.one("converted", self) { nap_op_to_dtype($0, dtype.code, nonBlocking, copy, $1) }
  }

  /// The same values on another device.
  ///
  /// libtorch operator `to.device`.
  public func converted(toDevice device: Device, dtype: DType, asynchronously nonBlocking: Bool = false, copy: Bool = false) -> Tensor {
    Seam.one("converted", self) { nap_op_to_device($0, device.c, dtype.code, nonBlocking, copy, $1) }
  }

  /// The same bytes read as another dtype.
  ///
  /// libtorch operator `view.dtype`.
  public func reinterpreted(as dtype: DType) -> Tensor {
    Seam.one("reinterpreted", self) { nap_op_view_dtype($0, dtype.code, $1) }
  }
}
