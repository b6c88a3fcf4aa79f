import Foundation
import Plasticity
import TensorTestSupport
import Testing
import Torch

/// Rates from the state of PyTorch's optimizers; see `Tools/goldens/pytorch_files.py`.
@Suite struct SavedUpdatesTests {
  private func inspected(_ name: String, includesOptimizer: Bool = false) throws -> FileInspection {
    let folder = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    var inspecting = try FileInspecting(
      [folder.appending(path: "Goldens/\(name).pt")], includesOptimizer: includesOptimizer)
    while try inspecting.next() != nil {}
    return inspecting.result
  }

  @Test(
    "realised rates and shares are PyTorch's",
    arguments: [("checkpoint", "model", "realised"), ("momentum", "state_dict", "momentum")])
  func rates(file: String, prefix: String, kind: String) throws {
    let goldens = try Goldens("checkpoint", in: .module)
    let inspection = try inspected(file)
    let expected = goldens.names.filter { $0.hasPrefix(kind + "/") }
    #expect(inspection.tensors.count { $0.states[0]?.step != nil } == expected.count)
    for golden in expected {
      let name = golden.dropFirst(kind.count + 1)
      let tensor = try #require(inspection.tensors.first { $0.name == "\(prefix).\(name)" })
      let step = try #require(tensor.states[0]?.step)
      let (rate, value) = (try #require(step.realisedRate.number), try goldens[golden].item)
      #expect(abs(rate / value - 1) < 1e-5, "\(name): \(rate), expected \(value)")
      if kind == "realised" {
        let share = try goldens["share/\(name)"].item
        #expect(abs(try #require(step.share) - share) < 1e-6 && step.epsilon == 1e-4)
        #expect(step.learningRate == 3e-3)
      } else {
        #expect(step.share == nil && abs(step.gain - 10) < 1e-9)
      }
    }
  }

  @Test func `the optimizer's own tensors are inspected on request alone`() throws {
    #expect(try inspected("checkpoint").tensors.allSatisfy { $0.name.hasPrefix("model.") })
    let all = try inspected("checkpoint", includesOptimizer: true).tensors.map(\.name)
    #expect(all.contains("optimizer.state.0.exp_avg"))
  }
}
