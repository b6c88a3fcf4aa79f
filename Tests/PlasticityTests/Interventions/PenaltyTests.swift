import Foundation
import Networks
import Plasticity
import TensorTestSupport
import Testing
import Torch

@Suite("Penalties are the gradients of what they name")
struct PenaltyTests {
  /// The derivative of `penalty` over the parameters, by automatic differentiation.
  private func derivative(_ bench: Bench, _ penalty: ([Tensor]) -> Tensor) -> [Tensor?] {
    let leaves = bench.values.map { $0.requiringGradient() }
    let loss = withGradients { penalty(leaves) }
    let seed = withoutGradients { Tensor.onesLike(loss.detached()) }
    return gradients(of: [loss], seeds: [seed], withRespectTo: leaves)
  }

  private func expect(_ found: [Tensor], _ expected: [Tensor?], within bound: Double = 1e-13) {
    for (index, (one, other)) in zip(found, expected).enumerated() {
      let other = other ?? Tensor.zerosLike(one)
      #expect(difference(one, other) < bound, "parameter \(index)")
    }
  }

  @Test("L2 adds the gradient of lambda times the squared norm of everything")
  func l2() throws {
    var method = L2Regularization()
    method.coefficient = 0.3
    var bench = try Bench(method)
    expect(
      try bench.addedGradients(),
      derivative(bench) { values in
        values.map { $0.squared().sum() }.reduce(Tensor(0, dtype: .float64), +) * 0.3
      })
  }

  @Test("L2 on weights leaves biases, scales and offsets alone; on hidden ones the output too")
  func selection() throws {
    for (selection, touched) in [
      (ParameterSelection.all, [true, true, true, true, true]),
      (.weights, [true, false, false, false, true]),
      (.hidden, [true, false, false, false, false]),
    ] {
      var method = L2Regularization()
      method.parameters = selection
      var bench = try Bench(method)
      let added = try bench.addedGradients().map { $0.absolute().maximum().item > 0 }
      #expect(added == touched, "\(selection)")
    }
  }

  @Test("L2 towards the initial values pulls to where training began")
  func l2Initial() throws {
    var method = L2Initial()
    method.coefficient = 0.2
    var bench = try Bench(method)
    let start = bench.values
    #expect(try bench.addedGradients().allSatisfy { $0.absolute().maximum().item == 0 })
    bench.move()
    expect(
      try bench.addedGradients(),
      derivative(bench) { values in
        zip(values, start).map { ($0 - $1).squared().sum() }
          .reduce(Tensor(0, dtype: .float64), +) * 0.2
      })
  }

  @Test("Parseval adds the gradient of the distance of W Wᵀ from s I, of hidden weights alone")
  func parseval() throws {
    var method = ParsevalRegularization()
    method.coefficient = 0.7
    method.scale = 1.5
    var bench = try Bench(method)
    expect(
      try bench.addedGradients(),
      derivative(bench) { values in
        let gram = values[0].matrixProduct(values[0].transposed())
        let target = Tensor.identity(3, dtype: .float64) * 1.5
        return (gram - target).squared().sum() * 0.7
      })
  }

  @Test("by default Parseval pulls to each weight's own mean squared row norm at the start")
  func parsevalInitial() throws {
    var method = ParsevalRegularization()
    method.coefficient = 0.7
    var bench = try Bench(method)
    let start = bench.values[0]
    let scale = start.squared().sum().item / 3
    bench.move()
    expect(
      try bench.addedGradients(),
      derivative(bench) { values in
        let gram = values[0].matrixProduct(values[0].transposed())
        let target = Tensor.identity(3, dtype: .float64) * scale
        return (gram - target).squared().sum() * 0.7
      })
    // At the penalty's minimum the weight has the very norm that the projection restores.
    #expect(abs((scale * 3).squareRoot() - start.vectorNorm().item) < 1e-14)
    #expect(method.effects.isEmpty)
    method.scale = 2
    #expect(method.effects == [.hiddenNorms])
  }

  @Test(
    "a scale of Parseval's is read from a number, a number's text or the word, and nothing else")
  func parsevalScale() throws {
    func read(_ text: String) throws -> ParsevalRegularization.Scale {
      let json = "{\"coefficient\":0.001,\"scale\":\(text)}"
      return try JSONDecoder().decode(ParsevalRegularization.self, from: Data(json.utf8)).scale
    }
    #expect(try read("2") == 2)
    #expect(try read("\"2.5\"") == 2.5)
    #expect(try read("\"initial\"") == .initial)
    #expect { try read("\"first\"") } throws: { "\($0)".contains("expected initial or a number") }
  }

  @Test(
    "spectral regularization adds the derivative of its penalty, biases, scales and offsets too")
  func spectral() throws {
    var method = SpectralRegularization()
    method.coefficient = 0.3
    method.iterations = 300
    for exponent in [1, 2, 3] {
      method.exponent = exponent
      for normalizations in [true, false] {
        method.normalizations = normalizations
        var bench = try Bench(method)
        let k = Double(exponent)
        expect(
          try bench.addedGradients(),
          derivative(bench) { values in
            func spectrum(_ matrix: Tensor) -> Tensor {
              (matrix.singularValues()[0].power(.real(k)) - 1).squared()
            }
            func ball(_ vector: Tensor) -> Tensor { vector.squared().sum().power(.real(k)) }
            var penalty = spectrum(values[0]) + ball(values[1]) + spectrum(values[4])
            if normalizations {
              penalty =
                penalty + ball(values[3])
                + (values[2].absolute().maximum().power(.real(k)) - 1).squared()
            }
            return penalty * 0.3
          }, within: 1e-10)
      }
    }
  }

  @Test("one power iteration an update follows the first singular vector, and is saved")
  func spectralVectors() throws {
    var bench = try Bench(SpectralRegularization())
    let before = bench.chain.savedTensors
    #expect(before.map(\.name).allSatisfy { $0.hasPrefix("spectral-regularization.left.") })
    #expect(before.count == 2)
    // A weight whose first vector is another one: u turns to it, update by update.
    bench.parameters[0].parameter.assign(Tensor([0.0, 0, 3, 0, 0, 1], shape: [3, 2]))
    for update in 0..<40 {
      var moment = bench.moment(update)
      try bench.chain.afterGradients(&moment)
    }
    let left = try #require(bench.chain.savedTensors.first).tensor
    #expect(difference(left.absolute(), Tensor([0.0, 1, 0], shape: [3])) < 1e-12)
  }

  @Test("the vector of a weight that is zero for a while stays, and the penalty stays finite")
  func spectralZero() throws {
    var bench = try Bench(SpectralRegularization())
    let left = try #require(bench.chain.savedTensors.first).tensor
    let before = left.cloned()
    bench.parameters[0].parameter.assign(Tensor.zeros([3, 2], dtype: .float64))
    #expect(try bench.addedGradients().allSatisfy { $0.doubles.allSatisfy(\.isFinite) })
    #expect(left.isIdentical(to: before))
  }

  @Test("Parseval's descent makes rows orthogonal, of squared norm s")
  func parsevalDescends() throws {
    let weight = Parameter(
      Tensor.normal([3, 5], generator: Generator(seed: 8), dtype: .float64) * 0.5,
      role: .weight(fanIn: 5))
    var method = ParsevalRegularization()
    method.coefficient = 1
    method.scale = 2
    var moment = TrainingMoment(
      update: 0, task: 0, updateInTask: 0,
      parameters: [NamedParameter(name: "weight", parameter: weight)], learningRate: 0.02,
      optimizer: SGD(for: [weight]))
    for _ in 0..<2_000 {
      moment.gradients = [Tensor.zerosLike(weight.value.detached())]
      method.afterGradients(&moment)
      try moment.optimizer.step(
        UpdateRequest(parameters: [weight], gradients: moment.gradients, learningRate: 0.02))
    }
    let gram = withoutGradients { weight.value.matrixProduct(weight.value.transposed()) }
    #expect(difference(gram, Tensor.identity(3, dtype: .float64) * 2) < 1e-9)
  }

  @Test("scale decay shrinks scales alone, by rate times lambda")
  func scaleDecay() throws {
    var method = ScaleDecay()
    method.coefficient = 2
    var bench = try Bench(method)
    let before = bench.values
    let added = try bench.addedGradients()
    #expect(added.allSatisfy { $0.absolute().maximum().item == 0 })
    for (index, value) in bench.values.enumerated() {
      let isScale = bench.parameters[index].parameter.role == .scale
      let factor = isScale ? 1 - Bench.rate * 2 : 1
      #expect(difference(value, before[index] * factor) < 1e-15, "\(index)")
    }
    method.isDecoupled = false
    var coupled = try Bench(method)
    expect(
      try coupled.addedGradients(),
      zip(coupled.values, coupled.parameters).map {
        $1.parameter.role == .scale ? $0 * 2 : nil
      })
  }

  @Test("decoupled decay with Adam is AdamW")
  func weightDecay() throws {
    var method = WeightDecay()
    method.coefficient = 0.3
    method.parameters = .all
    func run(_ hooks: HookChain, _ optimizer: @escaping ([Parameter]) -> any Optimizer) throws
      -> HookedRun
    {
      var run = try HookedRun(hooks, dtype: .float64, optimizer: optimizer)
      try run.advance(12)
      return run
    }
    let ours = try run(InterventionSet([method]).hookChain()) { Adam(for: $0) }
    let theirs = try run(HookChain()) {
      Adam(for: $0, .init { $0.weightDecay = 0.3 }, isDecoupled: true)
    }
    for (one, other) in zip(ours.parameters, theirs.parameters) {
      #expect(difference(one.parameter.value, other.parameter.value) < 1e-13, "\(one.name)")
    }
  }
}
