import Networks
import NormalizeAndProject
import Plasticity
import TensorTestSupport
import Testing
import Torch

@testable import Training

/// What shared steps owe: the numbers of one process, identical parameters in all.
@Suite(.timeLimit(.minutes(3))) struct DataParallelTests {
  @Test(
    "Two and three processes give the losses and weights of one, and equal bits in each",
    arguments: SharedSetting.all)
  func asOne(setting: SharedSetting) throws {
    let whole = try setting.train()
    for size in [2, 3] {
      let traces = try setting.traces(size)
      for trace in traces {
        #expect(trace.hashes == traces[0].hashes)
        for (one, other) in zip(whole.losses, trace.losses) { expectClose(one, other) }
        for (one, other) in zip(whole.values, trace.values) { expectClose(one, other) }
      }
      let slots = traces.map(\.slotCount)
      #expect(
        setting.shards
          ? slots.reduce(0, +) == whole.slotCount : slots.allSatisfy { $0 == whole.slotCount })
    }
    #expect(Set(whole.hashes).count == whole.hashes.count)
  }

  @Test(
    "Parameters are equal to the bit at every step, in float32 and bfloat16",
    arguments: [DType.float32, .bfloat16], [false, true])
  func bits(dtype: DType, shards: Bool) throws {
    var setting = SharedSetting("", shards: shards)
    setting.dtype = dtype
    setting.updates = 20
    let traces = try setting.traces(3)
    #expect(Set(traces.map(\.hashes)).count == 1)
    #expect(Set(traces[0].hashes).count > 10)
  }

  @Test("Without synchronized statistics running ones are rank 0's, and the same in every process")
  func ownStatistics() throws {
    var setting = SharedSetting("")
    setting.hasBatchNorm = true
    setting.synchronizes = false
    let whole = try setting.train()
    let traces = try setting.traces(2)
    #expect(traces[0].hashes == traces[1].hashes)
    #expect(zip(whole.losses, traces[0].losses).contains { abs($0 - $1) > 1e-4 })
  }

  @Test("Layers that are recomputed in the backward pass have the same gradients")
  func recomputed() throws {
    let found = try withRanks(2) { group -> [Double] in
      try DataParallel(group).during {
        var learner = try SharedSetting("").learner()
        let inputs = Tensor.normal([6, 5], generator: Generator(seed: 3), dtype: .float64)
        let own = inputs[(3 * group.rank)..<(3 * group.rank + 3)]
        let outputs = Torch.recomputed(own, parameters: learner.parameters.map(\.parameter.value)) {
          [network = learner.network] in network($0)
        }
        learner.accumulate(outputs.squared().sum())
        _ = try learner.apply()
        return learner.parameters.flatMap { $0.parameter.value.detached().doubles }
      }
    }
    var learner = try SharedSetting("").learner()
    let inputs = Tensor.normal([6, 5], generator: Generator(seed: 3), dtype: .float64)
    try learner.step(learner.network(inputs).squared().sum())
    let whole = learner.parameters.flatMap { $0.parameter.value.detached().doubles }
    for result in found {
      for (one, other) in zip(whole, try result.get()) { expectClose(one, other) }
    }
  }

  @Test("A saved learner goes on in another number of processes, state shared out or not")
  func saving() throws {
    var setting = SharedSetting("", shards: true)
    setting.updates = 3
    let saved = try withRanks(2) { [setting] group -> SavedState in
      try DataParallel(group, shardsOptimizer: true).during {
        var learner = try setting.learner()
        _ = try setting.train(&learner)
        return SavedState(try State(of: learner).copied())
      }
    }
    let states = try saved.map { try $0.get() }
    #expect(Set(states.map { $0.state.tensors.map(\.tensor.bitHash) }).count == 1)
    let first = states[0]
    var alone = try setting.learner()
    try alone.restore(first.state)
    let whole = try setting.train(&alone)
    let traces = try withRanks(3) { [setting] group in
      try DataParallel(group, shardsOptimizer: true).during {
        var learner = try setting.learner()
        try learner.restore(first.state.copied())
        return try setting.train(&learner)
      }
    }
    for trace in traces {
      for (one, other) in zip(whole.values, try trace.get().values) { expectClose(one, other) }
    }
  }

  @Test("Parameters that differ are found, and the process is named")
  func difference() throws {
    let found = try withRanks(3) { group in
      let parallel = DataParallel(group)
      try parallel.during {
        let learner = try SharedSetting("").learner()
        try parallel.requireEqual(learner)
        if group.rank == 2 {
          let value = learner.parameters[0].parameter
          value.assign(value.value.detached() * (1 + 1e-15))
        }
        try parallel.requireEqual(learner)
      }
    }
    for result in found {
      let error = #expect(throws: ProcessError.self) { try result.get() }
      guard case .different(let rank, _, _, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(rank == 2)
    }
  }

  @Test("One process that is asked to stop stops all, after the same update")
  func agreement() throws {
    let found = try withRanks(2) { group -> [Bool] in
      let parallel = DataParallel(group)
      _ = try parallel.exchange([])
      let before = parallel.isStopAgreed
      try StopRequest.answering({ [rank = group.rank] in rank == 1 }) {
        _ = try parallel.exchange([])
      }
      return [before, parallel.isStopAgreed]
    }
    #expect(try found.map { try $0.get() } == [[false, true], [false, true]])
  }

  private func expectClose(_ one: Double, _ other: Double) {
    #expect(abs(one - other) <= 1e-9 * max(1, abs(one)))
  }
}

/// A state that was made on one thread and is read on another.
private struct SavedState: @unchecked Sendable {
  let state: State
  init(_ state: State) { self.state = state }
}
