internal import CTorch

/// A number passed to an operator; literals convert to it.
public enum Scalar: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral
{
  /// A whole number.
  case integer(Int)
  /// A real number.
  case real(Double)
  /// A truth value.
  case boolean(Bool)

  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A real number.
  public init(floatLiteral value: Double) { self = .real(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// A real number from a variable.
  public init(_ value: Double) { self = .real(value) }
  /// An integer from a variable.
  public init(_ value: Int) { self = .integer(value) }

  var c: nap_scalar {
    switch self {
    case .integer(let value): nap_scalar(kind: 0, integer: Int64(value), real: 0)
    case .real(let value): nap_scalar(kind: 1, integer: 0, real: value)
    case .boolean(let value): nap_scalar(kind: 2, integer: value ? 1 : 0, real: 0)
    }
  }

  static func c(_ scalar: Scalar?) -> nap_scalar {
    scalar?.c ?? nap_scalar(kind: -1, integer: 0, real: 0)
  }
}

/// How a loss joins its elements.
public enum Reduction: Int, Sendable, Codable {
  /// One value per element.
  case none = 0
  /// The average.
  case mean = 1
  /// The total.
  case sum = 2
}
