import Datasets
import Foundation
import Networks
import NormalizeAndProject
import Plasticity
import Reinforcement
import RunStore
import Testing
import Texts
import Torch
import Training

@testable import Experiments

/// Arms whose methods find nothing to act on, or do not go together, and what arms say of their methods.
@Suite struct IdleArmTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  private func idle(
    _ arm: String, _ change: (inout ContinualConfiguration) -> Void = { _ in }
  ) throws -> [String] {
    var base = RandomLabels.presets[0].configuration
    change(&base)
    return try RandomLabels.idleMethods(RandomLabels.configuration(base, arm: arm))
      .map(\.description)
  }

  @Test func `a method that finds nothing to act on is told with the reason, and refused`() throws {
    let found = try idle("nap/l2+scale-decay") { $0.nap.scaleAndOffset = .none }
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("scale-decay: this network learns no scale") == true)
    #expect(try idle("nap/scale-decay") { $0.nap.scaleAndOffset = .free } == [])
    #expect(try idle("plain/scale-decay") { $0.nap.scaleAndOffset = .free }.count == 1)
    #expect(try idle("nap/reset-head") == [])
    #expect(
      try idle("nap/reset-head") { $0.tasks = 1 }.first?.contains("the run has one task") == true)
    #expect(
      try idle("nap/plasticity-injection") { ($0.tasks, $0.updatesPerTask) = (2, 499) }.first?
        .contains("first acts after 1000 updates and the run has 998") == true)
    var base = RandomLabels.presets[0].configuration
    base.nap.scaleAndOffset = .none
    #expect(
      message {
        try RandomLabels.requireActingMethods(
          RandomLabels.configuration(base, arm: "nap/scale-decay"))
      }.contains("leave scale-decay out"))
    #expect(throws: Never.self) {
      try RandomLabels.requireActingMethods(RandomLabels.configuration(base, arm: "nap/l2"))
    }
  }

  @Test func `what a method cannot run without is told in the same way, before any data is read`()
    throws
  {
    let found = try idle("plain/redo") { $0.network = .mlp([]) }
    #expect(found.first?.hasPrefix("redo: it needs hidden units") == true)
    #expect(
      try idle("plain/crelu") { $0.network = NetworkConfiguration(.resnet18) }.first?
        .hasPrefix("crelu: it cannot pass normalization0") == true)
    #expect(
      try idle("plain/hyperball+l2") { $0.optimizer.kind = .sgd }.first?
        .hasPrefix("hyperball: optimizer.kind must be adam") == true)
    // Examples whose number is not known say nothing of how long the run is.
    #expect(
      try idle("plain/plasticity-injection") {
        $0.stream.epochsPerTask = 1
        $0.data.images?.imageCount = 0
      } == [])
  }

  @Test func `the form of an example is known without the data`() throws {
    for source in [TaskDataConfiguration.Source.procedural, .modularAddition] {
      for size in [0, 8] {
        var data = TaskDataConfiguration(source: source)
        if source == .procedural {
          data.images?.imageCount = 10
          data.images?.size = size
        }
        let task = try ClassificationTask(data, folder: DataFolder(path: "/none"), device: .cpu)
        let form = try data.exampleForm()
        #expect(form.shape == task.inputShape && form.classes == task.classCount, "\(source)")
      }
    }
    let shape = CIFARFormat.shape
    for (source, classes) in [(TaskDataConfiguration.Source.cifar10, 10), (.cifar100, 100)] {
      let form = try TaskDataConfiguration(source: source).exampleForm()
      #expect(form.shape == [shape.channels, shape.height, shape.width])
      #expect(form.classes == classes)
    }
  }

  @Test func `two methods that replace the nonlinearity are refused, and both are named`() throws {
    for arm in ["plain/leaky-relu+crelu", "nap/crelu+fourier-features+l2"] {
      let text = message { _ = try idle(arm) }
      for name in arm.dropFirst(arm.hasPrefix("nap") ? 4 : 6).split(separator: "+").prefix(2) {
        #expect(text.contains(name), "\(text)")
      }
      #expect(text.contains("at most one that replaces the nonlinearity"))
      // A run that was stored before is read.
      let stored = try RandomLabels.configuration(RandomLabels.presets[0].configuration, arm: arm)
      #expect(throws: Never.self) {
        try StoredConfiguration.read(
          RandomLabels.self, from: JSONText.encode(stored), of: "a run")
      }
    }
  }

  @Test func `an agent's methods are asked on the network that its environment makes`() throws {
    func idle(_ arm: String, _ preset: String = "cartpole") throws -> [String] {
      let base = try Control.preset(preset).configuration
      return try Control.idleMethods(Control.configuration(base, arm: arm)).map(\.description)
    }
    #expect(try idle("nap/redo") == [])
    #expect(try idle("plain/scale-decay").first?.hasPrefix("scale-decay: ") == true)
    #expect(try idle("nap/reset-head").first?.contains("the run has one task") == true)
    #expect(throws: UsageError.self) { try idle("nap/leaky-relu+crelu") }
  }

  @Test func `arms are described by what methods' settings made of the networks of their runs`()
    throws
  {
    func run(_ overrides: [String]) throws -> Run {
      let base = RandomLabels.presets[0].configuration
      let configuration = try overrides.map(ConfigurationOverride.init(parsing:))
        .applied(to: RandomLabels.configuration(base, arm: "nap/crelu+l2"))
      return Run(
        name: "r", recipe: RandomLabels.name, preset: "demo", arm: "nap/crelu+l2", seed: 0,
        configuration: try JSONText.encode(configuration),
        provenance: .current(
          napVersion: "1", libtorchVersion: "1", device: "cpu", threadCount: 1))
    }
    let equal = try run([])
    let wide = try run(["methods.crelu.equalParameters=false"])
    #expect(RandomLabels.methodRemarks(of: [equal, equal]) == ["crelu with equal parameters"])
    #expect(
      RandomLabels.methodRemarks(of: [equal, wide]) == [
        "crelu with equal parameters", "crelu with twice the inputs",
      ])
  }
}
