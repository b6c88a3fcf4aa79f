import Foundation

/// The plain bytes of an xz stream that begins at a place in a file, as the program `xz` gives them.
///
/// The program rather than a library: whoever unpacks archives has it, on Debian and elsewhere, where `dpkg-deb` is
/// not. It reads the file itself, so there is nothing to feed and no copy on disk. Memory: one block and the pipe.
final class XZSource: ByteSource {
  let path: String
  let storedByteCount: Int
  private let process = Process()
  private let (output, messages) = (Pipe(), Pipe())
  private let ended = DispatchSemaphore(value: 0)
  private var isFinished = false

  /// Starts the program at byte `offset` of the file at `path`.
  ///
  /// - Throws: `DatasetError` (`missingFile`, `unreadable`), where the program is missing with how to install it.
  init(path: String, offset: Int) throws {
    self.path = path
    storedByteCount = try FileSource(path: path).storedByteCount - offset
    let program = try SystemProgram.path(
      "xz", package: "xz-utils", for: path, .unreadable, "set PATH to where it is")
    do {
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      try file.seek(toOffset: UInt64(offset))
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = ["--decompress", "--stdout", "--single-stream", "--quiet"]
      process.standardInput = file
      process.standardOutput = output
      process.standardError = messages
      process.terminationHandler = { [ended] _ in ended.signal() }
      try process.run()
    } catch {
      throw DatasetError(
        .unreadable, path: path, expected: "to start xz", found: error.localizedDescription,
        remedy: "install xz again (`apt-get install xz-utils`)")
    }
  }

  deinit {
    if !isFinished, process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
    }
    // Foundation keeps a process that has ended, and its pipes with it, on a thread without a run loop.
    for pipe in [output, messages] { try? pipe.fileHandleForReading.close() }
  }

  func read(_ maximum: Int) throws -> [UInt8] {
    let descriptor = output.fileHandleForReading.fileDescriptor
    var bytes: [UInt8] = []
    bytes.reserveCapacity(maximum)
    while bytes.count < maximum, !isFinished {
      let capacity = maximum - bytes.count
      var count = 0
      let block = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, written in
        repeat {
          count = Foundation.read(descriptor, buffer.baseAddress, capacity)
        } while count < 0 && errno == EINTR
        written = max(count, 0)
      }
      bytes += block
      if count <= 0 { try finish() }
    }
    return bytes
  }

  private func finish() throws {
    isFinished = true
    ended.wait()
    guard process.terminationStatus != 0 else { return }
    let text = (try? messages.fileHandleForReading.readToEnd()) ?? nil
    throw DatasetError(
      .malformed, path: path, expected: "an xz stream that is whole",
      found: String(decoding: text ?? Data(), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines), remedy: Remedy.fetchAgain)
  }
}
