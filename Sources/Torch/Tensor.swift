internal import CTorch

/// A multi-dimensional array on a device, with automatic differentiation by libtorch.
///
/// A `Tensor` is a small value that refers to shared storage: assigning it copies the reference,
/// not the elements, and the memory goes when the last reference goes. Operators give new tensors;
/// those whose names end in `InPlace` change the storage that every reference sees.
///
/// A wrong shape, dtype or device stops the process with one line that names the operator and its
/// operands; inside ``withTorchErrors(_:)`` it is thrown instead.
///
/// Cost: an operator takes 1 to 2 µs beyond its arithmetic.
public struct Tensor {
  let handle: Handle

  /// The C handle; `nil` for an undefined tensor.
  var pointer: OpaquePointer? { handle.pointer }

  init(owning pointer: OpaquePointer?) { handle = Handle(pointer) }

  /// The result of a failed operation inside ``withTorchErrors(_:)``; every use of it fails too.
  static var undefined: Tensor { Tensor(owning: nil) }

  /// Owns one reference to libtorch's tensor.
  final class Handle {
    let pointer: OpaquePointer?
    init(_ pointer: OpaquePointer?) { self.pointer = pointer }
    deinit { nap_tensor_free(pointer) }
  }

  /// The size of each axis; empty for a scalar.
  public var shape: [Int] { dimensions(nap_tensor_shape, "shape") }

  /// Elements to step over for the next index of each axis.
  public var strides: [Int] { dimensions(nap_tensor_strides, "strides") }

  /// The number of axes.
  public var dimensionCount: Int {
    var count = 0
    Seam.none("dimensionCount", [self]) { nap_tensor_dimension_count(pointer, &count) }
    return count
  }

  /// The number of elements: the product of ``shape``.
  public var elementCount: Int { shape.reduce(1, *) }

  /// The element type.
  public var dtype: DType {
    var code: Int32 = 6
    Seam.none("dtype", []) { nap_tensor_dtype(pointer, &code) }
    guard let dtype = DType(code: code) else {
      Seam.stop("a tensor has libtorch's element type \(code), which nap does not know")
    }
    return dtype
  }

  /// Where the elements are.
  public var device: Device {
    var device = nap_device(kind: 0, index: 0)
    Seam.none("device", []) { nap_tensor_device(pointer, &device) }
    switch device.kind {
    case 1: return .cuda(Int(device.index))
    case 2: return .mps
    default: return .cpu
    }
  }

  /// Whether the elements lie in row-major order without gaps.
  public var isContiguous: Bool {
    var contiguous = false
    Seam.none("isContiguous", [self]) { nap_tensor_is_contiguous(pointer, &contiguous) }
    return contiguous
  }

  /// Where the first element lies: equal addresses tell tied tensors.
  public var address: UInt {
    var data: UnsafeMutableRawPointer?
    Seam.none("address", [self]) { nap_tensor_data(pointer, &data) }
    return UInt(bitPattern: data)
  }

  /// Such as `float32[128, 512]`.
  public var summary: String {
    guard pointer != nil else { return "undefined" }
    let place = device == .cpu ? "" : "@\(device)"
    return "\(dtype)[\(shape.map(String.init).joined(separator: ", "))]\(place)"
  }

  /// A copy in channels-last order, (B, C, H, W) with C fastest, which some convolutions prefer.
  public func channelsLast() -> Tensor {
    Seam.one("channelsLast", [self]) { nap_tensor_channels_last(pointer, $0) }
  }

  private func dimensions(
    _ read: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> Int32, _ name: StaticString
  ) -> [Int] {
    let count = dimensionCount
    guard count > 0 else { return [] }
    return [Int](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      Seam.none(name, []) { read(pointer, buffer.baseAddress) }
      initialized = count
    }
  }
}

extension Tensor: CustomStringConvertible {
  /// The summary, followed by the values when there are at most sixteen.
  public var description: String {
    guard pointer != nil, elementCount <= 16, dtype != .complex64, dtype != .complex128 else {
      return summary
    }
    return "\(summary) \(converted(to: .float64).array(of: Double.self))"
  }
}
