import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite("Clipping, noise, shrinking and rows")
struct ClippingAndNoiseTests {
  @Test("clipping by norm scales all gradients to the limit, and leaves smaller ones")
  func norm() throws {
    var method = NormClipping()
    method.limit = 0.5
    var bench = try Bench(method)
    var moment = bench.moment()
    try bench.chain.afterGradients(&moment)
    #expect(abs(GlobalNorm(of: moment.gradients).value - 0.5) < 1e-14)
    let first = moment.gradients[0].doubles
    #expect(first.allSatisfy { abs($0 - first[0]) < 1e-16 })
    method.limit = 100
    var loose = try Bench(method)
    #expect(try loose.addedGradients().allSatisfy { $0.absolute().maximum().item == 0 })
  }

  @Test("clipping by value limits each element on its own")
  func value() throws {
    var method = ValueClipping()
    method.limit = 0.5
    var bench = try Bench(method)
    var moment = bench.moment()
    moment.gradients[1] = Tensor([-3.0, 0.25, 0.75], shape: [3])
    try bench.chain.afterGradients(&moment)
    #expect(moment.gradients[1].doubles == [-0.5, 0.25, 0.5])
    #expect(moment.gradients[0].doubles.allSatisfy { $0 == 0.5 })
  }

  @Test("penalties come before clipping, which limits their sum")
  func order() throws {
    var clip = NormClipping()
    clip.limit = 0.1
    var l2 = L2Regularization()
    l2.coefficient = 100
    var bench = try Bench(clip)
    bench.chain = InterventionSet([clip, l2]).hookChain()
    var moment = bench.moment()
    try bench.chain.afterGradients(&moment)
    #expect(abs(GlobalNorm(of: moment.gradients).value - 0.1) < 1e-14)
  }

  @Test("noise has the asked deviation, differs by update and parameter, and repeats by seed")
  func noise() throws {
    let weight = Parameter(Tensor.zeros([400, 500], dtype: .float64), role: .weight(fanIn: 500))
    let twin = Parameter(Tensor.zeros([400, 500], dtype: .float64), role: .weight(fanIn: 500))
    let parameters = [weight, twin].enumerated().map {
      NamedParameter(name: "weight\($0.offset)", parameter: $0.element)
    }
    var method = NoisyUpdates()
    method.scale = 0.3
    func moved(_ update: Int) throws -> [Tensor] {
      weight.assign(Tensor.zeros([400, 500]))
      twin.assign(Tensor.zeros([400, 500]))
      var hook = InterventionSet([method]).hookChain()
      try hook.begin(
        HookSite(
          network: Sequential([any Layer]()), parameters: parameters,
          generator: Generator(seed: 1), redrawn: { _ in Sequential([any Layer]()) }))
      var moment = TrainingMoment(
        update: update, task: 0, updateInTask: 0, parameters: parameters, learningRate: 0.1,
        optimizer: SGD(for: [weight, twin]))
      try hook.afterUpdate(&moment)
      return [weight, twin].map { $0.value.detached().cloned() }
    }
    let first = try moved(0)
    // 200,000 draws: the deviation's own deviation is 1.6e-3 of it.
    #expect(abs(first[0].standardDeviation().item / 0.03 - 1) < 0.01)
    #expect(abs(first[0].mean().item) < 3e-4)
    #expect(difference(first[0], first[1]) > 0.01)
    #expect(try moved(0)[0].isIdentical(to: first[0]))
    #expect(try difference(moved(1)[0], first[0]) > 0.01)
    method.place = .gradient
    var bench = try Bench(method)
    let added = try bench.addedGradients()
    #expect(added.allSatisfy { $0.absolute().maximum().item > 0 })
  }

  @Test("shrink and perturb at a boundary: lambda W + gamma p, and nothing at an update")
  func boundary() throws {
    var method = ShrinkAndPerturb()
    method.shrink = 0.4
    method.perturb = 0
    var bench = try Bench(method)
    let before = bench.values
    var moment = bench.moment(7)
    try bench.chain.afterUpdate(&moment)
    #expect(zip(bench.values, before).allSatisfy { $0.isIdentical(to: $1) })
    try bench.chain.atBoundary(&moment)
    for (value, old) in zip(bench.values, before) { #expect(difference(value, old * 0.4) < 1e-15) }
    method.perturb = 0.5
    method.shrink = 1
    var noisy = try Bench(method)
    let start = noisy.values
    moment = noisy.moment()
    moment.task = 3
    try noisy.chain.atBoundary(&moment)
    let first = zip(noisy.values, start).map { $0 - $1 }
    #expect(first.allSatisfy { $0.absolute().maximum().item > 0.01 })
    moment.task = 4
    let middle = noisy.values
    try noisy.chain.atBoundary(&moment)
    #expect(difference(noisy.values[0] - middle[0], first[0]) > 0.01)
  }

  @Test("after every so many updates, towards the initial values")
  func perStep() throws {
    var method = ShrinkAndPerturb()
    method.shrink = 0.9
    method.perturb = 0.2
    method.noise = .initial
    method.everyUpdates = 3
    #expect(!method.knowsBoundaries)
    var bench = try Bench(method)
    let start = bench.values
    bench.move()
    let before = bench.values
    for update in 0..<2 {
      var moment = bench.moment(update)
      try bench.chain.afterUpdate(&moment)
    }
    #expect(zip(bench.values, before).allSatisfy { $0.isIdentical(to: $1) })
    var moment = bench.moment(2)
    try bench.chain.afterUpdate(&moment)
    for (index, value) in bench.values.enumerated() {
      #expect(difference(value, before[index] * 0.9 + start[index] * 0.2) < 1e-15)
    }
  }

  @Test("a fresh draw comes from the initializer: another network's values")
  func fresh() throws {
    var method = ShrinkAndPerturb()
    method.shrink = 0
    method.perturb = 1
    method.noise = .fresh
    var run = try HookedRun(InterventionSet([method]).hookChain(), dtype: .float64)
    try run.advance(9)
    let bound = 1 / 6.0.squareRoot()
    let weight = run.parameters[0].parameter.value.detached().doubles
    // One update of Adam at 1e-2 after the draw.
    #expect(weight.allSatisfy { abs($0) <= bound + 0.011 })
    #expect(weight.contains { abs($0) > 0.7 * bound })
  }

  @Test("rows return to the unit sphere or to their initial norms; biases and outputs are left")
  func rows() throws {
    var bench = try Bench(RowNormalization())
    func norms(_ tensor: Tensor) -> [Double] { tensor.vectorNorm(axes: [1]).doubles }
    #expect(norms(bench.values[0]).allSatisfy { abs($0 - 1) < 1e-15 })
    let directions = bench.values[0]
    bench.move()
    let moved = bench.values
    var moment = bench.moment()
    try bench.chain.afterUpdate(&moment)
    #expect(norms(bench.values[0]).allSatisfy { abs($0 - 1) < 1e-15 })
    let expected = moved[0] / moved[0].vectorNorm(axes: [1], keepAxes: true)
    #expect(difference(bench.values[0], expected) < 1e-15)
    #expect(difference(bench.values[0], directions) > 0.01)
    for index in 1..<5 { #expect(bench.values[index].isIdentical(to: moved[index])) }

    var method = RowNormalization()
    method.radius = .initial
    var own = try Bench(method)
    let targetNorms = norms(own.values[0])
    #expect(Set(targetNorms.map { ($0 * 1e6).rounded() }).count == 3)
    own.move()
    moment = own.moment()
    try own.chain.afterUpdate(&moment)
    #expect(zip(norms(own.values[0]), targetNorms).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test("a row of norm zero stays zero")
  func zeroRow() throws {
    var bench = try Bench(RowNormalization())
    let weight = bench.parameters[0].parameter
    weight.assign(Tensor([0.0, 0, 3, 4, 1, 0], shape: [3, 2]))
    var moment = bench.moment()
    try bench.chain.afterUpdate(&moment)
    #expect(difference(weight.value, Tensor([0.0, 0, 0.6, 0.8, 1, 0], shape: [3, 2])) < 1e-15)
  }
}
