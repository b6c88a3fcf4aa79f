import Foundation

/// The control groups of a process, as Linux tells of them below `/proc`, of either version: its own and those above
/// them, each of which limits it.
struct ControlGroups {
  /// The folder that holds `proc` and `sys`, with a slash at its end; another one in tests.
  var root = "/"

  /// The least memory that the groups allow, with the file that says so.
  var memoryLimit: (bytes: Double, file: String)? {
    let files = folders(of: "memory").flatMap {
      ["\($0)/memory.max", "\($0)/memory.limit_in_bytes"]
    }
    // `max`, and version 1's largest number, are no limits.
    let limits = files.compactMap { file -> (bytes: Double, file: String)? in
      number(words(file).first).flatMap { $0 < 1e18 ? ($0, file) : nil }
    }
    return limits.min { $0.bytes < $1.bytes }
  }

  /// Processors' worth of time that the process may take, such as 1.5: the least of its groups'; `nil` where nothing
  /// limits it.
  var processorQuota: Double? {
    folders(of: "cpu").compactMap { folder -> Double? in
      let unified = words("\(folder)/cpu.max")
      let (time, period) =
        unified.count == 2
        ? (unified.first, unified.last)
        : (words("\(folder)/cpu.cfs_quota_us").first, words("\(folder)/cpu.cfs_period_us").first)
      // `max` and −1 are no limits.
      return number(time).flatMap { time in number(period).map { time / $0 } }
    }.min()
  }

  private func number(_ word: String?) -> Double? {
    word.flatMap(Double.init).flatMap { $0 > 0 ? $0 : nil }
  }

  /// The folders of the process's groups that a controller may limit, each followed by those above it. In a container
  /// the path may be another one than inside: the tree's root is always among them.
  private func folders(of controller: String) -> [String] {
    mounts.flatMap { mount -> [String] in
      guard mount.options.map({ $0.contains(controller) }) ?? true else { return [] }
      let group = groups[mount.options == nil ? "" : controller] ?? "/"
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
    for line in lines("/proc/self/cgroup") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
        found[String(controller)] = String(fields[2])
      }
    }
    return found
  }

  /// Where hierarchies are mounted, and where they usually are, in case the list of mounts is another's; without
  /// `options`, version 2's.
  private var mounts: [(place: String, root: String, options: [String]?)] {
    [("/sys/fs/cgroup", "/", nil)]
      + lines("/proc/self/mountinfo").compactMap { line in
        let halves = line.components(separatedBy: " - ")
          .map { $0.split(separator: " ").map(String.init) }
        guard halves.count == 2, halves[0].count >= 5, halves[1].count >= 3,
          ["cgroup", "cgroup2"].contains(halves[1][0])
        else { return nil }
        let options = halves[1][2].split(separator: ",").map(String.init)
        return (halves[0][4], halves[0][3], halves[1][0] == "cgroup2" ? nil : options)
      }
  }

  private func words(_ file: String) -> [String] {
    text(file).split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private func lines(_ file: String) -> [String] {
    text(file).split(separator: "\n").map(String.init)
  }

  private func text(_ file: String) -> String {
    (try? String(contentsOfFile: root + file.dropFirst(), encoding: .utf8)) ?? ""
  }
}
