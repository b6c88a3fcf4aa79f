public import Foundation
public import RunStore
import Torch

/// What the machine has to give.
public struct MachineFacts: Codable, Hashable, Sendable {
  /// The machine.
  public var host: Provenance.Host
  /// Processors that this process may keep busy at once; `nil` where it is ``host``'s number of cores.
  public var usableProcessors: Int?
  /// Memory that programs could have now, in bytes; all of it where the system does not say.
  public var availableMemoryBytes: Int
  /// The folder of runs.
  public var runsFolder: String
  /// Free room on the disk of the folder of runs, in bytes; `nil` where the system does not say.
  public var freeDiskBytes: Int?
  /// Whether files can be made in the folder of runs, or the folder itself where it is not there yet.
  public var canWriteRuns: Bool
  /// The devices that tensors can be on, the CPU first.
  public var devices: [String]

  /// Looks at this machine.
  ///
  /// Cost: asks for CUDA, which opens its library when there is one. Writes nothing.
  public static func now(runsFolder: URL) -> MachineFacts {
    let host = Provenance.Host.current
    let existing = nearestExisting(runsFolder.standardizedFileURL)
    var devices = ["cpu"]
    var index = 0
    while Device.cuda(index).isAvailable {
      devices.append(Device.cuda(index).description)
      index += 1
    }
    if Device.mps.isAvailable { devices.append(Device.mps.description) }
    let usable = Machine.usableProcessorCount
    return MachineFacts(
      host: host, usableProcessors: usable == host.coreCount ? nil : usable,
      availableMemoryBytes: availableMemory() ?? host.memoryBytes, runsFolder: runsFolder.path,
      freeDiskBytes: freeBytes(existing.path),
      canWriteRuns: FileManager.default.isWritableFile(atPath: existing.path),
      devices: devices)
  }

  /// The folder, or the nearest one above it that is there.
  private static func nearestExisting(_ folder: URL) -> URL {
    var folder = folder
    while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
      folder = folder.deletingLastPathComponent()
    }
    return folder
  }

  private static func freeBytes(_ path: String) -> Int? {
    var information = statvfs()
    guard statvfs(path, &information) == 0 else { return nil }
    return Int(information.f_bavail) * Int(information.f_frsize)
  }

  /// `MemAvailable` on Linux, or what a control group leaves where that is less.
  private static func availableMemory() -> Int? {
    func number(_ path: String, _ key: String = "") -> Int? {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
      return line.flatMap { Int($0.filter(\.isNumber)) }
    }
    let machine = number("/proc/meminfo", "MemAvailable:").map { $0 * 1_024 }
    let limit = number("/sys/fs/cgroup/memory.max")
    let used = number("/sys/fs/cgroup/memory.current")
    let group = limit.flatMap { limit in used.map { max(0, limit - $0) } }
    return [machine, group].compactMap { $0 }.min()
  }
}
