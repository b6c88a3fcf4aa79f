import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import TestSupport
import Testing
import Torch

@testable import Experiments

/// What is built on recipes, on a network that reads tokens.
@Suite struct GrokkingToolsTests {
  private func checkpoint(_ folder: URL, arm: String = "nap") throws -> URL {
    let store = try Store.open(at: folder)
    var session = try TrainingSession<Grokking>(
      .init(
        preset: "quick", arm: arm, configuration: SmallSums.configuration(arm), seed: 0,
        device: .cpu), store: store)
    while try session.next() != nil {}
    return try #require(Checkpoint.all(in: store.folder(of: session.run)).last)
  }

  @Test func `every diagnostic has a value or a named reason, and the probe fits new tasks`() throws
  {
    try withTemporaryFolder { folder in
      let url = try checkpoint(folder)
      var measuring = try CheckpointMeasuring(
        [url], probe: .init(steps: 30, draws: 1))
      while try measuring.next() != nil {}
      let result = try #require(measuring.results.first)
      let missing = result.readings.filter { $0.scope.isEmpty && $0.outcome.number == nil }
      #expect(missing.map(\.metric) == ["input_jacobian_norm"], "\(missing)")
      guard case .undefined(.notGiven) = missing.first?.outcome else {
        Issue.record("\(missing)")
        return
      }
      #expect(result.probes.count == 2)
      for probe in result.probes {
        #expect(probe.pairs == 1 && probe.difference.number != nil, "\(probe)")
      }
    }
  }

  @Test func `random targets of tokens are numbers between whole ones, too`() throws {
    let run = try SmallSums.training()
    let probe = FreshTaskProbe(run: run, budget: .init(steps: 1, draws: 1))
    let task = try probe.task(.targets, run.learner, probe.generator(.targets, draw: 0))
    #expect(task.targets.dtype == .float32)
    #expect(task.targets.shape == [run.source.task.count, 7])
    #expect(task.targets.floats.contains { $0 != $0.rounded() })
  }

  @Test func `a recorded suite of all diagnostics does not change the run`() throws {
    var plain = try SmallSums.training()
    var measured = try Grokking.start(
      SmallSums.configuration { $0.recording.diagnostics = ["all"] }, seed: 0, device: .cpu)
    _ = try plain.advance(40)
    let values = try measured.advance(40)
    #expect(values.contains { $0.metric == .sharpness && $0.value.isFinite })
    for (left, right) in zip(plain.parameters, measured.parameters) {
      #expect(left.parameter.value.isIdentical(to: right.parameter.value), "\(left.name)")
    }
  }

  @Test func `the Jacobian norm of the loop is estimated where layers do not come apart`() throws {
    var training = try Grokking.start(
      SmallSums.configuration { $0.recording.jacobianEveryTasks = 1 }, seed: 0, device: .cpu)
    let values = try training.advance(40)
    #expect(values.contains { $0.metric == .jacobianNorm && $0.value > 0 })
  }

  @Test func `a recipe and a checkpoint are audited`() throws {
    try withTemporaryFolder { folder in
      let start = try Auditing.report(Grokking.self, SmallSums.configuration(), seed: 0)
      let end = try Auditing.report(checkpoint: try checkpoint(folder))
      for report in [start, end] {
        #expect(report.isNormalizeAndProject, "\(report)")
        func verdict(_ name: String) -> AuditVerdict? {
          report.rows.first { $0.names == [name] }?.verdict
        }
        #expect(verdict("attention0.body.attention.query") == .partial(.attentionLogits))
        #expect(verdict("dense0.body.hidden.weight") == .exact)
      }
      let plain = try Auditing.report(Grokking.self, SmallSums.configuration("plain"), seed: 0)
      #expect(!plain.isNormalizeAndProject)
    }
  }

  @Test(arguments: Interventions.all.map { $0.name })
  func `every method trains this network or says in one sentence why not`(name: String) throws {
    let configuration = try SmallSums.configuration("nap") {
      $0.methods = InterventionSet([try? MethodPairTests.lively(name)].compactMap { $0 })
    }
    #expect(configuration.methods.names == [name])
    // Features of a branch cannot change in number, and the head is one layer where two are taken.
    let refused = ["crelu", "fourier-features", "plasticity-injection"].contains(name)
    do {
      var training = try Grokking.start(configuration, seed: 0, device: .cpu)
      let values = try training.advance(40)
      #expect(values.contains { $0.metric == .testAccuracy })
      #expect(training.updates == 40 && !refused, "\(name)")
    } catch let error as UsageError {
      #expect(refused && "\(error)".contains(name), "\(name): \(error)")
    }
  }

  @Test func `random labels can be learned on tokens, too`() throws {
    let configuration = try SmallSums.configuration("nap") {
      $0.stream.kind = .randomLabels
      $0.tasks = 2
      $0.updatesPerTask = 20
    }
    _ = try Grokking.validate(configuration)
    var training = try Grokking.start(configuration, seed: 0, device: .cpu)
    let values = try training.advance(40)
    #expect(!values.contains { $0.metric == .testAccuracy })
    #expect(values.count { $0.metric == .onlineAccuracy } == 2)
  }
}
