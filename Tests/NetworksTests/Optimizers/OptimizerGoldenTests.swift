import Networks
import TensorTestSupport
import Testing
import Torch

/// The configurations of the golden script, by its names.
private let configurations: [(name: String, configuration: OptimizerConfiguration)] = [
  ("sgd", .init(kind: .sgd)),
  ("sgd_momentum", .init(kind: .sgd, momentum: 0.9)),
  ("sgd_nesterov", .init(kind: .sgd, momentum: 0.9, nesterov: true)),
  ("sgd_decay", .init(kind: .sgd, momentum: 0.5, weightDecay: 0.1)),
  ("sgd_radius", .init(kind: .sgd, momentum: 0.9)),
  ("rmsprop", .init(kind: .rmsprop)),
  ("rmsprop_momentum", .init(kind: .rmsprop, momentum: 0.5, smoothing: 0.9, epsilon: 1e-3)),
  ("rmsprop_decay", .init(kind: .rmsprop, weightDecay: 0.1)),
  ("rmsprop_radius", .init(kind: .rmsprop)),
  ("adam", .init(kind: .adam)),
  ("adam_options", .init(kind: .adam, beta1: 0.8, beta2: 0.95, epsilon: 1e-2)),
  ("adam_decay", .init(kind: .adam, weightDecay: 0.1)),
  ("adam_clipped", .init(kind: .adam, epsilon: 0.1, gradientClip: 2)),
  ("adam_radius", .init(kind: .adam)),
  ("adamw", .init(kind: .adamw, weightDecay: 0.1)),
  ("adamw_radius", .init(kind: .adamw, weightDecay: 0.1)),
]

@Suite("Optimizers step as PyTorch's do")
struct OptimizerGoldenTests {
  @Test(
    "Twenty updates are PyTorch's", arguments: configurations.map(\.name),
    [DType.float32, .float64])
  func matchesPyTorch(name: String, dtype: DType) throws {
    let goldens = try Goldens("optimizers", in: .module)
    let configuration = try #require(configurations.first { $0.name == name }).configuration
    let parameters = try (0..<3).map {
      Parameter(try goldens["\(dtype)/initial.\($0)"], role: .weight(fanIn: 1))
    }
    let targetNorms = name.hasSuffix("_radius") ? parameters.map { Optional($0.norm) } : []
    var optimizer = try configuration.make(for: parameters)
    for step in 0..<20 {
      let gradients = try (0..<3).map { try goldens["\(dtype)/gradient.\(step).\($0)"] }
      try optimizer.step(
        UpdateRequest(
          parameters: parameters, gradients: gradients, learningRate: 0.05,
          gradientClip: configuration.gradientClip, targetNorms: targetNorms))
      guard [1, 5, 20].contains(step + 1) else { continue }
      for (index, parameter) in parameters.enumerated() {
        // Relative to the parameter's size: single elements pass near zero.
        let tolerance = dtype == .float64 ? 1e-13 : 2e-6
        expectClose(
          parameter.value.detached(), try goldens["\(name)/\(dtype)/after.\(step + 1).\(index)"],
          relative: tolerance, absolute: tolerance, "after \(step + 1), parameter \(index)")
      }
    }
  }
}
