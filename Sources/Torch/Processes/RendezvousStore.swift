internal import CTorch
import Synchronization

/// Where the processes of a group meet: values by key that all of them see (c10d's stores).
///
/// One call at a time goes over a connection, so that a thread that waits is in the way of the others: threads of one
/// process take a store each.
public final class RendezvousStore: Sendable {
  private let handle: Mutex<Pointer>
  /// The port of a store over TCP; 0 for others.
  public let port: Int

  private struct Pointer: @unchecked Sendable { var store: OpaquePointer? }

  private init(_ pointer: OpaquePointer?, port: Int) {
    handle = Mutex(Pointer(store: pointer))
    self.port = port
  }

  deinit { handle.withLock { nap_store_free($0.store) } }

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
      "nobody answers at \(host), port \(port), within \(ProcessError.words(seconds)) (\(reason)); start rank 0, or look "
        + "at MASTER_ADDR and MASTER_PORT"
    }
  }

  /// A store in a file that all processes see, which does not exist before the first of them.
  public static func inFile(_ path: String, seconds: Double) throws(ProcessError) -> RendezvousStore
  {
    var pointer: OpaquePointer?
    guard nap_store_file(path, seconds, &pointer) == 0 else {
      throw .store("\(path): expected a file that can be written, found \(reason())")
    }
    return RendezvousStore(pointer, port: 0)
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
    return RendezvousStore(pointer, port: Int(bound))
  }

  /// The part of the store whose keys begin with `prefix`; it shares the connection.
  public func prefixed(_ prefix: String) throws(ProcessError) -> RendezvousStore {
    var pointer: OpaquePointer?
    try run { nap_store_prefixed($0, "\(prefix)/", &pointer) }
    return RendezvousStore(pointer, port: port)
  }

  /// Sets a value, which later ones replace.
  public func set(_ key: String, _ value: String) throws(ProcessError) {
    let bytes = Array(value.utf8)
    try run { nap_store_set($0, key, bytes, bytes.count) }
  }

  /// A value, waited for.
  public func value(_ key: String) throws(ProcessError) -> String {
    var pointer: OpaquePointer?
    try run { nap_store_get($0, key, &pointer) }
    return String(decoding: Tensor(owning: pointer).array(of: UInt8.self), as: UTF8.self)
  }

  /// Whether there is a value.
  public func has(_ key: String) throws(ProcessError) -> Bool {
    var has = false
    try run { nap_store_has($0, key, &has) }
    return has
  }

  /// Adds to a number that is 0 at first, and gives the sum.
  public func add(_ number: Int, to key: String) throws(ProcessError) -> Int {
    var sum: Int64 = 0
    try run { nap_store_add($0, key, Int64(number), &sum) }
    return Int(sum)
  }

  func withPointer<Result>(_ body: (OpaquePointer?) -> Result) -> Result {
    handle.withLock { body($0.store) }
  }

  private func run(_ call: (OpaquePointer?) -> Int32) throws(ProcessError) {
    let failure = withPointer { call($0) == 0 ? nil : Self.reason() }
    if let failure {
      throw .store("the store in which the processes meet failed: \(failure)")
    }
  }

  /// libtorch's reason, without what it says of its frames.
  static func reason() -> String {
    String(String(cString: nap_last_error()).prefix { $0 != "\n" }.prefix(200))
  }
}
