import Foundation

/// What this process has used of memory, as Linux counts it.
///
/// Pages of mapped files, such as a library's code, are left out: the system takes them away and reads them
/// again as it likes.
public enum ProcessMemory {
  /// Resident bytes now; 0 where the system does not say.
  public static var residentBytes: Int { field("RssAnon:") }

  /// The largest resident bytes since the process began, or since ``resetPeak()``; too few by what was read of files
  /// since the peak.
  public static var peakBytes: Int { max(residentBytes, field("VmHWM:") - field("RssFile:")) }

  /// Threads; 0 where the system does not say.
  public static var threadCount: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
  }

  /// Bytes of address space, whether touched or not.
  public static var addressBytes: Int { field("VmSize:") }

  /// Starts the peak again at what is resident now.
  ///
  /// - Returns: whether the system can.
  @discardableResult
  public static func resetPeak() -> Bool {
    let descriptor = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return write(descriptor, "5", 1) == 1
  }

  /// Makes the C library give freed blocks of 64 KiB and more back to the system at once, so that
  /// the next call's memory is seen as new.
  public static func returnFreedMemory() {
    // By name: Swift's module of glibc leaves mallopt out, and other C libraries have none.
    typealias MallocOption = @convention(c) (Int32, Int32) -> Int32
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let setOption = unsafeBitCast(symbol, to: MallocOption.self)
    let (trimThreshold, mmapThreshold): (Int32, Int32) = (-1, -3)
    _ = setOption(mmapThreshold, 64 << 10)
    _ = setOption(trimThreshold, 64 << 10)
  }

  /// Lets the address space grow by at most `bytes` from here on: what would reserve more, touched
  /// or not, fails.
  public static func limitGrowth(to bytes: Int) {
    #if canImport(Glibc)
      let most = rlim_t(addressBytes + bytes)
      var limit = rlimit(rlim_cur: most, rlim_max: most)
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #endif
  }

  private static func field(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      if text.hasPrefix(name) { return (Int(text.filter(\.isNumber)) ?? 0) * 1024 }
    }
    return 0
  }
}
