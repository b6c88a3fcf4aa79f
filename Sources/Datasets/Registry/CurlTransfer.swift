import Foundation

/// One request by the program `curl`, whose output this process reads and writes down itself.
///
/// The program rather than a library: it knows the machine's proxies and certificates, and keeps networking out
/// of the binary. Output comes through a pipe, so there is one writer, and a transfer whose parent dies ends.
struct CurlTransfer {
  let address: String
  /// Bytes that are already here.
  let offset: Int
  let connectSeconds: Double
  let stallSeconds: Double

  /// How a request ended.
  enum Outcome: Hashable {
    case finished
    /// The server does not continue at an offset.
    case cannotResume
    /// The address will not do: trying again is of no use.
    case refused(String)
    /// Trying again may help.
    case broken(String)
    case stalled
  }

  /// Runs the request, giving each block to `body`. An error thrown by `body` ends the program and is rethrown.
  func run(_ body: ([UInt8]) throws -> Void) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: try SystemProgram.path(
        "curl", package: "curl", for: address, .downloadFailed, "fetch the address by hand"))
    process.arguments =
      [
        "--disable", "--no-buffer", "--silent", "--show-error", "--fail", "--location",
        "--max-redirs", "5",
        "--proto", "=http,https", "--connect-timeout", "\(connectSeconds)",
        "--write-out", "%{stderr}\n%{http_code}",
      ] + (offset > 0 ? ["--continue-at", "\(offset)"] : []) + ["--", address]
    let (output, messages) = (Pipe(), Pipe())
    // Foundation keeps a process that has ended, and its pipes with it, on a thread without a run loop.
    defer { for pipe in [output, messages] { try? pipe.fileHandleForReading.close() } }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = messages
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do { try process.run() } catch {
      throw DatasetError(
        .downloadFailed, path: address, expected: "to start curl",
        found: error.localizedDescription, remedy: "install curl again")
    }
    var stalled = false
    do {
      stalled = try !Self.readAll(output.fileHandleForReading, stallSeconds, body)
    } catch {
      Self.end(process)
      ended.wait()
      throw error
    }
    if stalled { Self.end(process) }
    ended.wait()
    if stalled { return .stalled }
    let text = (try? messages.fileHandleForReading.readToEnd()) ?? nil
    return outcome(process.terminationStatus, String(decoding: text ?? Data(), as: UTF8.self))
  }

  /// Ends the program at once. It inherits the signals that this thread blocks, on some threads SIGTERM among
  /// them, so only SIGKILL is sure to reach it; it owns nothing that would want tidying.
  private static func end(_ process: Process) { kill(process.processIdentifier, SIGKILL) }

  private func outcome(_ status: Int32, _ messages: String) -> Outcome {
    let lines = messages.split(separator: "\n").map(String.init)
    let code = lines.last.flatMap { Int($0) } ?? 0
    let reason = lines.dropLast().joined(separator: " ")
    switch (status, code) {
    case (0, _): return .finished
    case (33, _), (_, 416): return .cannotResume
    case (28, _): return .stalled
    case (22, 400..<500) where code != 408 && code != 429: return .refused(reason)
    default: return .broken(reason.isEmpty ? "curl's status \(status)" : reason)
    }
  }

  /// Bytes a second, over the time after which a server counts as silent, below which it counts as silent, too: our
  /// choice.
  static let leastSpeed = 1_000.0

  /// Reads to the end; false if nothing came for `stallSeconds`, or next to nothing (``leastSpeed``).
  private static func readAll(
    _ handle: FileHandle, _ stallSeconds: Double, _ body: ([UInt8]) throws -> Void
  ) throws -> Bool {
    let descriptor = handle.fileDescriptor
    // From the first byte on: what comes before is waited for as long.
    var window: (start: ContinuousClock.Instant, count: Int)?
    while true {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&request, 1, Int32(stallSeconds * 1000))
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { return false }
      var count = 0
      let block = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, written in
        count = read(descriptor, buffer.baseAddress, 1 << 16)
        written = Swift.max(count, 0)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return true }
      try body(block)
      guard let (start, before) = window else {
        window = (.now, 0)
        continue
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      window?.count = before + count
      if seconds >= stallSeconds {
        guard Double(before + count) >= seconds * leastSpeed else { return false }
        window = (.now, 0)
      }
    }
  }
}
