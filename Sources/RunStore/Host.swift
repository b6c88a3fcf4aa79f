import Foundation

extension Provenance.Host {
  /// The machine that this process runs on.
  public static var current: Provenance.Host {
    let process = ProcessInfo.processInfo
    return Provenance.Host(
      name: process.hostName, operatingSystem: operatingSystem, processor: processorModel,
      coreCount: process.activeProcessorCount, memoryBytes: Int(process.physicalMemory))
  }

  /// The compiler that built this module, to the minor version that conditional compilation sees.
  static var swiftVersion: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// `PRETTY_NAME` of the release file on Linux, followed by the kernel; elsewhere the system's own words.
  private static var operatingSystem: String {
    let version = ProcessInfo.processInfo.operatingSystemVersionString
    guard let release = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8) else {
      return version
    }
    let name = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    return name.map { $0.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: ["\""]) } ?? version
  }

  private static var processorModel: String {
    if let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
      let colon = line.firstIndex(of: ":")
    {
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    #if arch(arm64)
      return "arm64"
    #elseif arch(x86_64)
      return "x86_64"
    #else
      return "unknown"
    #endif
  }
}

/// What this process has used of its machine.
public enum ProcessUsage {
  /// The largest resident memory of this process so far, in bytes; 0 when the system does not say.
  public static var peakMemoryBytes: Int {
    #if os(Linux)
      // Not getrusage: a child's maximum there begins at its parent's.
      guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kibibytes = Int(line.filter(\.isNumber))
      else { return 0 }
      return kibibytes * 1024
    #else
      var usage = rusage()
      guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
      return usage.ru_maxrss
    #endif
  }
}

/// The commit of the sources that the running program was built from.
enum SourceCommit {
  /// The commit of the package whose `.build` folder holds the executable, with `-dirty` when files
  /// differ from it; `nil` for an installed executable, which may lie in somebody else's repository.
  static func ofExecutable() -> String? {
    guard let path = Bundle.main.executableURL?.resolvingSymlinksInPath().path,
      let build = path.range(of: "/.build/")
    else { return nil }
    return of(folder: URL(fileURLWithPath: String(path[..<build.lowerBound])))
  }

  /// The commit of the repository that holds `folder`; `nil` without `git` or a repository.
  static func of(folder: URL) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "git", "-C", folder.path, "describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*",
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    let text = String(decoding: data, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}

/// The program's own file.
enum ExecutableFile {
  /// Its size and when it was written, to the microsecond.
  static let identity: String? = {
    guard let path = Bundle.main.executableURL?.resolvingSymlinksInPath().path,
      let facts = try? FileManager.default.attributesOfItem(atPath: path),
      let size = facts[.size] as? Int, let written = facts[.modificationDate] as? Date
    else { return nil }
    return "\(size) bytes of \(Int((written.timeIntervalSince1970 * 1e6).rounded()))"
  }()
}
