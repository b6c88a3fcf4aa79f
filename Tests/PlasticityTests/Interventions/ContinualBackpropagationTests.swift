import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

@Suite("Continual backpropagation")
struct ContinualBackpropagationTests {
  private func run(_ method: ContinualBackpropagation) throws -> HookedRun {
    try HookedRun(
      InterventionSet([method]).hookChain(), network: .mlp([5, 4]), inputShape: [6],
      dtype: .float64)
  }

  private func tester(_ run: HookedRun) throws -> UnitTester {
    try #require(run.hooks.hooks[0] as? UnitTester)
  }

  private func expectClose(_ left: [Double], _ right: [Double]) {
    #expect(left.count == right.count)
    #expect(
      zip(left, right).allSatisfy { abs($0 - $1) < 1e-12 * max(1, abs($1)) }, "\(left) \(right)")
  }

  @Test("the utility is the running mean of |h| times the outgoing weights' magnitudes")
  func utility() throws {
    var method = ContinualBackpropagation()
    method.replacementRate = 0
    method.utilityDecay = 0.9
    var run = try run(method)
    var utility = [Double](repeating: 0, count: 5)
    for update in 0..<6 {
      let hidden = withoutGradients {
        run.network.outputs(run.batch(update).inputs).first { $0.name == "activation0" }?.output
      }
      let magnitude = try #require(hidden).absolute().mean(axes: [0]).doubles
      try run.advance(1)
      // The outgoing weights are those after the update, as in the algorithm.
      let outgoing = run.parameters[2].parameter.value.detached().absolute().sum(axes: [0]).doubles
      for unit in 0..<5 {
        utility[unit] = 0.9 * utility[unit] + 0.1 * magnitude[unit] * outgoing[unit]
      }
      expectClose(try tester(run).states[0].utility.doubles, utility)
      #expect(
        try tester(run).states[0].age.doubles == [Double](repeating: Double(update + 1), count: 5))
    }
    let correction = UnitTester.correction(try tester(run).states[0].age, 0.9).doubles
    expectClose(correction, [Double](repeating: 1 - pow(0.9, 6), count: 5))
  }

  @Test("the adaptable utility takes the mean out of h and divides by the incoming magnitudes")
  func adaptable() throws {
    var method = ContinualBackpropagation()
    method.replacementRate = 0
    method.utilityDecay = 0
    method.utility = .adaptableContribution
    var run = try run(method)
    let hidden = try #require(
      withoutGradients {
        run.network.outputs(run.batch(0).inputs).first { $0.name == "activation0" }?.output
      })
    try run.advance(1)
    // Without memory the running mean is the batch's own.
    let deviation = (hidden - hidden.mean(axes: [0])).absolute().mean(axes: [0])
    let outgoing = run.parameters[2].parameter.value.detached().absolute().sum(axes: [0])
    let incoming = run.parameters[0].parameter.value.detached().absolute().sum(axes: [1])
    expectClose(
      try tester(run).states[0].utility.doubles, (deviation * outgoing / incoming).doubles)
  }

  @Test("replacement waits for maturity and follows the accumulated rate")
  func rate() throws {
    var method = ContinualBackpropagation()
    method.replacementRate = 0.05
    method.maturityThreshold = 3
    var run = try run(method)
    try run.advance(3)
    #expect(try tester(run).memory.replacedCount == 0)
    #expect(try tester(run).memory.dueCounts == [0, 0])
    // From the fourth update on 5 and 4 units are mature: 0.25 and 0.2 an update.
    try run.advance(3)
    expectClose(try tester(run).memory.dueCounts, [0.75, 0.6])
    #expect(try tester(run).memory.replacedCount == 0)
    try run.advance(1)
    #expect(try tester(run).memory.replacedCount == 1)
    try run.advance(1)
    #expect(try tester(run).memory.replacedCount == 2)
  }

  @Test("the least useful mature unit is replaced: drawn anew, cut off, its age and moments zero")
  func replaced() throws {
    var method = ContinualBackpropagation()
    method.replacementRate = 0.2
    method.maturityThreshold = 3
    // A twin that replaces nothing tells the utilities of the fourth update and the weights after it.
    var idle = method
    idle.replacementRate = 0
    var still = try self.run(idle)
    try still.advance(4)
    let utilities = try tester(still).states[0].utility.doubles
    let least = try #require(utilities.indices.min { utilities[$0] < utilities[$1] })
    #expect(utilities.count { $0 == utilities[least] } == 1)
    var run = try self.run(method)
    try run.advance(4)
    let state = try tester(run).states[0]
    #expect(state.age.doubles == (0..<5).map { $0 == least ? 0 : 4 })
    #expect(state.utility.doubles[least] == 0 && state.mean.doubles[least] == 0)
    let weight = run.parameters[0].parameter.value.detached()
    for unit in 0..<5 {
      let isSame = weight[unit].isIdentical(
        to: still.parameters[0].parameter.value.detached()[unit])
      #expect(isSame == (unit != least), "\(unit)")
    }
    #expect(run.parameters[1].parameter.value.doubles[least] == 0)
    let outgoing = run.parameters[2].parameter.value.detached()
    let mature = try tester(run).states[1].age.doubles
    for reader in 0..<4 where mature[reader] != 0 {
      #expect(outgoing[reader][least].item == 0)
    }
    for slot in run.optimizer.state.slots {
      let tensors = slot.tensors.compactMap { $0 }
      #expect(tensors[0][least].absolute().maximum().item == 0)
      #expect(tensors[2].selected(axis: 1, at: least).absolute().maximum().item == 0)
    }
  }

  @Test("what a replaced unit gave on average goes into the reader's bias")
  func meanPassedOn() throws {
    func bias(_ passes: Bool) throws -> (HookedRun, [Double]) {
      var method = ContinualBackpropagation()
      method.replacementRate = 0.2
      method.maturityThreshold = 3
      method.passesMeanOn = passes
      var run = try self.run(method)
      try run.advance(4)
      return (run, run.parameters[3].parameter.value.doubles)
    }
    // The same run without a replacement tells the outgoing weights and the mean just before it.
    var method = ContinualBackpropagation()
    method.replacementRate = 0
    method.maturityThreshold = 3
    var still = try self.run(method)
    try still.advance(4)
    let state = try tester(still).states[0]
    let (run, with) = try bias(true)
    let (_, without) = try bias(false)
    let replaced = try #require(try tester(run).states[0].age.doubles.firstIndex(of: 0))
    let mean = state.mean.doubles[replaced] / (1 - pow(0.99, 4))
    let outgoing = still.parameters[2].parameter.value.detached()
      .selected(axis: 1, at: replaced).doubles
    // Units of the second layer that were themselves replaced lose their bias either way.
    let second = try tester(run).states[1].age.doubles
    for unit in 0..<4 where second[unit] != 0 {
      #expect(abs(with[unit] - without[unit] - outgoing[unit] * mean) < 1e-14, "\(unit)")
    }
    #expect(zip(with, without).contains { $0 != $1 })
  }
}
