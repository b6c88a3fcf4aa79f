import Foundation

@testable import RunStore

/// A folder of a test's own, removed when the closure returns.
func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("nap-test-\(UUID().uuidString)", isDirectory: true)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

extension Provenance {
  static func fixture(
    process: Int = Int(ProcessInfo.processInfo.processIdentifier),
    host: String = ProcessInfo.processInfo.hostName
  ) -> Provenance {
    Provenance(
      commandLine: ["nap", "train", "random-labels", "--set", "note=two words"],
      workingDirectory: "/home/someone", napVersion: "0.1.0", gitCommit: "abc-dirty",
      swiftVersion: "6.3", libtorchVersion: "2.13.0",
      host: Host(
        name: host, operatingSystem: "Debian", processor: "some", coreCount: 2,
        memoryBytes: 1 << 33),
      device: "cpu", threadCount: 2, processIdentifier: process,
      started: Date(timeIntervalSince1970: 1_750_000_000))
  }
}

extension Run {
  static func fixture(
    _ identifier: StoreIdentifier = .make(), arm: String = "nap", seed: Int = 0,
    group: StoreIdentifier? = nil, purpose: Purpose = .training, name: String? = nil,
    configuration: String = #"{"optimizer":{"learningRate":0.0003}}"#,
    provenance: Provenance = .fixture(), manifest: ProtocolManifest? = nil
  ) -> Run {
    Run(
      id: identifier, name: name, recipe: "random-labels", preset: "short", arm: arm, seed: seed,
      group: group, purpose: purpose, configuration: configuration, provenance: provenance,
      manifest: manifest)
  }
}

/// Values of one metric at the end of each of `tasks` tasks of ten updates.
func taskValues(_ metric: Metric = .taskEndLoss, tasks: Int) -> [MetricValue] {
  (0..<tasks).map { task in
    MetricValue(metric, task: task, updates: 10 * (task + 1), value: Double(task) / 8)
  }
}
