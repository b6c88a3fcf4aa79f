import Foundation

/// ffmpeg at work: takes raw images through a socket and writes a file that is renamed at the end.
final class VideoEncoder {
  private let url: URL
  private let unfinished: URL
  private let complaints: URL
  private let process = Process()
  private let socket: Int32
  private let patience: Int
  private var isOpen = true
  private var wasHung = false

  init(
    _ ffmpeg: URL, to url: URL, format: Video.Format, width: Int, height: Int, rate: Double,
    scale: Int, patience: Int
  ) throws {
    self.patience = patience
    self.url = url
    // The name says that it is not whole; the ending tells ffmpeg what to make.
    let name = url.deletingPathExtension().lastPathComponent
    let mark = UUID().uuidString.prefix(8)
    unfinished = url.deletingLastPathComponent()
      .appendingPathComponent(".\(name)-\(mark).\(format.rawValue)")
    complaints = FileManager.default.temporaryDirectory
      .appendingPathComponent("nap-video-\(mark).txt")
    guard FileManager.default.createFile(atPath: complaints.path, contents: nil) else {
      throw VideoError("\(complaints.path): the file for ffmpeg's words cannot be made")
    }
    // Whole squares, and an even number of them each way, which most decoders ask for.
    let enlarged = "scale=iw*\(scale):ih*\(scale):flags=neighbor"
    let filter =
      format == .gif
      ? "\(enlarged),split[a][b];[a]palettegen=max_colors=128:stats_mode=single[p];[b][p]paletteuse=new=1:dither=none"
      : "\(enlarged),pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p"
    process.executableURL = ffmpeg
    process.arguments =
      [
        "-nostdin", "-y", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgb24",
        "-video_size", "\(width)x\(height)", "-framerate", "\(rate)", "-i", "pipe:0",
        "-filter_complex", filter,
      ] + (format == .mp4 ? ["-movflags", "+faststart"] : []) + [unfinished.path]
    // A socket and not a pipe: writing to an encoder that has died is an error then, not a signal.
    let ends = try Descriptors.sockets()
    socket = ends.ours
    // A hung encoder must not hold the program: then a write gives up.
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let theirs = FileHandle(fileDescriptor: ends.theirs, closeOnDealloc: true)
    do {
      process.standardInput = theirs
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: complaints)
      try process.run()
      try theirs.close()
    } catch {
      close(socket)
      isOpen = false
      throw VideoError("\(ffmpeg.path): it cannot be started (\(error.localizedDescription))")
    }
  }

  func write(_ bytes: [UInt8]) throws {
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, flags)
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        kill(process.processIdentifier, SIGKILL)
        end()
        throw hung("took no image")
      } else if errno != EINTR {
        throw failure()
      }
    }
  }

  func finish() throws {
    end()
    if wasHung { throw hung("did not end") }
    guard process.terminationStatus == 0 else { throw failure() }
    guard rename(unfinished.path, url.path) == 0 else {
      let reason = String(cString: strerror(errno))
      throw VideoError("\(url.path): the video cannot take this name (\(reason)); name another")
    }
  }

  private func failure() -> VideoError {
    end()
    let words = (try? String(contentsOf: complaints, encoding: .utf8)) ?? ""
    let last = words.split(separator: "\n").last.map(String.init) ?? "it gives no reason"
    return VideoError("\(url.path): ffmpeg could not write it: \(last.prefix(400))")
  }

  private func hung(_ what: String) -> VideoError {
    VideoError(
      "\(url.path): ffmpeg \(what) for \(patience) s and was ended; try again, or give a folder for PNG files"
    )
  }

  /// Tells it that no more images come, and waits for it as long as its file grows.
  private func end() {
    guard isOpen else { return }
    close(socket)
    isOpen = false
    var (size, moment) = (-1, ContinuousClock.now)
    while process.isRunning {
      let found =
        (try? FileManager.default.attributesOfItem(atPath: unfinished.path))?[.size] as? Int ?? 0
      if found != size { (size, moment) = (found, .now) }
      if ContinuousClock.now - moment > .seconds(patience) {
        wasHung = true
        kill(process.processIdentifier, SIGKILL)
        break
      }
      usleep(5_000)
    }
    process.waitUntilExit()
  }

  deinit {
    if isOpen {
      kill(process.processIdentifier, SIGKILL)
      end()
    }
    try? FileManager.default.removeItem(at: unfinished)
    try? FileManager.default.removeItem(at: complaints)
  }
}
