import Foundation

@testable import Dashboard
@testable import RunStore

/// A folder of a test's own, removed when the closure returns.
func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("nap-test-\(UUID().uuidString)", isDirectory: true)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The repository's root.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

extension Run {
  static func fixture(
    arm: String, seed: Int, rate: Double = 1e-3, preset: String = "short", command: String = "nap",
    configuration: String? = nil, manifest: ProtocolManifest? = nil
  ) -> Run {
    Run(
      recipe: "random-labels", preset: preset, arm: arm, seed: seed,
      configuration: configuration
        ?? #"{"optimizer":{"learningRate":\#(rate)},"seed":\#(seed)}"#,
      provenance: Provenance(
        commandLine: [command, "train", "--arm", arm, "--seed", "\(seed)"],
        workingDirectory: "/", napVersion: "0.1.0", gitCommit: nil, swiftVersion: "6.3",
        libtorchVersion: "2.13.0",
        host: .init(
          name: "host", operatingSystem: "Debian", processor: "P", coreCount: 2,
          memoryBytes: 1 << 33),
        device: "cpu", threadCount: 2, processIdentifier: 1,
        started: Date(timeIntervalSince1970: 1_750_000_000)), manifest: manifest)
  }
}

/// A value that differs by arm, seed and task, always the same.
func fixtureValue(_ arm: String, seed: Int, task: Int) -> Double {
  let level = ["plain": 0.4, "norm": 0.7, "nap": 0.9, "fresh": 0.92][arm] ?? 0.5
  let wobble = Double((seed * 7 + task * 3) % 11) / 1000
  return level - (arm == "plain" ? 0.01 * Double(task) : 0) + wobble
}

extension SeriesPanel {
  static func fixture(
    _ metric: Metric = .taskEndAccuracy, arms: [String] = ["plain", "nap", "fresh"],
    seeds: Int = 5, tasks: Int = 10, scale: AxisScale? = nil
  ) -> SeriesPanel {
    SeriesPanel(
      metric, scale: scale,
      lines: arms.flatMap { arm in
        (0..<seeds).map { seed in
          Line(
            arm: arm, seed: seed,
            values: Dictionary(
              uniqueKeysWithValues: (0..<tasks).map {
                ($0, fixtureValue(arm, seed: seed, task: $0))
              }))
        }
      })
  }
}

extension ArmSummary {
  static func fixture(_ arm: String, seeds: Int = 5, learningRate: Double = 1e-3) -> ArmSummary {
    ArmSummary(
      arm: arm, learningRate: learningRate,
      trendBySeed: Dictionary(
        uniqueKeysWithValues: (0..<seeds).compactMap { seed in
          Trend(
            Dictionary(
              uniqueKeysWithValues: (0..<10).map { ($0, fixtureValue(arm, seed: seed, task: $0)) })
          ).map { (seed, $0) }
        }))
  }
}

extension TunedSetting {
  static func fixture(
    _ arm: String, chosen: Double = 1e-3, key: String = "optimizer.learningRate"
  ) -> TunedSetting {
    TunedSetting(
      comparison: .make(), recipe: "random-labels", preset: "short", arm: arm,
      key: key, value: chosen, score: "mean accuracy", higherIsBetter: true,
      candidates: [
        .init(value: 1e-4, scoreBySeed: [100: 0.5, 101: 0.6]),
        .init(value: 1e-3, scoreBySeed: [100: 0.8, 101: 0.9]),
        .init(value: 1e-2, scoreBySeed: [100: 0.7], unfinishedSeeds: [101]),
      ])
  }
}

extension ReportInput {
  /// A report with one panel of each kind.
  static func fixture(seeds: Int = 5, title: String = "Who keeps learning") -> ReportInput {
    let arms = ["plain", "nap", "fresh"]
    var input = ReportInput(
      title: title, kicker: "random-labels · short", summary: "Three arms.",
      arms: arms.map { ArmSummary.fixture($0, seeds: seeds) },
      hypotheses: [
        Hypothesis("nap", .better, than: "plain"), Hypothesis("plain", .better, than: "nap"),
        Hypothesis("nap", .noWorse, than: "fresh"),
      ],
      panels: [
        .series(.fixture(seeds: seeds)),
        .series(.fixture(.taskEndLoss, seeds: seeds, scale: .logarithmic)),
        .sweep(SweepPanel(settings: arms.map { TunedSetting.fixture($0) })),
        .heatMap(
          HeatMapPanel(
            title: "Where it pays", xTitle: "updates a task", yTitle: "learning rate",
            valueTitle: "accuracy, nap − norm", aboveZero: "nap better", belowZero: "norm better",
            cells: [
              .init(x: 20, y: 1e-3, value: 0.25), .init(x: 40, y: 1e-3, value: -0.5),
              .init(x: 20, y: 1e-2, value: 0), .init(x: 40, y: 1e-2, value: nil),
            ])),
      ],
      runs: arms.flatMap { arm in (0..<seeds).map { Run.fixture(arm: arm, seed: $0) } })
    input.panels.append(
      .difference(
        DifferencePanel(
          title: "Difference to fresh", valueTitle: "accuracy, arm − fresh", margin: 0.01,
          higherIsBetter: true, rows: input.comparison.rows)))
    return input
  }
}
