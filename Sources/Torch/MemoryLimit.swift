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
  public let usedBytes: Double
  /// Who says so, such as `this machine's memory` or `ulimit -v`.
  public let source: String

  /// A limit; see the properties.
  public init(bytes: Double, usedBytes: Double = 0, source: String) {
    self.bytes = bytes
    self.usedBytes = usedBytes
    self.source = source
  }

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

/// The control groups that a process belongs to, as Linux tells of them below `/proc`.
struct ControlGroups {
  let root: String

  /// The least memory that the process's groups and those above them allow, with the file that says so.
  var memoryLimit: (bytes: Double, file: String)? {
    var least: (bytes: Double, file: String)?
    for folder in memoryFolders {
      for name in ["memory.max", "memory.limit_in_bytes"] {
        let file = folder + "/" + name
        guard let bytes = number(file), least.map({ bytes < $0.bytes }) ?? true else { continue }
        least = (bytes, file)
      }
    }
    return least
  }

  /// `max`, and version 1's largest number, are no limits.
  private func number(_ file: String) -> Double? {
    guard let text = try? String(contentsOfFile: root + file.dropFirst(), encoding: .utf8),
      let bytes = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)), bytes > 0,
      bytes < 1e18
    else { return nil }
    return bytes
  }

  /// The folders of the process's groups, each followed by those above it.
  private var memoryFolders: [String] {
    mounts.flatMap { mount -> [String] in
      guard let group = groups[mount.isUnified ? "" : "memory"] else { return [] }
      // A container sees a part of the tree, from the mount's own root on.
      let isBelow = mount.root != "/" && group.hasPrefix(mount.root)
      let path = isBelow ? String(group.dropFirst(mount.root.count)) : group
      let parts = path.split(separator: "/").filter { $0 != ".." }
      return (0...parts.count).reversed().map { count in
        ([mount.place] + parts.prefix(count).map(String.init)).joined(separator: "/")
      }
    }
  }

  /// The process's group in each hierarchy by its controller; version 2 has the empty name.
  private var groups: [String: String] {
    var found: [String: String] = [:]
    for line in lines("proc/self/cgroup") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
        found[String(controller)] = String(fields[2])
      }
    }
    return found
  }

  /// Where hierarchies that may limit memory are mounted.
  private var mounts: [(place: String, root: String, isUnified: Bool)] {
    lines("proc/self/mountinfo").compactMap { line in
      let halves = line.components(separatedBy: " - ")
      let (left, right) = (
        halves[0].split(separator: " "), halves.last?.split(separator: " ") ?? []
      )
      guard halves.count == 2, left.count >= 5, right.count >= 3 else { return nil }
      let isUnified = right[0] == "cgroup2"
      guard isUnified || (right[0] == "cgroup" && right[2].split(separator: ",").contains("memory"))
      else { return nil }
      return (String(left[4]), String(left[3]), isUnified)
    }
  }

  private func lines(_ path: String) -> [String] {
    let text = (try? String(contentsOfFile: root + path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }
}
