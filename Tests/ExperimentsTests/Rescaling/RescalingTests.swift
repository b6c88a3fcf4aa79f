import Datasets
import Experiments
import Networks
import NormalizeAndProject
import Plasticity
import RunStore
import Testing
import Torch

@Suite struct RescalingTests {
  /// The training loss at every update of one way.
  private func losses(
    _ way: Rescaling.Way, preset: String, updates: Int, seed: Int = 0
  ) throws -> [Double] {
    var base = try Rescaling.preset(preset).configuration
    base.data = TaskDataConfiguration(source: .procedural, imageCount: 128, size: 8)
    base.network.hidden = [32, 32]
    base.updatesPerTask = updates
    base.batchSize = 32
    var training = try Rescaling.start(
      Rescaling.configuration(base, arm: way.rawValue), seed: seed, device: .cpu)
    var losses: [Double] = []
    while let event = try training.next() {
      losses += event.measurements.filter { $0.metric == .trainingLoss }.map(\.value)
    }
    return losses
  }

  private func gap(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func `layer-wise rescaling and projection are the same training to 1e-12`() throws {
    for seed in 0..<3 {
      let projected = try losses(.projection, preset: "exact", updates: 300, seed: seed)
      #expect(projected.count == 300)
      let layerwise = try losses(.layerwise, preset: "exact", updates: 300, seed: seed)
      #expect(gap(projected, layerwise) < 1e-12)
      // The others are not: the check can tell them apart.
      for other in [Rescaling.Way.none, .global] {
        let otherLosses = try losses(other, preset: "exact", updates: 300, seed: seed)
        #expect(gap(projected, otherLosses) > 1e-6, "\(other)")
      }
    }
  }

  @Test func `the real epsilon, momentum and Adam break the coincidence`() throws {
    for preset in ["epsilon", "momentum", "adam"] {
      let projected = try losses(.projection, preset: preset, updates: 100)
      let layerwise = try losses(.layerwise, preset: preset, updates: 100)
      #expect(gap(projected, layerwise) > 1e-12, "\(preset)")
      // By little where nothing but epsilon is in the way.
      guard preset == "epsilon" else { continue }
      #expect(gap(projected, layerwise) < 1e-4)
      #expect(
        try gap(projected, layerwise)
          < gap(projected, losses(.none, preset: preset, updates: 100)))
    }
  }

  @Test func `an arm sets mode and exponent, and only the projection projects`() throws {
    for preset in Rescaling.presets {
      for way in Rescaling.Way.allCases {
        let configuration = try Rescaling.configuration(
          preset.configuration, arm: way.rawValue)
        let isProjected = !configuration.nap.projection.roles.isEmpty
        #expect(isProjected == (way == .projection))
        let member = configuration.methods.members.first as? RateRescaling
        #expect((member == nil) == (way == .none || way == .projection))
        if let member {
          #expect(member.exponent == (preset.name == "adam" ? 1 : 2))
          #expect(member.mode.rawValue == way.rawValue)
        }
      }
    }
  }
}
