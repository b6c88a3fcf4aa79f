import Datasets
import Experiments
import Networks
import NormalizeAndProject
import RunStore
import Testing
import Torch

@Suite struct DeadUnitRecoveryTests {
  @Test func `rates are chosen by what is learned, not by dead units`() {
    #expect(DeadUnitRecovery.tuningMeasure.metric == .taskEndAccuracy)
    #expect(DeadUnitRecovery.primaryMeasure.metric == .deadUnits)
    #expect(RandomLabels.tuningMeasure == RandomLabels.primaryMeasure)
  }

  private func base() throws -> ContinualConfiguration {
    var base = try DeadUnitRecovery.preset("quick").configuration
    base.data = TaskDataConfiguration(source: .procedural, imageCount: 64, size: 8)
    base.network.hidden = [24, 24]
    base.tasks = 2
    base.updatesPerTask = 30
    base.batchSize = 16
    base.recording.everyUpdates = 10
    return base
  }

  @Test func `arms are every optimizer by every normalization, and with projection`() throws {
    #expect(DeadUnitRecovery.arms.count == 12)
    let base = try base()
    for (arm, kind, momentum, rate) in [
      ("sgd+rms", OptimizerConfiguration.Kind.sgd, 0.0, 0.1),
      ("momentum", .sgd, 0.9, 0.01), ("adam+layer", .adam, 0, 1e-3),
    ] {
      let optimizer = try DeadUnitRecovery.configuration(base, arm: arm).optimizer
      #expect(
        optimizer.kind == kind
          && optimizer.rule[OptimizerConfiguration.SGDSettings.self]?.momentum ?? 0 == momentum)
      #expect(abs(optimizer.learningRate - rate) < 1e-12)
    }
    #expect(try DeadUnitRecovery.configuration(base, arm: "sgd").nap.normalization.kind == .none)
    #expect(
      try DeadUnitRecovery.configuration(base, arm: "sgd+rms").nap.normalization.kind == .rms)
    let nap = try DeadUnitRecovery.configuration(base, arm: "adam+nap").nap
    #expect(!nap.projection.roles.isEmpty && nap.normalization.kind == .layer)
    #expect(throws: UsageError.self) { try DeadUnitRecovery.configuration(base, arm: "adamm") }
  }

  @Test func `dead units are measured within tasks, at the updates asked for`() throws {
    var training = try DeadUnitRecovery.start(
      DeadUnitRecovery.configuration(base(), arm: "adam+layer"), seed: 0, device: .cpu)
    var places: [Int] = []
    while let event = try training.next() {
      places += event.measurements.filter { $0.metric == .deadUnits && $0.scope.isEmpty }
        .map(\.updates)
    }
    #expect(Set(places) == [1, 11, 21, 30, 31, 41, 51, 60])
  }
}
