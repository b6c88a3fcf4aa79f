import Networks
import TensorTestSupport
import Testing
import Torch

/// The configurations of the golden script, by its names.
private let configurations: [(name: String, configuration: OptimizerConfiguration)] = {
  func made(
    _ kind: OptimizerConfiguration.Kind, _ change: (inout OptimizerConfiguration) -> Void = { _ in }
  ) -> OptimizerConfiguration {
    var configuration = OptimizerConfiguration(
      kind: kind, learningRate: 0.02, otherLearningRate: 0.005)
    change(&configuration)
    return configuration
  }
  return [
    ("muon", made(.muon)),
    (
      "muon_options",
      made(.muon) {
        $0.muon.momentum = 0.8
        $0.muon.nesterov = false
        $0.muon.iterations = 3
        $0.muon.scale = .matchAdamW
        $0.setWeightDecay(0.1)
      }
    ),
    (
      "muon_clipped",
      made(.muon) {
        $0.muon.scale = .none
        $0.gradientClip = 2
      }
    ),
    ("adamh", made(.adamh)),
    (
      "adamh_options",
      made(.adamh) {
        ($0.beta1, $0.beta2, $0.epsilon) = (0.8, 0.95, 1e-2)
        $0.gradientClip = 2
      }
    ),
    ("muonh", made(.muonh)),
  ]
}()

@Suite("Optimizers that treat hidden matrices apart step as their equations in PyTorch")
struct MatrixOptimizerGoldenTests {
  private static let roles: [ParameterRole] = [
    .weight(fanIn: 4), .residualOutput, .bias, .weight(fanIn: 27), .output,
  ]

  @Test("Twenty updates agree", arguments: configurations.map(\.name), [DType.float32, .float64])
  func matchesPyTorch(name: String, dtype: DType) throws {
    let goldens = try Goldens("matrix_optimizers", in: .module)
    let configuration = try #require(configurations.first { $0.name == name }).configuration
    let parameters = try Self.roles.enumerated().map {
      Parameter(try goldens["\(dtype)/initial.\($0)"], role: $1)
    }
    var optimizer = try configuration.make(for: parameters)
    // Newton and Schulz's iteration magnifies rounding where singular values are small.
    let tolerance = dtype == .float64 ? 1e-12 : name.hasPrefix("muon") ? 5e-5 : 2e-6
    for step in 0..<20 {
      let gradients = try parameters.indices.map { try goldens["\(dtype)/gradient.\(step).\($0)"] }
      try optimizer.step(
        UpdateRequest(
          parameters: parameters, gradients: gradients, learningRate: 0.02,
          gradientClip: configuration.gradientClip))
      guard [1, 5, 20].contains(step + 1) else { continue }
      for (index, parameter) in parameters.enumerated() {
        expectClose(
          parameter.value.detached(), try goldens["\(name)/\(dtype)/after.\(step + 1).\(index)"],
          relative: tolerance, absolute: tolerance, "after \(step + 1), parameter \(index)")
      }
    }
  }
}
