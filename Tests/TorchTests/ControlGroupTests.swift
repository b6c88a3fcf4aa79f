import Foundation
import TestSupport
import Testing

@testable import Torch

@Suite struct ControlGroupTests {
  private static let mounts = [
    "proc/self/mountinfo": """
    32 24 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate
    33 24 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
    34 24 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
    35 24 0:31 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
    36 24 0:32 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
    """
  ]

  /// The quota of a machine whose files have these contents.
  private func quota(_ files: [String: String]) throws -> Double? {
    try withTemporaryFolder { root in
      for (path, text) in Self.mounts.merging(files, uniquingKeysWith: { $1 }) {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return ControlGroups(root: root.path + "/").processorQuota
    }
  }

  @Test func `the second version's quota is that of the group or of one above it`() throws {
    let cgroup = "0::/user/job\n"
    #expect(
      try quota(["proc/self/cgroup": cgroup, "sys/fs/cgroup/user/job/cpu.max": "150000 100000\n"])
        == 1.5)
    #expect(
      try quota([
        "proc/self/cgroup": cgroup, "sys/fs/cgroup/user/job/cpu.max": "max 100000\n",
        "sys/fs/cgroup/user/cpu.max": "400000 100000\n",
      ]) == 4)
    #expect(
      try quota(["proc/self/cgroup": cgroup, "sys/fs/cgroup/unified/cpu.max": "50000 100000\n"])
        == 0.5)
  }

  @Test func `in a container the tree's root is the group`() throws {
    #expect(
      try quota(["proc/self/cgroup": "0::/../x\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"])
        == 2)
    #expect(try quota(["sys/fs/cgroup/cpu.max": "200000 100000\n"]) == 2)
  }

  @Test func `the first version's quota is found under either name of its tree`() throws {
    let files = { (tree: String) in
      [
        "proc/self/cgroup": "5:cpu,cpuacct:/job\n1:name=systemd:/\n",
        "sys/fs/cgroup/\(tree)/job/cpu.cfs_quota_us": "300000\n",
        "sys/fs/cgroup/\(tree)/job/cpu.cfs_period_us": "100000\n",
      ]
    }
    #expect(try quota(files("cpu")) == 3)
    #expect(try quota(files("cpu,cpuacct")) == 3)
  }

  @Test(arguments: ["max 100000", "-1 100000", "", "nonsense", "100000", "0 0"])
  func `where nothing limits the group there is no quota`(text: String) throws {
    #expect(try quota(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": text]) == nil)
    #expect(try quota([:]) == nil)
  }

  @Test func `this process may use a processor at least, and no more than there are`() {
    let count = Machine.usableProcessorCount
    #expect((1...ProcessInfo.processInfo.processorCount).contains(count))
  }
}
