import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("Self-normalized resets")
struct SelfNormalizedResetTests {
  @Test(
    "ages, thresholds and resets are those of a histogram over all lengths, as the authors keep it")
  func golden() throws {
    let goldens = try Goldens("methods", in: .module)
    func rows(_ name: String) throws -> [[Int]] {
      let tensor = try goldens["silences/\(name)"]
      return (0..<tensor.shape[0]).map { tensor[$0].doubles.map { Int($0) } }
    }
    let fired = try rows("fired")
    let (resets, thresholds, ages) = (
      try rows("resets"), try rows("thresholds"), try rows("ages")
    )
    var history = FiringHistory(unitCount: 6, threshold: 8)
    for update in fired.indices {
      history.observe(fired[update].map { $0 == 1 })
      #expect(history.takeSilent().map { $0 ? 1 : 0 } == resets[update], "update \(update)")
      if (update + 1) % 60 == 0 {
        history.renewThresholds(keeping: 0.9, expansion: 1.5, largest: 25)
      }
      #expect(history.thresholds == thresholds[update], "update \(update)")
      #expect(history.ages == ages[update], "update \(update)")
    }
  }

  @Test("a quantile is the smallest length that enough silences stayed within; 1 without any")
  func quantile() {
    #expect(FiringHistory.quantile([:], 0.99) == 1)
    #expect(FiringHistory.quantile([2: 9, 7: 1], 0.9) == 2)
    #expect(FiringHistory.quantile([2: 9, 7: 1], 0.91) == 7)
    #expect(FiringHistory.quantile([3: 1], 0.01) == 3)
  }

  private func run(
    _ method: SelfNormalizedResets, _ others: [any Intervention] = [],
    network: NetworkConfiguration = .mlp([5, 4]), shape: [Int] = [6]
  ) throws -> HookedRun {
    try HookedRun(
      InterventionSet([method] + others).hookChain(), network: network, inputShape: shape,
      dtype: .float64)
  }

  private func watch(_ run: HookedRun) throws -> SilentUnitReset {
    try #require(run.hooks.hooks.compactMap { $0 as? SilentUnitReset }.first)
  }

  /// Silences unit 1 of the first hidden layer for good.
  private func silence(_ run: HookedRun) {
    withoutGradients {
      _ = run.parameters[0].parameter.value.detached()[1].zeroInPlace()
      _ = run.parameters[1].parameter.value.detached()[1].fillInPlace(with: -1)
    }
  }

  private func patient(_ threshold: Int) -> SelfNormalizedResets {
    var method = SelfNormalizedResets()
    method.firstThreshold = threshold
    method.everyUpdates = 1_000
    return method
  }

  @Test(
    "a silent unit is given up at its threshold: drawn anew, cut off, without moments; others stay")
  func silentUnit() throws {
    var run = try run(patient(4))
    silence(run)
    try run.advance(3)
    #expect(try watch(run).memory.layers[0].ages[1] == 3)
    #expect(run.parameters[0].parameter.value[1].absolute().maximum().item == 0)
    try run.advance(1)
    let hook = try watch(run)
    #expect(hook.memory.layers[0].ages[1] == 0)
    #expect(hook.memory.layers[0].silences[1] == [4: 1])
    #expect(hook.memory.resetCount >= 1)
    let weight = run.parameters[0].parameter.value.detached()
    #expect(weight[1].absolute().minimum().item > 0)
    #expect(weight[1].absolute().maximum().item <= 1 / 6.0.squareRoot())
    #expect(run.parameters[1].parameter.value[1].item == 0)
    let outgoing = run.parameters[2].parameter.value.detached()
    let lively = hook.memory.layers[1].silences.indices.filter {
      hook.memory.layers[1].silences[$0][4] == nil
    }
    for reader in lively { #expect(outgoing[reader][1].item == 0) }
    for slot in run.optimizer.state.slots {
      let tensors = slot.tensors.compactMap { $0 }
      #expect(tensors[0][1].absolute().maximum().item == 0)
      #expect(tensors[1][1].item == 0)
    }
  }

  @Test("a unit fires when one example of the batch, at one position, is above zero")
  func firing() throws {
    var kind = NetworkConfiguration(.cnn)
    kind.channels = [3]
    kind.kernels = [3]
    kind.strides = [1]
    kind.hidden = [5]
    var run = try run(patient(50), network: kind, shape: [2, 4, 4])
    silence(run)
    for _ in 0..<5 {
      let hidden = try #require(
        withoutGradients {
          run.network.outputs(run.batch(run.updates).inputs).first { $0.name == "activation0" }?
            .output
        })
      let before = try watch(run).memory.layers[0].ages
      try run.advance(1)
      let fired = hidden.greater(than: 0).sum(axes: [0, 2, 3], dtype: .float64).doubles
      #expect(
        try watch(run).memory.layers[0].ages
          == zip(before, fired).map { $1 > 0 ? 0 : $0 + 1 })
    }
    #expect(try watch(run).memory.layers[0].ages[1] == 5)
  }

  @Test("thresholds are renewed with the settings, every so many updates")
  func renewal() throws {
    var method = SelfNormalizedResets()
    method.rejection = 0.3
    method.everyUpdates = 20
    method.firstThreshold = 12
    method.largestThreshold = 30
    method.expansion = 1.5
    var run = try run(method, network: .mlp([8, 4]))
    // Units that fire for few inputs have silences of many lengths; one never fires.
    withoutGradients {
      _ = run.parameters[1].parameter.value.detached().fillInPlace(with: -1)
    }
    silence(run)
    var history = FiringHistory(unitCount: 8, threshold: 12)
    var seen: Set<Int> = []
    for update in 1...60 {
      let hidden = try #require(
        withoutGradients {
          run.network.outputs(run.batch(run.updates).inputs).first { $0.name == "activation0" }?
            .output
        })
      try run.advance(1)
      history.observe(
        hidden.greater(than: 0).sum(axes: [0], dtype: .float64).doubles.map { $0 > 0 })
      _ = history.takeSilent()
      if update % 20 == 0 {
        history.renewThresholds(keeping: 0.7, expansion: 1.5, largest: 30)
        seen.formUnion(history.thresholds)
      }
      #expect(try watch(run).memory.layers[0] == history, "update \(update)")
    }
    #expect(seen.contains { $0 > 1 && $0 < 12 } && seen.contains { $0 > 12 }, "\(seen)")
  }

  @Test("only units behind a rectifier can be silent; without any the method says so")
  func rectifiers() throws {
    var tanh = NetworkConfiguration.mlp([5, 4])
    tanh.activation = .tanh
    for (network, methods) in [
      (tanh, []), (.mlp([5, 4]), [CReLUMethod() as any Intervention]), (.mlp([]), []),
    ] {
      #expect {
        try run(patient(3), methods, network: network)
      } throws: { "\($0)".contains("self-normalized-resets needs hidden units that can be silent") }
    }
    #expect(throws: Never.self) { try run(patient(3), [LeakyReLUMethod()]) }
  }

  @Test("settings out of range are named")
  func ranges() {
    var method = SelfNormalizedResets()
    method.rejection = 0
    #expect(throws: ConfigurationError.self) { try method.validate() }
    method = SelfNormalizedResets()
    method.firstThreshold = 2_000
    #expect { try method.validate() } throws: {
      "\($0)".contains("from 1 to largestThreshold, 1000")
    }
  }
}
