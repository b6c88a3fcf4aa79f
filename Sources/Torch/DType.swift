/// The type of a tensor's elements.
public enum DType: String, Sendable, Codable, CaseIterable {
  case float32, float64, bfloat16, float16, int64, int32, uint8, bool
  /// Appear only as results (bytes of other files, eigenvalues of general matrices).
  case int8, int16, complex64, complex128

  /// libtorch's `ScalarType` code.
  var code: Int32 {
    switch self {
    case .uint8: 0
    case .int8: 1
    case .int16: 2
    case .int32: 3
    case .int64: 4
    case .float16: 5
    case .float32: 6
    case .float64: 7
    case .complex64: 9
    case .complex128: 10
    case .bool: 11
    case .bfloat16: 15
    }
  }

  init?(code: Int32) {
    guard let match = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = match
  }

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .float16, .bfloat16, .int16: 2
    case .float32, .int32: 4
    case .float64, .int64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Whether gradients can flow through elements of this type.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

/// A Swift type whose arrays become tensors without conversion, and back.
public protocol TensorElement: BitwiseCopyable, Sendable {
  /// The matching element type.
  static var dtype: DType { get }
}

extension Float: TensorElement {
  public static var dtype: DType { .float32 }
}
extension Double: TensorElement {
  public static var dtype: DType { .float64 }
}
extension Int: TensorElement {
  public static var dtype: DType { .int64 }
}
extension Int64: TensorElement {
  public static var dtype: DType { .int64 }
}
extension Int32: TensorElement {
  public static var dtype: DType { .int32 }
}
extension UInt8: TensorElement {
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorElement {
  public static var dtype: DType { .bool }
}
