/// A failed tensor operation: a wrong shape, dtype or device, or memory that could not be had.
///
/// Such a failure is a programmer's mistake, so it stops the process with one line unless it
/// happens inside ``withTorchErrors(_:)``, which throws it.
public struct TorchError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The operator's Swift name.
  public let operation: String
  /// The dtype and shape of each operand, such as `float32[128, 512]`.
  public let operands: [String]
  /// libtorch's reason, its first line.
  public let reason: String

  init(operation: String, operands: [String], reason: String) {
    self.operation = operation
    self.operands = operands
    self.reason = String(reason.prefix { $0 != "\n" })
  }

  /// `operator(operands): reason`.
  public var description: String {
    "\(operation)(\(operands.joined(separator: ", "))): \(reason)"
  }
}

/// Runs `body` and throws the first tensor operation in it that failed.
///
/// Inside the scope a failed operation gives an undefined tensor and execution continues; the first
/// failure is thrown when `body` ends, its result is dropped. Scopes nest, and each collects its own.
///
/// - Throws: the first ``TorchError``, or whatever `body` throws when no operation failed before.
@discardableResult
public func withTorchErrors<Result>(_ body: () throws -> Result) throws -> Result {
  let collector = ErrorCollector()
  let result = ErrorCollector.$current.withValue(collector) { Swift.Result { try body() } }
  if let error = collector.first { throw error }
  return try result.get()
}

/// The errors of one scope. It is only ever touched by the task that opened the scope.
final class ErrorCollector: @unchecked Sendable {
  @TaskLocal static var current: ErrorCollector?

  private(set) var first: TorchError?

  func record(_ error: TorchError) {
    if first == nil { first = error }
  }
}
