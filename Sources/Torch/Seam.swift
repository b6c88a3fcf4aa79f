internal import CTorch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The one calling style of the C header: run, look at the status, own the result.
///
/// A failed call goes to the enclosing ``withTorchErrors(_:)`` scope, or stops the process with one
/// line; either way the message names the operator and its operands.
enum Seam {
  /// Calls an operator with one result.
  static func one(
    _ name: StaticString, _ operands: @autoclosure () -> [Tensor],
    _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> Tensor {
    var result: OpaquePointer?
    guard call(&result) == 0 || succeedsUnrecorded({ call(&result) }) else {
      fail(name, operands())
      return .undefined
    }
    return Tensor(owning: result)
  }

  /// Calls an operator of one tensor with one result; the tensor lives as long.
  static func one(
    _ name: StaticString, _ operand: Tensor,
    _ call: (OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> Tensor {
    withExtendedLifetime(operand) { one(name, [operand]) { call(operand.pointer, $0) } }
  }

  /// Calls an operator of two tensors with one result; they live as long.
  static func one(
    _ name: StaticString, _ first: Tensor, _ second: Tensor,
    _ call: (OpaquePointer?, OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> Tensor {
    withExtendedLifetime((first, second)) {
      one(name, [first, second]) { call(first.pointer, second.pointer, $0) }
    }
  }

  /// Calls an operator of three tensors with one result; they live as long.
  static func one(
    _ name: StaticString, _ first: Tensor, _ second: Tensor, _ third: Tensor,
    _ call: (
      OpaquePointer?, OpaquePointer?, OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>
    ) -> Int32
  ) -> Tensor {
    withExtendedLifetime((first, second, third)) {
      one(name, [first, second, third]) { call(first.pointer, second.pointer, third.pointer, $0) }
    }
  }

  /// Calls an operator with a fixed number of results.
  static func several(
    _ name: StaticString, _ operands: @autoclosure () -> [Tensor], _ count: Int,
    _ call: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> [Tensor] {
    var results = [OpaquePointer?](repeating: nil, count: count)
    func called() -> Int32 {
      results.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.map(call) ?? 0 }
    }
    guard called() == 0 || succeedsUnrecorded(called) else {
      fail(name, operands())
      return [Tensor](repeating: .undefined, count: count)
    }
    return results.map { Tensor(owning: $0) }
  }

  /// Calls an operator that gives a list whose length it decides.
  static func many(
    _ name: StaticString, _ operands: @autoclosure () -> [Tensor],
    _ call: (
      UnsafeMutablePointer<UnsafeMutablePointer<OpaquePointer?>?>, UnsafeMutablePointer<Int>
    ) -> Int32
  ) -> [Tensor] {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    var count = 0
    guard call(&list, &count) == 0 || succeedsUnrecorded({ call(&list, &count) }), let list else {
      fail(name, operands())
      return []
    }
    defer { free(list) }
    return (0..<count).map { Tensor(owning: list[$0]) }
  }

  /// Calls an operator without a result.
  static func none(
    _ name: StaticString, _ operands: @autoclosure () -> [Tensor], _ call: () -> Int32
  ) {
    _ = succeeds(name, operands(), call)
  }

  /// Calls an operator without a result, and says whether it did its work.
  static func succeeds(
    _ name: StaticString, _ operands: @autoclosure () -> [Tensor], _ call: () -> Int32
  ) -> Bool {
    guard call() != 0, !succeedsUnrecorded(call) else { return true }
    fail(name, operands())
    return false
  }

  /// Whether an operator that failed while work was recorded works once nothing is: see ``CapturedWork``.
  private static func succeedsUnrecorded(_ call: () -> Int32) -> Bool {
    CapturedWork.Recording.current?.abandon(String(cString: nap_last_error())) == true
      && call() == 0
  }

  static func list(_ tensor: Tensor?) -> [Tensor] { tensor.map { [$0] } ?? [] }

  static func optional(_ value: Int?) -> nap_optional_int {
    nap_optional_int(present: value != nil, value: Int64(value ?? 0))
  }

  static func optional(_ value: Double?) -> nap_optional_double {
    nap_optional_double(present: value != nil, value: value ?? 0)
  }

  /// Records the failure of the call just made in this scope, or stops the process.
  static func fail(_ name: StaticString, _ operands: [Tensor]) {
    let reason = String(cString: nap_last_error())
    report(
      TorchError(operation: "\(name)", operands: operands.map(\.summary), reason: reason))
  }

  static func report(_ error: TorchError) {
    if let collector = ErrorCollector.current {
      collector.record(error)
    } else {
      stop(error.description)
    }
  }

  /// Says the ``LastWords`` where there are any, and ends the process with one line on standard error.
  static func stop(_ message: String) -> Never {
    LastWords.say(message)
    let line = "nap: \(message)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    signal(SIGABRT, SIG_DFL)
    abort()
  }
}
