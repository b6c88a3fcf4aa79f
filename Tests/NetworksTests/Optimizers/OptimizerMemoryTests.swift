import Networks
import Synchronization
import TensorTestSupport
import Testing
import Torch

#if os(Linux)
  /// Updates by the thousand leave the process as large as it was.
  @Suite(.serialized, .timeLimit(.minutes(20))) struct OptimizerMemoryTests {
    private static let growth = MemoryGrowth(windowSteps: 500)

    private static let configurations: [OptimizerConfiguration] =
      OptimizerConfiguration.Kind.allCases.map { OptimizerConfiguration(kind: $0) }
      + [
        .init(kind: .sgd, momentum: 0.9), .init(kind: .sgd, momentum: 0.9, nesterov: true),
        .init(kind: .rmsprop, momentum: 0.5), .init(kind: .adamw, weightDecay: 0.1),
      ]

    /// One update of two small parameters, with its gradients.
    private static func steps(
      _ configuration: OptimizerConfiguration
    ) throws -> () throws -> Void {
      let generator = Generator(seed: 5)
      let parameters = [[16, 8], [16]].map {
        Parameter(Tensor.normal($0, generator: generator), role: .weight(fanIn: 8))
      }
      var optimizer = try configuration.make(for: parameters)
      return {
        let gradients = withoutGradients { parameters.map { $0.value.detached() - 1.0 } }
        try optimizer.step(
          UpdateRequest(
            parameters: parameters, gradients: gradients, learningRate: 1e-3,
            gradientClip: configuration.gradientClip, isMeasured: true))
      }
    }

    @Test func `no optimizer grows with its updates`() async {
      await #expect(processExitsWith: .success) {
        Machine.threadCount = 1
        for configuration in Self.configurations {
          let bytes = try Self.growth.bytesPerStep(Self.steps(configuration))
          #expect(bytes <= Self.growth.allowedBytesPerStep, "\(configuration): \(bytes) a step")
        }
      }
    }

    private static let kept = Mutex([Tensor]())

    @Test func `a tensor kept by each update is seen`() async {
      await #expect(processExitsWith: .success) {
        Machine.threadCount = 1
        let step = try Self.steps(OptimizerConfiguration(kind: .adam))
        let bytes = try Self.growth.bytesPerStep {
          try step()
          Self.kept.withLock { $0.append(Tensor.ones([1])) }
        }
        #expect(bytes > 2 * Self.growth.allowedBytesPerStep, "\(bytes) a step")
      }
    }
  }
#endif
