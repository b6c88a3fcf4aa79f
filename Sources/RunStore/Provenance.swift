public import Foundation

/// Where, when and with which versions a run was started: enough to run it again.
public struct Provenance: Codable, Hashable, Sendable {
  /// The machine.
  public struct Host: Codable, Hashable, Sendable {
    /// The machine's network name.
    public var name: String
    /// The operating system and its version.
    public var operatingSystem: String
    /// The processor's model, or its architecture where the model is not known.
    public var processor: String
    /// Processors that the process may use.
    public var coreCount: Int
    /// Physical memory, in bytes.
    public var memoryBytes: Int
  }

  /// The command as typed, one argument per element.
  public var commandLine: [String]
  /// The folder it was typed in.
  public var workingDirectory: String
  /// The version of nap.
  public var napVersion: String
  /// The commit of nap's sources, with `-dirty` when files differ from it; `nil` when not known.
  public var gitCommit: String?
  /// Which build of the program it was: size and moment of the executable's file, the same for no other build; `nil`
  /// when not known, and in records of earlier versions.
  public var build: String?
  /// The Swift compiler that built the program.
  public var swiftVersion: String
  /// The version of libtorch.
  public var libtorchVersion: String
  /// The machine.
  public var host: Host
  /// The device that the tensors were on, such as `cpu` or `cuda:0`; followed by ` deterministic` where its
  /// kernels were chosen to give the same bits every time, and by ` captured` where updates were recorded and replayed.
  public var device: String
  /// Threads that the kernels used.
  public var threadCount: Int
  /// Processes that trained together; `nil` for one, and in records of earlier versions.
  public var processCount: Int?
  /// The process's identifier on that machine.
  public var processIdentifier: Int
  /// When it was started. Whole seconds.
  public var started: Date

  /// The provenance of a run that this process starts now.
  ///
  /// The commit is asked of `git` in the folder of the executable; it stays unknown where there
  /// is no `git` or no repository. Cost: one child process, about 10 ms.
  ///
  /// - Parameters:
  ///   - commandLine: the command to show; the default is this process's own arguments.
  public static func current(
    napVersion: String, libtorchVersion: String, device: String, threadCount: Int,
    processCount: Int? = nil,
    commandLine: [String] = CommandLine.arguments
  ) -> Provenance {
    Provenance(
      commandLine: commandLine,
      workingDirectory: FileManager.default.currentDirectoryPath,
      napVersion: napVersion,
      gitCommit: SourceCommit.ofExecutable(),
      build: ExecutableFile.identity,
      swiftVersion: Host.swiftVersion,
      libtorchVersion: libtorchVersion,
      host: .current,
      device: device,
      threadCount: threadCount,
      processCount: processCount,
      processIdentifier: Int(ProcessInfo.processInfo.processIdentifier),
      started: Date().inWholeSeconds)
  }

  /// ``device`` without ` captured`: replayed updates compute what others do.
  public var computingDevice: String { device.replacing(" captured", with: "") }

  /// Whether runs of both give the same numbers: the same known build, libtorch, device, numbers of threads and
  /// processes, and model of processor.
  public func agrees(with other: Provenance) -> Bool {
    build != nil && build == other.build && napVersion == other.napVersion
      && libtorchVersion == other.libtorchVersion && computingDevice == other.computingDevice
      && threadCount == other.threadCount && processCount == other.processCount
      && host.processor == other.host.processor
  }

  /// The command as one line for a shell, with quoted arguments.
  public var shellCommand: String {
    commandLine.map(ShellText.quoted).joined(separator: " ")
  }
}

extension Date {
  /// The moment without its fraction of a second, as the store keeps it.
  var inWholeSeconds: Date {
    Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down))
  }
}
