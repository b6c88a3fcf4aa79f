import Foundation

/// The memory that this process may have, and who says so.
///
/// The least of: the machine's memory; what control groups allow (Linux, versions 1 and 2, as containers and batch
/// systems set them), the process's own and all above it; the limits on address space and data (`ulimit -v`, `ulimit
/// -d`).
public struct MemoryLimit: Hashable, Sendable {
  /// Bytes.
  public let bytes: Double
  /// Bytes of it that the process has already: its address space where that is what is limited, else its resident
  /// memory.
  public var usedBytes = 0.0
  /// Who says so, such as `this machine's memory` or `ulimit -v`.
  public let source: String

  /// Bytes that are left.
  public var leftBytes: Double { max(0, bytes - usedBytes) }

  /// The limit in words, such as `this machine's memory of 16.0 GB`.
  public var words: String { "\(source) of \(Self.gigabytes(bytes))" }

  /// Bytes as text, in the unit that suits them: `512 MB`, `16.0 GB`.
  public static func gigabytes(_ bytes: Double) -> String {
    func text(_ value: Double, _ digits: Int) -> String {
      value < 1e6
        ? value.formatted(.number.grouping(.never).precision(.fractionLength(digits)))
        : value.formatted(.number.notation(.scientific).precision(.significantDigits(3)))
    }
    return bytes < 1e9 ? "\(text(bytes / 1e6, 0)) MB" : "\(text(bytes / 1e9, 1)) GB"
  }

  /// The limit of this process, asked now. Cost: some small files are read.
  public static var current: MemoryLimit { limit(below: "/") }

  /// - Parameter root: the folder that holds `proc` and `sys`, for tests.
  static func limit(below root: String) -> MemoryLimit {
    let status = text(root + "proc/self/status") ?? ""
    let resident = kilobytes("VmRSS:", in: status)
    let addresses = kilobytes("VmSize:", in: status)
    let data = kilobytes("VmData:", in: status)
    var limits = [
      MemoryLimit(
        bytes: Double(ProcessInfo.processInfo.physicalMemory), usedBytes: resident,
        source: "this machine's memory")
    ]
    if let group = ControlGroups(root: root).memoryLimit {
      limits.append(
        MemoryLimit(
          bytes: group.bytes, usedBytes: resident,
          source: "the memory limit of the control group (\(group.file))"))
    }
    for (resource, used, option) in [(addressSpace, addresses, "-v"), (dataSize, data, "-d")] {
      guard let bytes = ulimit(resource) else { continue }
      limits.append(
        MemoryLimit(bytes: bytes, usedBytes: used, source: "the limit of ulimit \(option)"))
    }
    return limits.min { $0.leftBytes < $1.leftBytes } ?? limits[0]
  }

  #if canImport(Glibc)
    private static let addressSpace = __rlimit_resource_t(RLIMIT_AS.rawValue)
    private static let dataSize = __rlimit_resource_t(RLIMIT_DATA.rawValue)

    private static func ulimit(_ resource: __rlimit_resource_t) -> Double? {
      var limit = rlimit()
      guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt.max / 2 else { return nil }
      return Double(limit.rlim_cur)
    }
  #else
    private static let addressSpace = RLIMIT_AS
    private static let dataSize = RLIMIT_DATA

    private static func ulimit(_ resource: Int32) -> Double? {
      var limit = rlimit()
      guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt64.max / 4 else { return nil }
      return Double(limit.rlim_cur)
    }
  #endif

  private static func text(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }

  private static func kilobytes(_ field: String, in status: String) -> Double {
    let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
    return Double(line?.filter(\.isNumber) ?? "").map { $0 * 1024 } ?? 0
  }
}
