internal import CTorch
internal import Foundation

extension Machine {
  /// Processors that this process may keep busy at once, at least 1: those of its affinity (`taskset`, a cluster's
  /// share), or what its control group's quota comes to in whole processors, where that is less.
  public static var usableProcessorCount: Int {
    let allowed = Int(nap_allowed_processors())
    let count = allowed > 0 ? allowed : ProcessInfo.processInfo.activeProcessorCount
    return max(1, min(count, ControlGroup().processorQuota.map { Int($0) } ?? count))
  }

  /// What the environment asks for by `OMP_NUM_THREADS`, which libtorch obeys; `nil` where it says nothing.
  public static var threadsOfEnvironment: Int? {
    guard let text = ProcessInfo.processInfo.environment["OMP_NUM_THREADS"] else { return nil }
    return text.split(separator: ",").first.flatMap { Int($0) }.flatMap { $0 >= 1 ? $0 : nil }
  }
}

/// The control groups of this process, of either version, from its own up to the root.
struct ControlGroup {
  /// Where the system's files lie; another folder in tests.
  var root = URL(fileURLWithPath: "/")

  /// Processors' worth of time that the process may take, such as 1.5; `nil` where nothing limits it. A group is
  /// limited by those above it as well, so the least of all counts.
  var processorQuota: Double? {
    let newer = values(of: "cpu.max", controller: nil).compactMap { words -> Double? in
      guard words.count == 2 else { return nil }
      return quota(words[0], words[1])
    }
    let older = folders(controller: "cpu").compactMap { folder -> Double? in
      guard let quota = words(folder, "cpu.cfs_quota_us").first,
        let period = words(folder, "cpu.cfs_period_us").first
      else { return nil }
      return self.quota(quota, period)
    }
    return (newer + older).min()
  }

  private func quota(_ time: Substring, _ period: Substring) -> Double? {
    // "max" and -1 mean no limit.
    guard let time = Double(time), let period = Double(period), time > 0, period > 0 else {
      return nil
    }
    return time / period
  }

  private func values(of file: String, controller: String?) -> [[Substring]] {
    folders(controller: controller).map { words($0, file) }
  }

  private func words(_ folder: URL, _ file: String) -> [Substring] {
    let text = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
    return text?.split(whereSeparator: \.isWhitespace) ?? []
  }

  /// The process's folder of a controller (`nil`: of the second version's one tree) and those above it. In a container
  /// the path is another one than inside, or none: the tree's root is always among them.
  private func folders(controller: String?) -> [URL] {
    let lines =
      (try? String(contentsOf: root.appendingPathComponent("proc/self/cgroup"), encoding: .utf8))
      ?? ""
    let path = lines.split(separator: "\n").lazy.map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }.first { parts in
      guard parts.count == 3 else { return false }
      let names = parts[1].split(separator: ",").map(String.init)
      return controller.map(names.contains) ?? (parts[0] == "0" && names.isEmpty)
    }?[2]
    let mounts = root.appendingPathComponent("sys/fs/cgroup")
    let trees =
      controller.map { [$0, "cpu,cpuacct"].map(mounts.appendingPathComponent) }
      ?? [mounts, mounts.appendingPathComponent("unified")]
    return trees.flatMap { tree -> [URL] in
      var names = path?.split(separator: "/").map(String.init) ?? []
      if names.contains("..") { names = [] }
      return (0...names.count).map { depth in
        names.prefix(depth).reduce(tree) { $0.appendingPathComponent($1) }
      }
    }
  }
}
