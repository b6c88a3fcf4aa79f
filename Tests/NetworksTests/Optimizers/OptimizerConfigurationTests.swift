import Foundation
import Networks
import TestSupport
import Testing
import Torch

@Suite("Optimizers are made as configured")
struct OptimizerConfigurationTests {
  private let parameters = [Parameter(Tensor.ones([2]), role: .bias)]

  @Test("Each kind makes its optimizer, with the state it needs")
  func kinds() throws {
    let expected: [(OptimizerConfiguration, [String])] = [
      (.init(kind: .sgd), []), (.init(kind: .sgd, momentum: 0.9), ["velocity"]),
      (.init(kind: .rmsprop), ["square_average"]),
      (.init(kind: .rmsprop, momentum: 0.5), ["square_average", "velocity"]),
      (.init(kind: .adam), ["first_moment", "second_moment"]),
      (.init(kind: .adamw), ["first_moment", "second_moment"]),
    ]
    for (configuration, slots) in expected {
      #expect(try configuration.make(for: parameters).state.slots.map(\.name) == slots)
    }
    let adamW = try OptimizerConfiguration(kind: .adamw).make(for: parameters)
    #expect((adamW as? Adam)?.isDecoupled == true)
  }

  @Test("A configuration survives encoding; an absent clip stays absent")
  func coding() throws {
    for clip in [nil, 10.0] {
      var configuration = OptimizerConfiguration.rainbow
      configuration.gradientClip = clip
      let data = try JSONEncoder().encode(configuration)
      #expect(try JSONDecoder().decode(OptimizerConfiguration.self, from: data) == configuration)
    }
  }

  @Test("A value that cannot be used names its field")
  func refusals() {
    let unusable: [(OptimizerConfiguration, String)] = [
      (.init(learningRate: -1), "optimizer.learningRate"),
      (.init(learningRate: .nan), "optimizer.learningRate"),
      (.init(beta1: 1), "optimizer.beta1"), (.init(beta2: -0.1), "optimizer.beta2"),
      (.init(kind: .rmsprop, smoothing: 1.5), "optimizer.smoothing"),
      (.init(epsilon: .infinity), "optimizer.epsilon"),
      (.init(weightDecay: -1), "optimizer.weightDecay"),
      (.init(kind: .sgd, nesterov: true), "optimizer.momentum"),
      (.init(gradientClip: 0), "optimizer.gradientClip"),
    ]
    for (configuration, option) in unusable {
      let error = #expect(throws: ConfigurationError.self) {
        try configuration.make(for: parameters)
      }
      #expect(error?.option == option)
    }
  }

  @Test("The global norm is that of all gradients, and scales only what is too long")
  func globalNorm() {
    let gradients = [Tensor([3.0, 0.0]), Tensor([4.0], dtype: .float32)]
    let norm = GlobalNorm(of: gradients)
    #expect(norm.value == 5)
    #expect(norm.scale(limit: 5) == 1 && norm.scale(limit: 7) == 1)
    expectClose(norm.scale(limit: 2), 0.4, absolute: 1e-15)
    #expect(OptimizerConfiguration().gradientScale(for: gradients) == 1)
    #expect(GlobalNorm(of: [Tensor([Double.nan])]).scale(limit: 1).isNaN)
    #expect(GlobalNorm(of: [Tensor([Double.infinity])]).scale(limit: 1) == 0)
    // Squares of float32 numbers this large do not fit in float32.
    expectClose(
      GlobalNorm(of: [Tensor.full([4], value: 1e30)]).value, 2e30, relative: 1e-6, absolute: 0)
  }
}
