import Foundation
import TensorTestSupport
import Testing
import Torch

@testable import Experiments

#if os(Linux)
  /// Training by the thousand updates leaves the process as large as it was, whatever the arm.
  @Suite(.serialized, .timeLimit(.minutes(60))) struct ArmMemoryTests {
    // Whole tasks, so that every window redraws labels, measures and starts again as often.
    private static let growth = MemoryGrowth(
      windowSteps: 48, allowedBytesPerStep: 64)

    /// Every arm, and every baseline method beside the plain one.
    private static var arms: [Arm] {
      Arm.all + MethodDescription.all.map { Arm(.plain, methods: [$0.name]) }
    }

    /// A run that does not end while it is watched.
    private static func training(_ arm: Arm) throws -> ContinualTraining {
      var configuration = Small.configuration(arm)
      configuration.tasks = 1_000_000
      return try RandomLabels.start(
        RandomLabels.configuration(configuration, arm: arm.description), seed: 0, device: .cpu)
    }

    @Test func `no arm grows with its updates`() async {
      await #expect(processExitsWith: .success) {
        Machine.threadCount = 1
        for arm in Self.arms {
          var training = try Self.training(arm)
          var ended = false
          let bytes = try Self.growth.bytesPerStep {
            ended = try training.next()?.outcome != nil || ended
          }
          #expect(!ended, "\(arm) ended early")
          #expect(bytes <= Self.growth.allowedBytesPerStep, "\(arm): \(bytes) a step")
        }
      }
    }

    @Test func `a run that keeps what it measured is seen`() async {
      await #expect(processExitsWith: .success) {
        Machine.threadCount = 1
        var training = try Self.training(Arm(.nap))
        var kept: [Tensor] = []
        let bytes = try Self.growth.bytesPerStep {
          _ = try training.next()
          kept.append(Tensor.ones([64]))
        }
        #expect(bytes > Self.growth.allowedBytesPerStep && !kept.isEmpty, "\(bytes) a step")
      }
    }
  }
#endif
