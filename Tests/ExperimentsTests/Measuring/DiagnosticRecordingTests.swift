import Foundation
import Networks
import Plasticity
import RunStore
import Testing
import Texts
import Torch
import Training

@testable import Experiments

@Suite struct DiagnosticRecordingTests {
  private func configuration(
    _ arm: String, cnn: Bool = false, _ diagnostics: [String] = ["all"], every: Int = 5
  ) throws -> ContinualConfiguration {
    var configuration = Small.configuration(try Arm(arm), cnn: cnn)
    configuration.tasks = cnn ? 1 : 3
    configuration.recording.diagnostics = diagnostics
    configuration.recording.diagnosticsEveryUpdates = every
    return configuration
  }

  private func training(_ configuration: ContinualConfiguration) throws -> ContinualTraining {
    try RandomLabels.start(configuration, seed: 0, device: .cpu)
  }

  /// Values as text, in which NaN equals NaN.
  private func lines(_ values: [MetricValue]) -> [String] {
    values.map {
      "\($0.metric) \($0.scope) \($0.task) \($0.updates) \($0.value.bitPattern) \($0.reason ?? "")"
    }
  }

  @Test(arguments: [("plain", false), ("nap", false), ("fresh", false), ("nap", true)])
  func `a run with every diagnostic is the run without, bit for bit`(
    arm: String, cnn: Bool
  ) throws {
    var with = try training(configuration(arm, cnn: cnn))
    var without = try training(configuration(arm, cnn: cnn, [], every: 0))
    let count = with.totalUpdates
    let (more, few) = (try with.advance(count), try without.advance(count))
    let (a, b) = (try with.snapshot(), try without.snapshot())
    #expect(a.values == b.values)
    let kept = a.tensors.filter { !$0.name.hasPrefix("diagnostics.") }
    #expect(kept.map(\.name) == b.tensors.map(\.name))
    for (left, right) in zip(kept, b.tensors) {
      #expect(left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
    // What both measured is the same too.
    let all = Set(lines(more))
    for line in lines(few) { #expect(all.contains(line), "\(line)") }
    #expect(more.count > few.count)
  }

  @Test(arguments: ["plain", "nap"])
  func `a residual network is measured without a change, too`(arm: String) throws {
    func configuration(_ diagnostics: [String], every: Int) throws -> ContinualConfiguration {
      var result = try self.configuration(arm, cnn: true, diagnostics, every: every)
      result.network = NetworkConfiguration(.resnet18)
      result.network.channels = [4, 6]
      result.network.convolutions = [1, 1]
      return result
    }
    var with = try training(configuration(["all"], every: 5))
    var without = try training(configuration([], every: 0))
    let values = try with.advance(12)
    _ = try without.advance(12)
    for (left, right) in zip(with.network.namedTensors, without.network.namedTensors) {
      #expect(left.name == right.name && left.tensor.isIdentical(to: right.tensor), "\(left.name)")
    }
    let scopes = Set(values.filter { $0.metric == .deadUnits }.map(\.scope))
    #expect(scopes.contains("stage1-block0.body.activation0"))
    let unnamed = values.filter { !$0.value.isFinite && ($0.reason ?? "").isEmpty }
    #expect(unnamed.isEmpty)
    #expect(values.contains { $0.metric == .sharpness && $0.value.isFinite })
  }

  @Test func `diagnostics come when they are due, each once, with their reasons`() throws {
    var run = try training(configuration("nap"))
    let values = try run.advance(24)
    let sharpness = values.filter { $0.metric == .sharpness }
    #expect(sharpness.map(\.updates) == [5, 10, 12, 15, 20, 24])
    #expect(sharpness.allSatisfy { $0.value.isFinite || $0.reason != nil })
    let keys = values.map { "\($0.metric) \($0.scope) \($0.updates)" }
    #expect(Set(keys).count == keys.count)
    // This arm's normalizations learn nothing.
    let affine = values.filter { $0.metric == .scaleOffsetNorm }
    #expect(!affine.isEmpty)
    #expect(affine.allSatisfy { $0.value.isNaN && $0.reason?.contains("gain or shift") == true })
    let drift = values.filter { $0.metric == .weightDrift && $0.scope.isEmpty }.map(\.value)
    #expect(drift.allSatisfy { $0 > 0 } && drift.last ?? 0 > drift[0])
    let change = values.filter { $0.metric == .featureChange }.map(\.value)
    #expect(change.allSatisfy { $0 > 0 })
  }

  @Test func `few and rare diagnostics record no others`() throws {
    var run = try training(configuration("plain", ["srank"], every: 0))
    let values = try run.advance(12)
    #expect(values.filter { $0.metric == .srank }.map(\.updates) == [12])
    #expect(!values.contains { $0.metric == .sharpness || $0.metric == .dormantUnits })
    #expect(try run.snapshot().part("diagnostics").tensors.isEmpty)
  }

  @Test(arguments: ["plain", "fresh"])
  func `a resumed run measures what the whole one does`(arm: String) throws {
    for stop in [12, 17] {
      var whole = try training(configuration(arm))
      _ = try whole.advance(stop)
      var resumed = try training(configuration(arm))
      try resumed.restore(whole.snapshot())
      #expect(try lines(whole.advance(19)) == lines(resumed.advance(19)))
    }
  }

  @Test func `a saved reference that is none is refused, and the run stays as it was`() throws {
    var whole = try training(configuration("plain"))
    _ = try whole.advance(12)
    var snapshot = try whole.snapshot()
    snapshot.tensors = snapshot.tensors.map { name, tensor in
      name == "diagnostics.kernel" ? (name, tensor.converted(to: .bool)) : (name, tensor)
    }
    var resumed = try training(configuration("plain"))
    let before = resumed.network.parameters.map { $0.value.detached().cloned() }
    #expect(throws: StateError.self) { try resumed.restore(snapshot) }
    #expect(resumed.updates == 0)
    for (parameter, old) in zip(resumed.network.parameters, before) {
      #expect(parameter.value.detached().isIdentical(to: old))
    }
  }

  @Test func `where tasks change the inputs, so do the probes`() throws {
    var configuration = try configuration("norm", ["feature-change", "activation-pattern-change"])
    configuration.stream.kind = .permutedPixels
    var whole = try training(configuration)
    let values = try whole.advance(17)
    #expect(values.filter { $0.metric == .featureChange }.allSatisfy { $0.value.isFinite })
    var resumed = try training(configuration)
    try resumed.restore(whole.snapshot())
    #expect(try lines(whole.advance(19)) == lines(resumed.advance(19)))
  }

  @Test func `every series of a diagnostic is in the glossary`() {
    for kind in Diagnostics.all {
      for metric in kind.metrics { #expect(Metric(metric).entry != nil, "\(metric)") }
    }
  }

  @Test func `a diagnostic that does not exist is refused with the nearest ones`() throws {
    let configuration = try configuration("nap", ["sharpnes"])
    #expect {
      _ = try RandomLabels.validate(configuration)
    } throws: {
      "\($0)".contains("did you mean sharpness")
    }
    let set = try ConfigurationOverride(parsing: "recording.diagnostics=srank,sharpness")
      .applied(to: configuration)
    #expect(set.recording.diagnostics == ["srank", "sharpness"])
  }

  @Test func `a configuration stored before there were diagnostics is read`() throws {
    let configuration = Small.configuration()
    let text = try JSONText.encode(configuration)
    var old = text
    for part in [
      #""diagnostics":[],"#, #""diagnosticsEveryUpdates":0,"#, #""keepCheckpointEveryTasks":0,"#,
    ] {
      #expect(old.contains(part), "\(part)")
      old = old.replacingOccurrences(of: part, with: "")
    }
    #expect(try JSONText.decode(ContinualConfiguration.self, from: old) == configuration)
  }
}
