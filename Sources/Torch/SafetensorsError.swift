import Texts

/// Why a file of tensors, safetensors or PyTorch's, cannot be read or written.
public struct SafetensorsError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, for code that reacts to it.
  public enum Kind: String, Sendable, Equatable {
    /// The file cannot be opened or read.
    case unreadable
    /// The file is shorter or longer than its header says.
    case wrongLength
    /// The header is not the JSON object that the format asks for.
    case malformedHeader
    /// The bytes of the tensors overlap or leave holes, or do not fit a shape.
    case wrongLayout
    /// An element type that the format or this library does not have.
    case unsupportedType
    /// No tensor has the name.
    case missingTensor
    /// A name that cannot be written: taken twice, or reserved.
    case invalidName
    /// The bytes of a tensor are no values of its type.
    case invalidValues
    /// The checksum that the file carries is not that of its bytes.
    case wrongChecksum
    /// A file of PyTorch names something of Python that is no tensor, dictionary or list.
    case refusedGlobal
  }

  /// What is wrong.
  public let kind: Kind
  /// The file.
  public let path: String
  /// The tensor concerned, when there is one.
  public let tensor: String?
  /// What the format, or the caller, asks for.
  public let expected: String
  /// What was there.
  public let found: String
  /// What to try.
  public let advice: String

  /// One line: the path, the tensor, what was expected, what was found and what to try.
  public var description: String {
    let place = tensor.map { " tensor \"\(Excerpt.of($0))\":" } ?? ""
    return "\(path):\(place) expected \(expected), found \(found); \(advice)"
  }
}

/// A problem found before it is known in which file.
struct SafetensorsProblem: Error, Equatable {
  var kind: SafetensorsError.Kind = .malformedHeader
  var tensor: String?
  var expected: String
  var found: String
  var advice = "the file is damaged or no safetensors file: copy or write it again"

  func located(at path: String) -> SafetensorsError {
    SafetensorsError(
      kind: kind, path: path, tensor: tensor, expected: expected, found: found, advice: advice)
  }
}

extension JSONReader {
  /// A reader of a header, whose errors are ``SafetensorsProblem``.
  init(header bytes: [UInt8]) {
    self.init(bytes, of: "the header") { SafetensorsProblem(expected: $0, found: $1) }
  }
}
