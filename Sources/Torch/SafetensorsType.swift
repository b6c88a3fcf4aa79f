/// The element types of the safetensors format, by the names that its headers use.
enum SafetensorsType: String, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case int16 = "I16"
  case int32 = "I32"
  case int64 = "I64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"
  case complex64 = "C64"
  // The format has these; `DType` does not. Files with them can be listed, the rest of them read.
  case uint16 = "U16"
  case uint32 = "U32"
  case uint64 = "U64"
  case float8E4M3 = "F8_E4M3"
  case float8E5M2 = "F8_E5M2"
  case float8E8M0 = "F8_E8M0"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case float4 = "F4"

  /// The format's name for elements of `dtype`; none for `complex128`.
  init?(_ dtype: DType) {
    guard let match = Self.allCases.first(where: { $0.dtype == dtype }) else { return nil }
    self = match
  }

  /// What a tensor of such elements is here; `nil` where no tensor can hold them.
  var dtype: DType? {
    switch self {
    case .bool: .bool
    case .uint8: .uint8
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    case .complex64: .complex64
    default: nil
    }
  }

  /// Bits of one element.
  var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E4M3, .float8E5M2, .float8E8M0: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .int64, .uint64, .float64, .complex64: 64
    }
  }

  /// The type of a storage (`FloatStorage`) or of elements (`float32`) by PyTorch's name.
  init?(pyTorchName name: String) {
    switch name {
    case "BoolStorage", "bool": self = .bool
    case "ByteStorage", "uint8": self = .uint8
    case "CharStorage", "int8": self = .int8
    case "ShortStorage", "int16": self = .int16
    case "IntStorage", "int32": self = .int32
    case "LongStorage", "int64": self = .int64
    case "HalfStorage", "float16": self = .float16
    case "BFloat16Storage", "bfloat16": self = .bfloat16
    case "FloatStorage", "float32": self = .float32
    case "DoubleStorage", "float64": self = .float64
    case "ComplexFloatStorage", "complex64": self = .complex64
    case "uint16": self = .uint16
    case "uint32": self = .uint32
    case "uint64": self = .uint64
    case "float8_e4m3fn": self = .float8E4M3
    case "float8_e5m2": self = .float8E5M2
    case "float8_e8m0fnu": self = .float8E8M0
    default: return nil
    }
  }
}
