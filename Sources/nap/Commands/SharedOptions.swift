import ArgumentParser
import Experiments
import Foundation
import RunStore
import Torch

/// Where runs are kept.
struct RunsOption: ParsableArguments {
  @Option(
    name: .customLong("runs"),
    help: ArgumentHelp("The folder of runs ($NAP_RUNS, else ./runs).", valueName: "folder"))
  var folder: String?

  var url: URL {
    folder.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? Store.defaultFolder()
  }

  func open() throws -> Store { try Store.open(at: url) }
  func openForReading() throws -> Store { try Store.open(at: url, for: .readOnly) }
}

/// Which configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: "A named configuration; nap list shows them. The first is the default.")
  var preset: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Changes one setting, such as tasks=100 or optimizer.learningRate=1e-3. Repeatable.",
      valueName: "key=value"))
  var overrides: [String] = []

  func parsed() throws -> [ConfigurationOverride] {
    try overrides.map { try ConfigurationOverride(parsing: $0) }
  }
}

/// Where and on how many threads.
struct MachineOptions: ParsableArguments {
  @Option(help: "cpu, cuda, cuda:1 or mps.")
  var device = "cpu"

  @Option(help: "Threads of one run (default: one a core; in comparisons one).")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads \(threads): expected at least 1")
    }
  }

  /// The device, checked, and the threads set.
  func prepare(defaultThreads: Int? = nil) throws -> Device {
    guard let device = Device(device) else {
      throw UsageError("--device \(self.device): expected cpu, cuda, cuda:1 or mps")
    }
    guard device.isAvailable else {
      throw DeviceMissing(
        description: "--device \(self.device): this machine has no such device that libtorch "
          + "\(Machine.libtorchVersion) can use; train with --device cpu")
    }
    if let count = threads ?? defaultThreads { Machine.threadCount = count }
    return device
  }
}

/// A device that was asked for and is not there.
struct DeviceMissing: Error, CustomStringConvertible {
  var description: String
}
