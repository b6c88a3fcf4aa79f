import Foundation

/// An HTTP server on 127.0.0.1 that misbehaves as told, one connection at a time.
public final class LoopbackServer: @unchecked Sendable {
  /// What to do with the next connection.
  public enum Behaviour: Sendable {
    /// Answer as asked, ranges included.
    case whole
    /// Announce everything, send this many bytes of it and hang up.
    case cut(after: Int)
    /// Answer with everything, whatever range was asked for.
    case ignoringRange
    /// Answer with this status and no content.
    case status(Int)
    /// Read the request and never answer.
    case silent
    /// Send this many bytes, then nothing, and stay connected.
    case stalling(after: Int)
    /// Send this many bytes, then one every 20 ms, for 40 s: whoever waits for ever sees the connection close.
    case dripping(after: Int)
    /// Answer as asked, but only so many bytes every 10 ms.
    case slow(Int)
  }

  private let content: [UInt8]
  private let descriptor: Int32
  private let port: UInt16
  private let lock = NSLock()
  private var behaviours: [Behaviour]
  private var requests: [String] = []
  private var held: [Int32] = []

  /// Serves `content`; connections follow `behaviours` in order, and `whole` once they are used up.
  public init(_ content: [UInt8], _ behaviours: [Behaviour] = []) throws {
    self.content = content
    self.behaviours = behaviours
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard listening else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread {
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        self.serve(connection)
      }
    }
    thread.start()
  }

  /// Ends the server: its thread, and every connection that was held open.
  public func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    lock.withLock { held.forEach { close($0) } }
  }

  /// The address of the content.
  public var address: String { folder + "/file.bin" }

  /// The address of the folder that the content lies in, under any name.
  public var folder: String { "http://127.0.0.1:\(port)" }

  /// What each request asked for, in order.
  public var targets: [String] {
    lock.withLock { requests }.map { request in
      request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }
  }

  /// The value of each request's Range header ("" where there was none), in order.
  public var ranges: [String] {
    lock.withLock { requests }.map { request in
      let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range:") }
      return line.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) } ?? ""
    }
  }

  private func serve(_ connection: Int32) {
    var request = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !request.contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      request += String(decoding: buffer[0..<count], as: UTF8.self)
    }
    let behaviour = lock.withLock {
      requests.append(request)
      return behaviours.isEmpty ? .whole : behaviours.removeFirst()
    }
    let start = lock.withLock { requests.last }.map(Self.start) ?? 0
    switch behaviour {
    case .whole where start >= content.count && start > 0:
      send(connection, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", [])
    case .whole: answer(connection, from: start, sending: .max)
    case .cut(let count): answer(connection, from: start, sending: count)
    case .ignoringRange: answer(connection, from: 0, sending: .max)
    case .status(let code):
      send(connection, "HTTP/1.1 \(code) Told So\r\nContent-Length: 0\r\n\r\n", [])
    case .silent:
      lock.withLock { held.append(connection) }
      return
    case .dripping(let count):
      answer(connection, from: start, sending: count)
      let rest = content.dropFirst(start + count).prefix(2000)
      Thread.detachNewThread {
        for byte in rest {
          guard self.isSent(connection, [byte]) else { break }
          usleep(20_000)
        }
        close(connection)
      }
      return
    case .slow(let count):
      answer(connection, from: start, sending: 0)
      let rest = content.dropFirst(start)
      Thread.detachNewThread {
        for first in stride(from: rest.startIndex, to: rest.endIndex, by: count) {
          guard self.isSent(connection, Array(rest[first...].prefix(count))) else { break }
          usleep(10_000)
        }
        close(connection)
      }
      return
    case .stalling(let count):
      answer(connection, from: start, sending: count)
      lock.withLock { held.append(connection) }
      return
    }
    close(connection)
  }

  private static func start(_ request: String) -> Int {
    guard let range = request.range(of: "bytes=") else { return 0 }
    return Int(request[range.upperBound...].prefix { $0.isNumber }) ?? 0
  }

  private func answer(_ connection: Int32, from start: Int, sending count: Int) {
    let rest = content[start...]
    let head =
      start > 0
      ? "206 Partial Content\r\nContent-Range: bytes \(start)-\(content.count - 1)/\(content.count)"
      : "200 OK"
    send(
      connection, "HTTP/1.1 \(head)\r\nContent-Length: \(rest.count)\r\n\r\n",
      Array(rest.prefix(count)))
  }

  private func send(_ connection: Int32, _ head: String, _ body: [UInt8]) {
    _ = isSent(connection, Array(head.utf8) + body)
  }

  /// Whether everything could be sent.
  private func isSent(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      #if canImport(Glibc)
        let flags = Int32(MSG_NOSIGNAL)
      #else
        let flags: Int32 = 0
      #endif
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, flags)
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}
