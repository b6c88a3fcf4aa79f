import Networks
import RunStore
import TestSupport
import Testing
import Torch

@testable import Experiments

@Suite("Rates")
struct RateMeterTests {
  private func event(_ updates: Int) -> TrainingEvent {
    TrainingEvent(updates: updates, task: 3)
  }

  @Test("A point is what was trained since the last one by its time")
  func rates() {
    var meter = RateMeter(.cpu)
    let work = UpdateWork(examples: 8, tokens: 80, operations: 1e6)
    #expect(meter.values(work, after: event(1)).isEmpty, "nothing was timed")
    for _ in 0..<4 { meter.add(.milliseconds(500)) }
    let values = meter.values(work, after: event(4))
    let found = Dictionary(uniqueKeysWithValues: values.map { ($0.metric, $0.value) })
    #expect(found[.examplesPerSecond] == 16 && found[.tokensPerSecond] == 160)
    #expect(found[.modelOperationRate] == 2e6)
    #expect((found[.peakMemory] ?? 0) > 1e6)
    #expect(found[.modelUtilization] == nil && found[.devicePeakMemory] == nil)
    #expect(values.allSatisfy { $0.task == 3 && $0.updates == 4 })
    #expect(values.allSatisfy { Metric.ofTheMachine.contains($0.metric) && $0.metric.entry != nil })
    meter.add(.seconds(1))
    #expect(meter.values(UpdateWork(examples: 8), after: event(5)).map(\.value).first == 8)
  }

  @Test("A device has the peak of its own name, and an unknown one none")
  func peaks() {
    #expect(DevicePeak(.cpu) == nil)
    for (name, expected) in [
      ("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA H100 PCIe", 756e12), ("NVIDIA H200", 989e12),
      ("NVIDIA H200 NVL", 836e12), ("NVIDIA A100-SXM4-80GB", 312e12), ("NVIDIA L4", 121e12),
      ("NVIDIA L40S", 362e12),
    ] { #expect(DevicePeak(named: name)?[.bfloat16] == expected, "\(name)") }
    #expect(DevicePeak(named: "NVIDIA A100-SXM4-80GB")?[.full] == 19.5e12)
    for name in ["NVIDIA L40", "Tesla T4", "NVIDIA A10", ""] {
      #expect(DevicePeak(named: name) == nil, "\(name)")
    }
  }

  @Test("A language model counts tokens and operations, a perceptron examples alone")
  func work() throws {
    var configuration = try Language.preset("smoke").configuration
    configuration.computation.precision = .bfloat16
    let model = try Language.start(configuration, seed: 0, device: .cpu)
    let work = try #require(model.work)
    #expect(work.examples == 32 && work.tokens == 32 * 32 && work.precision == .bfloat16)
    let forward = configuration.network.forwardOperations(inputShape: [32], outputs: 256)
    #expect(work.operations == 3 * 32 * forward)
    let perceptron = try RandomLabels.start(
      Small.configuration(try Arm("nap")), seed: 0, device: .cpu)
    #expect(perceptron.work?.tokens == nil && perceptron.work?.operations == nil)
  }

  @Test("A session records rates beside measurements; what a run computes does not depend on them")
  func recorded() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder)
      var session = try TrainingSession<RandomLabels>(
        .init(
          preset: "short", arm: "nap", configuration: Small.configuration(try Arm("nap")),
          seed: 0, device: .cpu), store: store)
      var measured: Set<Int> = []
      while let event = try session.next() {
        if event.measurements.contains(where: { $0.metric == .gradientNorm }) {
          measured.insert(event.updates)
        }
      }
      let values = try store.values(of: session.run)
      let rates = values.filter { $0.metric == .examplesPerSecond }
      #expect(Set(rates.map(\.updates)) == measured && !measured.isEmpty)
      #expect(rates.allSatisfy { $0.value > 0 })
      #expect(values.count { $0.metric == .peakMemory } == rates.count)
    }
  }
}
