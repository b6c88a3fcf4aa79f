import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite struct MemoryLimitTests {
  private let megabyte = 1024.0 * 1024

  /// A folder that looks like `/` of a process in control groups.
  private func withRoot(
    cgroup: String, mountinfo: String, files: [String: String], _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let all =
        files.merging([
          "proc/self/cgroup": cgroup, "proc/self/mountinfo": mountinfo,
          "proc/self/status": "VmRSS:\t  1024 kB\nVmSize:\t 4096 kB\nVmData:\t 2048 kB\n",
        ]) { $1 }
      for (path, text) in all {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: file)
      }
      try body(folder.path + "/")
    }
  }

  private let unified = "32 24 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate"
  private let legacy = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"

  @Test func `version 2: the least of the group's own limit and those above it`() throws {
    try withRoot(
      cgroup: "0::/user.slice/job.scope", mountinfo: unified,
      files: [
        "sys/fs/cgroup/user.slice/job.scope/memory.max": "max",
        "sys/fs/cgroup/user.slice/memory.max": "\(300 << 20)",
      ]
    ) { root in
      let limit = MemoryLimit.limit(below: root)
      #expect(limit.bytes == 300 * megabyte && limit.usedBytes == megabyte)
      #expect(limit.leftBytes == 299 * megabyte)
      #expect(limit.source.contains("/sys/fs/cgroup/user.slice/memory.max"))
      #expect(limit.words.contains("315 MB"), "\(limit.words)")
    }
  }

  @Test func `version 1, as a container sees it: the mount's root is taken off the group's path`()
    throws
  {
    try withRoot(
      cgroup: "7:cpu:/docker/x\n4:memory:/docker/x/inner\n0::/",
      mountinfo: legacy.replacingOccurrences(of: "0:32 /", with: "0:32 /docker/x"),
      files: [
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        "sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "\(200 << 20)",
      ]
    ) { root in
      #expect(MemoryLimit.limit(below: root).bytes == 200 * megabyte)
    }
  }

  @Test func `without a limit, and without groups, it is the machine's memory`() throws {
    for cgroup in ["0::/a", ""] {
      try withRoot(
        cgroup: cgroup, mountinfo: unified, files: ["sys/fs/cgroup/a/memory.max": "max"]
      ) { root in
        let limit = MemoryLimit.limit(below: root)
        #expect(limit.bytes == Double(ProcessInfo.processInfo.physicalMemory))
        #expect(limit.source == "this machine's memory")
      }
    }
  }

  @Test func `ulimit -v counts, with the address space that is in use`() async {
    await #expect(processExitsWith: .success) {
      ProcessMemory.limitGrowth(to: 100 << 20)
      let limit = MemoryLimit.current
      #expect(limit.source.contains("ulimit -v"))
      #expect(limit.leftBytes <= Double(100 << 20) && limit.leftBytes > 0)
    }
  }

  @Test func `counts that pass every integer stop at the nearest`() {
    #expect(Int.max.saturatingProduct(2) == .max && Int.max.saturatingProduct(-2) == .min)
    #expect(Int.min.saturatingProduct(-1) == .max && 6.saturatingProduct(-7) == -42)
    #expect(Int.max.saturatingSum(1) == .max && Int.min.saturatingSum(-1) == .min)
    #expect(5.saturatingSum(-7) == -2)
  }
}
