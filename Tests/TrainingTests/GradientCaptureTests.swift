import Networks
import NormalizeAndProject
import Plasticity
import TensorTestSupport
import Testing
import Torch

@testable import Training

// What is replayed on a GPU is compared, byte for byte, by the cases `capture-*` of Tools/gpu-check, which
// Tools/tests/stand-in-cuda rehearses without one. Here is what holds on a CPU.
@Suite struct GradientCaptureTests {
  private func learner() throws -> Learner {
    try Learner(inputShape: [3], seed: 1, optimizer: .init(learningRate: 1e-2)) {
      .mlp(
        inputFeatures: 3, hidden: [4], classes: 2,
        source: ParameterSource(generator: $0, dtype: .float64))
    }
  }

  private func body(_ learner: inout Learner, _ batch: [Tensor]) -> [Tensor] {
    let loss = Loss.crossEntropy(learner.trainingOutputs(batch[0]), batch[1])
    learner.accumulate(loss)
    return [loss.detached()]
  }

  private var batch: [Tensor] {
    [
      Tensor.normal([5, 3], generator: Generator(seed: 2), dtype: .float64),
      Tensor([0, 1, 1, 0, 1], dtype: .int64),
    ]
  }

  @Test("a CPU records nothing: the body runs as it is, whether or not it was asked to be recorded")
  func runsAsItIs() throws {
    var (plain, asked) = (try learner(), try learner())
    asked.capture = GradientCapture(on: .cpu)
    #expect(plain.capture.problem == "it was not asked for")
    #expect(asked.capture.problem == "only CUDA's devices record their work")
    for _ in 0..<2 * GradientCapture.updatesBefore {
      let (one, other) = (body(&plain, batch), try asked.accumulate(on: batch, body))
      #expect(one[0].isIdentical(to: other[0]))
      _ = (try plain.apply(), try asked.apply())
    }
    for (one, other) in zip(plain.parameters, asked.parameters) {
      #expect(one.parameter.value.isIdentical(to: other.parameter.value))
    }
  }

  @Test("the first reason is the one that is told")
  func firstReason() {
    var capture = GradientCapture(on: .cpu)
    let first = capture.problem
    capture.refuse("another")
    #expect(capture.problem == first)
  }

  @Test("recording on a CPU is an error with a reason, and nothing runs")
  func refusesCPU() {
    var hasRun = false
    #expect {
      _ = try CapturedWork(on: .cpu) {
        hasRun = true
        return []
      }
    } throws: {
      "\($0)".contains("only CUDA's devices record their work")
    }
    #expect(!hasRun)
  }
}
