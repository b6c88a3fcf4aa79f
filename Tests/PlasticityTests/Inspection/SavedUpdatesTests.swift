import Foundation
import Plasticity
import TensorTestSupport
import TestSupport
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

  @Test(
    "optimizer.pt beside a model of transformers' trainer gives its rates",
    arguments: ["gpt2", "llama"])
  func trainer(kind: String) throws {
    let base = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    let folder = base.appending(path: "Goldens/trainer-\(kind)")
    let rates = try SafetensorsFile(reading: folder.appending(path: "rates.safetensors"))
    var inspecting = try FileInspecting([folder.appending(path: "model.safetensors")])
    while try inspecting.next() != nil {}
    var found = 0
    for tensor in inspecting.result.tensors {
      let expected = try rates.tensor(tensor.name).item
      let step = try #require(tensor.states[0]?.step, "\(tensor.name)")
      let rate = try #require(step.realisedRate.number)
      #expect(abs(rate / expected - 1) < 1e-5, "\(tensor.name): \(rate), expected \(expected)")
      found += 1
    }
    #expect(found == rates.names.count && found > 10)
  }

  @Test func `a model of another order has the steps of single shapes alone`() throws {
    let base = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    let source = base.appending(path: "Goldens/trainer-llama")
    try withTemporaryFolder { folder in
      // The same tensors under names that tell no order.
      let file = try SafetensorsFile(reading: source.appending(path: "model.safetensors"))
      let renamed = try file.names.map { ("x." + String($0.reversed()), try file.tensor($0)) }
      try SafetensorsFile.write(
        renamed.sorted { $0.0 < $1.0 }.map { (name: $0.0, tensor: $0.1) }, metadata: [:],
        to: folder.appending(path: "model.safetensors"))
      try FileManager.default.copyItem(
        at: source.appending(path: "optimizer.pt"), to: folder.appending(path: "optimizer.pt"))
      var inspecting = try FileInspecting([folder.appending(path: "model.safetensors")])
      while try inspecting.next() != nil {}
      // Two layers: every shape is there twice or more.
      #expect(inspecting.result.tensors.allSatisfy { $0.states[0]?.step == nil })
    }
  }
}
