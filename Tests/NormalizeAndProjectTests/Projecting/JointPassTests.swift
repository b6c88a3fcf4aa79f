import Networks
import NormalizeAndProject
import Testing
import Torch

@Suite("Joint norms in the optimizer's pass")
struct JointPassTests {
  private let nap = NaP(projection: Projection(noisyWeights: .joint))

  private func network() throws -> Sequential {
    let generator = Generator(seed: 1)
    return try nap.normalized(
      Sequential([
        NoisyLinear(
          inputFeatures: 6, outputFeatures: 8, generator: generator.split("hidden"), dtype: .float64
        ),
        ReLU(),
        NoisyLinear(
          inputFeatures: 8, outputFeatures: 3, isOutput: true, generator: generator.split("output"),
          dtype: .float64),
      ]), inputShape: [6])
  }

  /// Ten updates, with the joint norm restored by the optimizer or afterwards.
  private func trained(inThePass: Bool, frozen: String? = nil) throws -> (Sequential, UpdateReport?)
  {
    let network = try network()
    let parameters = network.namedParameters
    for named in parameters where named.name == frozen { named.parameter.isTrainable = false }
    let projection = try ProjectionState(nap, network: network, parameters: parameters)
    var optimizer = try OptimizerConfiguration().make(for: parameters.map(\.parameter))
    let input = Tensor.normal([16, 6], generator: Generator(seed: 2), dtype: .float64)
    let target = Tensor.normal([16, 3], generator: Generator(seed: 3), dtype: .float64)
    var last: UpdateReport?
    for update in 0..<10 {
      let output = Noise.frozen(seed: UInt64(update)).during { network(input) }
      let gradients = gradients(
        of: output.squaredError(target), withRespectTo: parameters.map(\.parameter.value))
      var request = UpdateRequest(
        parameters: parameters.map(\.parameter), gradients: gradients, learningRate: 0.05,
        isMeasured: true)
      if inThePass { projection.join(&request, update: update) }
      last = try optimizer.step(request)
      try projection.apply(after: request, update: update)
    }
    return (network, last)
  }

  @Test("They are those restored after it, also when a member is frozen")
  func sameNorms() throws {
    for frozen in [nil, "0.deviation"] {
      let (pass, passReport) = try trained(inThePass: true, frozen: frozen)
      let (after, afterReport) = try trained(inThePass: false, frozen: frozen)
      for (left, right) in zip(pass.namedParameters, after.namedParameters) {
        #expect(gap(left.parameter.value, right.parameter.value) < 1e-12, "\(left.name)")
      }
      for (left, right) in zip(
        try #require(passReport).normsAfter, try #require(afterReport).normsAfter)
      {
        #expect(abs(left - right) < 1e-12 * right, "the report is that before the restoring")
      }
      let start = try network().namedParameters
      func joint(_ parameters: [NamedParameter]) -> Double {
        let norms = parameters.filter { $0.name.hasPrefix("0.") }.map(\.parameter.norm)
        return norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      #expect(abs(joint(pass.namedParameters) / joint(start) - 1) < 1e-13)
    }
  }
}
