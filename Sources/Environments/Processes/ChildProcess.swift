import Foundation
import Torch

/// A process of ours that we talk to through a socket, and that does not outlive us.
///
/// Its standard input is empty; what it writes to standard output and error is read as it comes, and the end of it
/// kept. It finds the socket as file descriptor 3, `memory` as 4, and as 5 a pipe whose other end is ours alone: that
/// one ends when we do, however we end. (Linux's parent-death signal would do less: it is sent when the *thread* that
/// started the child ends.)
package final class ChildProcess {
  private let identifier: pid_t
  private let socket: Int32
  private let life: Int32
  private let noise: Int32
  private var tail: [UInt8] = []
  private var status: Int32?

  /// Starts it.
  ///
  /// - Throws: ``Descriptors/Refusal``.
  package init(executable: String, arguments: [String], memory: Int32, sendTimeout: Double) throws {
    let sockets = try Descriptors.sockets()
    let life = try Descriptors.pipe()
    let noise = try Descriptors.pipe()
    defer { for descriptor in [sockets.theirs, life.reading, noise.writing] { close(descriptor) } }
    (self.socket, self.life, self.noise) = (sockets.ours, life.writing, noise.reading)
    _ = fcntl(noise.reading, F_SETFL, O_NONBLOCK)
    var limit = timeval()
    limit.tv_sec = Int(max(1, min(sendTimeout, 1e6)))
    setsockopt(
      sockets.ours, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    do {
      identifier = try Self.spawn(
        [executable] + arguments,
        files: [(noise.writing, 2), (sockets.theirs, 3), (memory, 4), (life.reading, 5)])
    } catch {
      for descriptor in [sockets.ours, life.writing, noise.reading] { close(descriptor) }
      throw error
    }
  }

  private static func spawn(_ words: [String], files: [(from: Int32, to: Int32)]) throws -> pid_t {
    #if canImport(Glibc)
      var actions = posix_spawn_file_actions_t()
    #else
      var actions: posix_spawn_file_actions_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for file in files { posix_spawn_file_actions_adddup2(&actions, file.from, file.to) }
    posix_spawn_file_actions_adddup2(&actions, 2, 1)
    var texts = words.map { strdup($0) }
    defer { for text in texts { free(text) } }
    texts.append(nil)
    var identifier = pid_t()
    var code = posix_spawnp(&identifier, words[0], &actions, nil, texts, environ)
    // A script just written is busy while a child that another thread made meanwhile still has the writer's descriptor,
    // that is until it executes.
    for _ in 0..<100 where code == ETXTBSY {
      usleep(10_000)
      code = posix_spawnp(&identifier, words[0], &actions, nil, texts, environ)
    }
    guard code == 0 else { throw Descriptors.Refusal(what: "to run \(words[0])", code: code) }
    return identifier
  }

  /// Why a process gives no answer.
  package enum Silence: Error {
    case ended(status: String, lastLines: [String])
    case tooLate(lastLines: [String])
  }

  /// The last lines of a process, to stand after a sentence.
  package static func quoted(_ lines: [String]) -> String {
    lines.isEmpty ? "" : "; its last lines:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
  }

  /// Writes everything.
  package func send(_ bytes: some Collection<UInt8>) throws {
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, flags)
      }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        throw errno == EAGAIN ? late() : ended()
      }
    }
  }

  /// Reads so many bytes; watches for `spin` microseconds before it sleeps. Memory is taken for what comes, not for
  /// what was announced.
  package func receive(_ count: Int, within seconds: Double, spin: Double = 0) throws -> [UInt8] {
    let start = ContinuousClock.now
    let (watched, limit) = (start + .microseconds(spin), start + .seconds(seconds))
    let most = 1 << 20
    var bytes = try block(min(count, most), watched: watched, from: start, until: limit)
    while bytes.count < count {
      bytes += try block(
        min(count - bytes.count, most), watched: watched, from: start, until: limit)
    }
    return bytes
  }

  private func block(
    _ count: Int, watched: ContinuousClock.Instant, from start: ContinuousClock.Instant,
    until limit: ContinuousClock.Instant
  ) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let found = recv(
          socket, buffer.baseAddress.map { $0 + filled }, count - filled, Self.withoutWaiting)
        if found > 0 {
          filled += found
        } else if found == 0 || (errno != EAGAIN && errno != EINTR) {
          throw ended()
        } else if ContinuousClock.now >= watched {
          // An answer that is only a little late is waited for, so that what asked for it can be saved.
          if ContinuousClock.now - start >= Self.patience { try StopRequest.check() }
          try sleep(until: limit)
        }
      }
    }
  }

  /// How long an answer is waited for whatever was asked meanwhile.
  private static let patience = Duration.seconds(5)

  #if canImport(Glibc)
    private static let withoutWaiting = Int32(MSG_DONTWAIT)
  #else
    private static let withoutWaiting = MSG_DONTWAIT
  #endif

  /// Waits for an answer or a line of noise. It may be that neither comes, since another process holds the socket: so
  /// the process itself is looked at every fifth of a second.
  private func sleep(until limit: ContinuousClock.Instant) throws {
    var polled = [
      pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
      pollfd(fd: noise, events: Int16(POLLIN), revents: 0),
    ]
    // A closed end of the noise is no reason to wake.
    let isClosed = drain()
    guard poll(&polled, nfds_t(isClosed ? 1 : 2), 200) == 0 else { return }
    if ContinuousClock.now >= limit { throw late() }
    if hasEnded() {
      // An answer may have come just before.
      guard poll(&polled, 1, 0) == 0 else { return }
      throw ended()
    }
  }

  /// Takes what was written to standard output and error; whether nothing more can come.
  @discardableResult
  private func drain() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(noise, &buffer, buffer.count)
      guard count > 0 else { return count == 0 }
      tail += buffer[..<count]
      if tail.count > 16384 { tail.removeFirst(tail.count - 8192) }
    }
  }

  /// The last lines that it wrote.
  private func lastLines() -> [String] {
    drain()
    let lines = String(decoding: tail, as: UTF8.self).split(separator: "\n")
    return lines.suffix(6).map { String($0.prefix(400)) }
  }

  private func hasEnded() -> Bool {
    var found: Int32 = 0
    if status == nil, waitpid(identifier, &found, WNOHANG) == identifier { status = found }
    return status != nil
  }

  private func ended() -> Silence {
    end(patience: 1)
    return .ended(status: statusText, lastLines: lastLines())
  }

  private func late() -> Silence {
    end(patience: 0)
    return .tooLate(lastLines: lastLines())
  }

  private var statusText: String {
    guard let status else { return "an unknown status" }
    let signal = status & 0x7f
    return signal == 0 ? "exit status \((status >> 8) & 0xff)" : "signal \(signal)"
  }

  /// Lets it end by itself for so many seconds, then kills it.
  private func end(patience: Double) {
    shutdown(socket, Int32(SHUT_RDWR))
    let limit = ContinuousClock.now + .seconds(patience)
    while !hasEnded() {
      if ContinuousClock.now >= limit {
        kill(identifier, SIGKILL)
        var found: Int32 = 0
        while waitpid(identifier, &found, 0) < 0 && errno == EINTR {}
        status = found
        return
      }
      usleep(500)
    }
  }

  /// The process's number.
  package var processIdentifier: Int32 { identifier }

  deinit {
    end(patience: 1)
    for descriptor in [socket, life, noise] { close(descriptor) }
  }
}
