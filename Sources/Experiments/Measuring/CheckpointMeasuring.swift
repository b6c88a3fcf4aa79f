public import Foundation
import Networks
public import Plasticity
import Texts
public import Torch
import Training

/// Measures checkpoints one after another, a piece of work at a time.
///
/// The files are only read. Changes of activations and features are relative to the checkpoint before if it is of the
/// same run, else to the run's start.
public struct CheckpointMeasuring {
  private enum Work {
    case diagnostics(URL)
    case fit(FreshTaskProbe.Battery, draw: Int, isFresh: Bool)
  }

  /// The key of a fit of a fresh network: one per design, seed, kind and draw is enough.
  private struct FreshKey: Hashable {
    var configuration: String
    var seed: Int
    var battery: FreshTaskProbe.Battery
    var draw: Int
  }

  private let probe: FreshTaskProbe.Budget?
  private let average: Bool
  private let device: Device
  private let suite: DiagnosticSuite
  private var work: [Work]
  private var opened: OpenedCheckpoint?
  private var freshFits: [FreshKey: FreshTaskProbe.Fit] = [:]
  private var previous: (run: String, network: Sequential)?

  /// The checkpoints measured so far; the last one may lack fits.
  public private(set) var results: [CheckpointMeasurement] = []
  /// The complete results, even if there is more to do.
  public var wholeResults: [CheckpointMeasurement] {
    let fits = (probe?.draws ?? 0) * FreshTaskProbe.Battery.allCases.count
    return results.filter { $0.fits.count == fits && $0.freshFits.count == fits }
  }

  /// Checkpoints to measure.
  public let checkpointCount: Int

  /// Pieces of work done.
  public private(set) var done = 0
  /// Pieces of work in all.
  public let total: Int

  /// Plans the work without reading files.
  ///
  /// - Parameters:
  ///   - checkpoints: the files, in the order of the report.
  ///   - diagnostics: their names; `all` for every one.
  ///   - probe: the budget of the fresh-task probe; `nil` leaves it out.
  ///   - average: takes the average of weights that a run kept, in the place of its weights.
  /// - Throws: ``UsageError`` for a diagnostic that does not exist and a budget below 1.
  public init(
    _ checkpoints: [URL], diagnostics: [String] = [DiagnosticSuite.everything],
    probe: FreshTaskProbe.Budget? = .init(), average: Bool = false,
    device: Device = .cpu
  ) throws(UsageError) {
    (self.probe, self.average, self.device) = (probe, average, device)
    checkpointCount = checkpoints.count
    suite = try DiagnosticRecorder.suite(diagnostics).thorough
    if let probe, probe.steps < 1 || !(1...10_000).contains(probe.draws) {
      throw UsageError(
        "the probe's steps: expected at least 1, and its draws: 1 to 10,000; found \(probe.steps) and "
          + "\(probe.draws)")
    }
    work = checkpoints.flatMap { url -> [Work] in
      var parts = [Work.diagnostics(url)]
      guard let probe else { return parts }
      for battery in FreshTaskProbe.Battery.allCases {
        for draw in 0..<probe.draws {
          parts.append(.fit(battery, draw: draw, isFresh: false))
          parts.append(.fit(battery, draw: draw, isFresh: true))
        }
      }
      return parts
    }
    total = work.count
    work.reverse()
  }

  /// Does the next piece of work and returns its name; `nil` when all is done.
  ///
  /// - Throws: ``CheckpointError`` and what reading the file and its data throws, and `StopRequest.Stopped` within a
  ///   fit.
  public mutating func next() throws -> String? {
    guard let part = work.popLast() else { return nil }
    done += 1
    switch part {
    case .diagnostics(let url):
      let opened = try OpenedCheckpoint(url, average: average, device: device)
      self.opened = opened
      results.append(try measurement(opened))
      return "diagnostics of \(url.lastPathComponent)"
    case .fit(let battery, let draw, let isFresh):
      guard let opened, let budget = self.probe, let last = results.indices.last else {
        return "nothing"
      }
      let probe = FreshTaskProbe(run: opened.run, budget: budget)
      if isFresh {
        let key = FreshKey(
          configuration: opened.identity.configuration, seed: opened.identity.seed,
          battery: battery, draw: draw)
        let fit =
          try freshFits[key] ?? probe.fit(probe.freshLearner(draw), battery, draw: draw)
        freshFits[key] = fit
        results[last].freshFits.append(fit)
      } else {
        results[last].fits.append(try probe.fit(opened.forkedLearner(), battery, draw: draw))
      }
      return "\(battery.rawValue) \(draw + 1)\(isFresh ? ", fresh network" : "")"
    }
  }

  private mutating func measurement(
    _ opened: OpenedCheckpoint
  ) throws -> CheckpointMeasurement {
    let identity = opened.identity
    let before =
      previous.flatMap { $0.run == identity.run ? $0.network : nil } ?? opened.initialNetwork
    let plain = opened.run.diagnosticSubject(initial: nil, reference: nil, update: nil)
    // With the same inputs as now: a task may have changed them.
    let reference = DiagnosticReference(
      DiagnosticSubject(network: before, probes: plain.probes, generator: plain.generator))
    let subject = opened.run.diagnosticSubject(
      initial: DiagnosticRecorder.values(of: opened.initialNetwork), reference: reference,
      update: try opened.trialUpdate())
    previous = (identity.run, opened.run.learner.network)
    return CheckpointMeasurement(
      path: opened.url.path, identity: identity, updates: identity.updates,
      readings: suite.measure(subject))
  }
}

/// A checkpoint's run, restored.
struct OpenedCheckpoint {
  let url: URL
  let identity: Checkpoint.Identity
  /// The run at the checkpoint.
  let run: any MeasurableRun
  /// The network at the start of the run, or for a fresh arm at its last new start.
  let initialNetwork: Sequential
  private let snapshot: State
  private let device: Device

  /// Reads and restores.
  ///
  /// - Throws: ``CheckpointError`` for a recipe whose runs cannot be measured, and what reading throws.
  init(_ url: URL, average: Bool = false, device: Device) throws {
    var checkpoint = try Checkpoint(reading: url)
    if average { try checkpoint.useAverage(url.path) }
    let started = try Self.start(checkpoint.identity, url, device)
    run = try Self.restored(started, checkpoint.snapshot, url)
    (self.url, identity, snapshot, self.device) =
      (url, checkpoint.identity, checkpoint.snapshot, device)
    initialNetwork = try run.startedLearner(nil).network
  }

  /// One more update, in a copy of the run.
  func trialUpdate() throws -> StepRecord? {
    var other = try Self.restored(Self.start(identity, url, device), snapshot, url)
    return try other.trialUpdate()
  }

  /// A copy of the network, with an optimizer without state.
  func forkedLearner() throws -> Learner {
    var learner = try run.startedLearner(nil)
    try learner.restore(snapshot)
    try learner.clearOptimizer()
    return learner
  }

  private static func start(
    _ identity: Checkpoint.Identity, _ url: URL, _ device: Device
  ) throws -> any MeasurableRun {
    guard let recipe = try? Recipes.named(identity.recipe) else {
      throw CheckpointError(
        path: url.path,
        expected: "a checkpoint of \(Recipes.all.map { $0.name }.joined(separator: ", "))",
        found: "one of recipe '\(Excerpt.of(identity.recipe))'",
        remedy: "read it with nap \(Excerpt.of(identity.napVersion)), which wrote it")
    }
    return try start(recipe, identity, url, device)
  }

  private static func start<R: Recipe>(
    _ recipe: R.Type, _ identity: Checkpoint.Identity, _ url: URL, _ device: Device
  ) throws -> any MeasurableRun {
    let configuration = try StoredConfiguration.read(
      R.self, from: identity.configuration, of: url.path)
    guard
      let run = try R.started(configuration, seed: identity.seed, device: device)
        as? any MeasurableRun
    else {
      throw CheckpointError(
        path: url.path, expected: "a checkpoint of a recipe whose network can be measured",
        found: "one of \(R.name)", remedy: "nap inspect shows the tensors of any checkpoint")
    }
    return run
  }

  private static func restored(
    _ run: any MeasurableRun, _ snapshot: State, _ url: URL
  ) throws -> any MeasurableRun {
    func restore<Run: MeasurableRun>(_ run: Run) throws -> any MeasurableRun {
      var run = run
      do {
        try run.restore(snapshot)
      } catch {
        throw CheckpointError(
          path: url.path, expected: "the state of this configuration",
          found: Excerpt.of("\(error)", atMost: 600), remedy: "measure another checkpoint")
      }
      return run
    }
    return try restore(run)
  }
}
