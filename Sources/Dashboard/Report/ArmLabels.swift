import Foundation
import RunStore

/// Names for the arms of some runs: the arm's own where it means one configuration, else with what
/// tells its configurations apart, so that runs of different settings are never averaged.
struct ArmLabels {
  /// The runs to show. Of several runs of one label and seed the latest that finished, else the
  /// latest, is shown.
  let runs: [Run]
  /// Each run's label.
  let label: [StoreIdentifier: String]
  /// What was left out, for the reader.
  let notes: [String]

  init(_ runs: [Run], learningRateKey: String) {
    var label: [StoreIdentifier: String] = [:]
    for (arm, ofArm) in Dictionary(grouping: runs, by: \.arm) {
      // Runs from before manifests were kept join the first that has their settings.
      var kinds: [Kind] = []
      let known = ofArm.filter { $0.manifest != nil } + ofArm.filter { $0.manifest == nil }
      for run in known where !kinds.contains(where: { $0.holds(Kind(run)) }) {
        kinds.append(Kind(run))
      }
      let names = ArmLabels.names(arm, kinds, learningRateKey)
      for run in ofArm {
        label[run.id] = kinds.firstIndex { $0.holds(Kind(run)) }.map { names[$0] } ?? arm
      }
    }
    var shown: [Run] = []
    var notes: [String] = []
    let groups = Dictionary(grouping: runs) { [label[$0.id] ?? $0.arm, String($0.seed)] }
    for run in runs {
      let name = label[run.id] ?? run.arm
      let twins = groups[[name, String(run.seed)]] ?? [run]
      let kept = twins.last { $0.status == .finished } ?? twins.last ?? run
      if kept.id == run.id {
        shown.append(run)
      } else {
        notes.append(
          "Run \(run.id) of \(name), seed \(run.seed), is left out: \(kept.id) repeats it.")
      }
    }
    self.runs = shown
    self.label = label
    self.notes = notes
  }

  /// What makes two runs of an arm the same but for the seed.
  private struct Kind {
    let recipe: String
    let preset: String
    let settings: Data
    let manifest: ProtocolManifest?
    let text: String

    init(_ run: Run) {
      let object = try? JSONSerialization.jsonObject(with: Data(run.configuration.utf8))
      var members = object as? [String: Any] ?? [:]
      members["seed"] = nil
      recipe = run.recipe
      preset = run.preset
      // As text: nested dictionaries are not compared by their contents on every platform.
      settings =
        (try? JSONSerialization.data(withJSONObject: members, options: [.sortedKeys]))
        ?? Data(run.configuration.utf8)
      manifest = run.manifest
      text = run.configuration
    }

    /// Whether another run is of this kind; one without a manifest is wherever its settings are.
    func holds(_ other: Kind) -> Bool {
      recipe == other.recipe && preset == other.preset && settings == other.settings
        && (other.manifest == nil || other.manifest == manifest)
    }
  }

  private static func names(_ arm: String, _ kinds: [Kind], _ learningRateKey: String) -> [String] {
    guard kinds.count > 1 else { return kinds.map { _ in arm } }
    let ways: [(Kind) -> String] = [
      { "\(arm) (\($0.preset))" },
      { kind in
        "\(arm) (\(Format.rate(ReportInput.number(in: kind.text, at: learningRateKey))))"
      },
      { kind in
        "\(arm) (\(kind.preset), "
          + "\(Format.rate(ReportInput.number(in: kind.text, at: learningRateKey))))"
      },
    ]
    for way in ways {
      let names = kinds.map(way)
      if Set(names).count == names.count { return names }
    }
    return kinds.indices.map { "\(arm) (\($0 + 1))" }
  }
}
