import RunStore
import Texts

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
    let run: Run
    let settings: JSON

    init(_ run: Run) { (self.run, settings) = (run, run.settings) }

    /// Whether another run is of this kind; one without a manifest is wherever its settings are.
    func holds(_ other: Kind) -> Bool {
      run.recipe == other.run.recipe && run.preset == other.run.preset
        && settings == other.settings
        && (other.run.manifest == nil || other.run.manifest == run.manifest)
    }
  }

  private static func names(_ arm: String, _ kinds: [Kind], _ learningRateKey: String) -> [String] {
    guard kinds.count > 1 else { return kinds.map { _ in arm } }
    let rate = { (run: Run) in
      Format.rate(ReportInput.number(in: run.configuration, at: learningRateKey))
    }
    let ways: [(Run) -> String] = [{ $0.preset }, rate, { "\($0.preset), \(rate($0))" }]
    for way in ways {
      let names = kinds.map { "\(arm) (\(way($0.run)))" }
      if Set(names).count == names.count { return names }
    }
    return kinds.indices.map { "\(arm) (\($0 + 1))" }
  }
}

extension Run {
  /// The configuration without its seed: the same for runs that differ in the seed alone.
  var settings: JSON {
    guard case .object(var members)? = try? JSONText.decode(JSON.self, from: configuration) else {
      return .string(configuration)
    }
    members["seed"] = nil
    return .object(members)
  }
}
