internal import CTorch
import Foundation
import Synchronization

/// Where the processes of a group meet: values by key that all of them see (c10d's stores).
///
/// One call at a time goes over a connection, so that a thread that waits is in the way of the others: threads of one
/// process take a store each.
public final class RendezvousStore: Sendable {
  private let handle: Mutex<Pointer>
  /// The port of a store over TCP; 0 for others.
  public let port: Int

  /// How long a call waits, in seconds.
  private let seconds: Double

  private init(_ pointer: OpaquePointer?, port: Int, seconds: Double) {
    handle = Mutex(Pointer(pointer))
    (self.port, self.seconds) = (port, seconds)
  }

  deinit { handle.withLock { nap_store_free($0.value) } }

  /// A store that this process keeps for the others, as long as the value lives.
  ///
  /// - Parameters:
  ///   - port: where others find it; 0 for any that is free.
  ///   - seconds: how long a call waits.
  /// - Throws: ``ProcessError/store(_:)`` for a port that is in use.
  public static func served(port: Int, seconds: Double) throws(ProcessError) -> RendezvousStore {
    try tcp("localhost", port, serves: true, seconds) { reason in
      "port \(port) of this machine cannot be had (\(reason)); end the program that uses it, or choose another with "
        + "MASTER_PORT"
    }
  }

  /// A store that another process keeps.
  ///
  /// - Throws: ``ProcessError/store(_:)`` when nobody answers for so many seconds.
  public static func at(
    _ host: String, port: Int, seconds: Double
  ) throws(ProcessError) -> RendezvousStore {
    try tcp(host, port, serves: false, seconds) { reason in
      "nobody answers at \(host), port \(port), within \(ProcessError.words(seconds)) (\(reason)); start rank 0, or "
        + "look at MASTER_ADDR and MASTER_PORT"
    }
  }

  /// A store in a file that all processes see, which does not exist before the first of them.
  public static func inFile(_ path: String, seconds: Double) throws(ProcessError) -> RendezvousStore
  {
    var pointer: OpaquePointer?
    guard nap_store_file(path, seconds, &pointer) == 0 else {
      throw .store("\(path): expected a file that can be written, found \(reason())")
    }
    return RendezvousStore(pointer, port: 0, seconds: seconds)
  }

  private static func tcp(
    _ host: String, _ port: Int, serves: Bool, _ seconds: Double, _ words: (String) -> String
  ) throws(ProcessError) -> RendezvousStore {
    guard (0...65_535).contains(port) else {
      throw .store("port \(port): expected 0 to 65535")
    }
    var (pointer, bound): (OpaquePointer?, Int32) = (nil, 0)
    guard nap_store_tcp(host, Int32(port), serves, seconds, &pointer, &bound) == 0 else {
      throw .store(words(reason()))
    }
    return RendezvousStore(pointer, port: Int(bound), seconds: seconds)
  }

  /// The part of the store whose keys begin with `prefix`; it shares the connection.
  public func prefixed(_ prefix: String) throws(ProcessError) -> RendezvousStore {
    let part = try run { store in
      var pointer: OpaquePointer?
      return nap_store_prefixed(store, "\(prefix)/", &pointer) == 0 ? Pointer(pointer) : nil
    }
    return RendezvousStore(part.value, port: port, seconds: seconds)
  }

  /// Sets a value, which later ones replace.
  public func set(_ key: String, _ value: String) throws(ProcessError) {
    let bytes = Array(value.utf8)
    _ = try run { nap_store_set($0, key, bytes, bytes.count) == 0 ? true : nil }
  }

  /// A value, waited for.
  public func value(_ key: String) throws(ProcessError) -> String {
    try run { store in
      var pointer: OpaquePointer?
      guard nap_store_get(store, key, &pointer) == 0 else { return nil }
      return String(decoding: Tensor(owning: pointer).array(of: UInt8.self), as: UTF8.self)
    }
  }

  /// Whether there is a value.
  public func has(_ key: String) throws(ProcessError) -> Bool {
    try run { store in
      var has = false
      return nap_store_has(store, key, &has) == 0 ? has : nil
    }
  }

  /// Adds to a number that is 0 at first, and gives the sum.
  public func add(_ number: Int, to key: String) throws(ProcessError) -> Int {
    try run { store in
      var sum: Int64 = 0
      return nap_store_add(store, key, Int64(number), &sum) == 0 ? Int(sum) : nil
    }
  }

  /// Runs a call of libtorch, which waits for ever for whoever keeps the store if that is stopped.
  func run<Value: Sendable>(
    extra: Double = 0, _ call: @escaping @Sendable (OpaquePointer?) -> Value?
  ) throws(ProcessError) -> Value {
    let result = inTime(seconds + extra + 1) { [self] in
      handle.withLock { pointer -> (Value?, String) in
        let value = call(pointer.value)
        return (value, value == nil ? Self.reason() : "")
      }
    }
    guard let (value, reason) = result else {
      throw .store(
        "the store in which the processes meet does not answer for \(ProcessError.words(seconds)): rank 0, or the "
          + "launcher that keeps it, hangs or was cut off")
    }
    guard let value else {
      throw .store(
        "the store in which the processes meet failed (\(reason)): rank 0, or the launcher that keeps it, stopped or "
          + "was cut off")
    }
    return value
  }

  /// libtorch's reason, without what it says of its frames.
  static func reason() -> String {
    String(String(cString: nap_last_error()).prefix { $0 != "\n" }.prefix(200))
  }
}

/// A handle that goes from thread to thread, one at a time.
struct Pointer: @unchecked Sendable {
  let value: OpaquePointer?
  init(_ value: OpaquePointer?) { self.value = value }
}

/// What `body` comes to on a thread of its own; `nil` when it takes longer, and then goes on there.
private func inTime<Value: Sendable>(
  _ seconds: Double, _ body: @escaping @Sendable () -> Value
) -> Value? {
  let result = Outcome<Value>()
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    let value = body()
    result.value.withLock { $0 = value }
    done.signal()
  }
  thread.stackSize = 1 << 20
  thread.start()
  guard done.wait(timeout: .now() + seconds) == .success else { return nil }
  return result.value.withLock { $0 }
}

private final class Outcome<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
