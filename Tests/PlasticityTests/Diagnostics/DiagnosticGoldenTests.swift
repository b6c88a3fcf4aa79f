import Foundation
import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

/// Every measure beside what PyTorch and NumPy make of its definition (Tools/goldens/plasticity_goldens.py).
@Suite struct DiagnosticGoldenTests {
  private let goldens: Goldens

  init() throws { goldens = try Goldens("diagnostics", in: .module) }

  private func network(_ name: String) throws -> Sequential {
    let generator = Generator(seed: 1)
    let dense = { (inputs: Int, outputs: Int, isOutput: Bool) -> Linear in
      Linear(
        inputFeatures: inputs, outputFeatures: outputs, isOutput: isOutput, generator: generator,
        dtype: .float64)
    }
    return name == "mlp"
      ? Sequential([
        .init("hidden0", dense(6, 8, false)),
        .init("norm0", LayerNorm(shape: [8], dtype: .float64)),
        .init("activation0", ReLU()), .init("hidden1", dense(8, 7, false)),
        .init("activation1", ReLU()), .init("output", dense(7, 3, true)),
      ])
      : Sequential([
        .init(
          "convolution0",
          Convolution2D(
            inputChannels: 2, outputChannels: 5, kernel: 3, stride: 2, padding: 1,
            generator: generator, dtype: .float64)),
        .init("norm0", LayerNorm(axes: .last(3), affine: .perChannel(5), dtype: .float64)),
        .init("activation0", ReLU()), .init("flatten", Flatten()),
        .init("hidden0", dense(45, 6, false)), .init("activation1", ReLU()),
        .init("output", dense(6, 4, true)),
      ])
  }

  private func load(_ kind: String, _ name: String, into network: Sequential) throws {
    for parameter in network.namedParameters {
      parameter.parameter.assign(try goldens["\(name)/\(kind).\(Self.golden(parameter.name))"])
    }
  }

  /// PyTorch's names for gain and shift.
  private static func golden(_ name: String) -> String {
    name.replacingOccurrences(of: "norm0.scale", with: "norm0.weight")
      .replacingOccurrences(of: "norm0.offset", with: "norm0.bias")
  }

  private func subject(_ name: String) throws -> DiagnosticSubject {
    let network = try network(name)
    let (x, labels) = (try goldens["\(name)/x"], try goldens["\(name)/labels"])
    let generator = Generator(seed: 3)
    try load("earlier", name, into: network)
    let reference = DiagnosticReference(
      DiagnosticSubject(network: network, probes: x, generator: generator))
    try load("value", name, into: network)
    var initial: [String: Tensor] = [:]
    for parameter in network.namedParameters {
      initial[parameter.name] = try goldens["\(name)/initial.\(Self.golden(parameter.name))"]
    }
    let parameters = network.trainableParameters
    let gradients = gradients(
      of: network(x).crossEntropy(labels), withRespectTo: parameters.map(\.parameter.value))
    var descent = try OptimizerConfiguration(kind: .sgd, learningRate: 0.05)
      .make(for: parameters.map(\.parameter))
    let measuring = StepMeasuring(parameters)
    let report = try #require(
      try descent.step(
        UpdateRequest(
          parameters: parameters.map(\.parameter), gradients: gradients, learningRate: 0.05,
          isMeasured: true)))
    let record = measuring.record(report, gradients: gradients, learningRate: 0.05, descent)
    try load("value", name, into: network)
    return DiagnosticSubject(
      network: network, probes: x, labels: labels, initial: initial, reference: reference,
      update: record,
      generator: generator)
  }

  @Test(arguments: ["mlp", "cnn"])
  func `every reading is that of the golden, and every golden is read`(name: String) throws {
    let subject = try subject(name)
    let suite = Diagnostics.all.map { kind -> any Diagnostic in
      kind.name == "sharpness"
        ? Sharpness(exampleLimit: 64, tolerance: 1e-9, iterationLimit: 200) : kind.init()
    }
    var left = Set(goldens.names.filter { $0.hasPrefix("\(name)/") })
    for reading in suite.flatMap({ $0.readings(of: subject) }) {
      let scope = reading.scope.isEmpty ? "" : "/\(Self.golden(reading.scope))"
      let key = "\(name)/\(reading.metric)\(scope)"
      guard left.remove(key) != nil else {
        // The rotation of all weights as one vector, the norm of the one scale group, and what has
        // tests of its own.
        let known = [
          "rotation", "scale_offset_norm/norm0.weight", "logit_norm", "attention_entropy",
        ].map { "\(name)/\($0)" }
        #expect(known.contains(key), "\(key)")
        continue
      }
      guard let number = reading.outcome.number else {
        Issue.record("\(key): \(reading.outcome)")
        continue
      }
      // A rotation of 1e-2 from three lengths keeps eleven digits.
      let relative = reading.metric == "sharpness" ? 1e-7 : 1e-9
      expectClose(number, try goldens[key].item, relative: relative, absolute: 1e-11, key)
    }
    let matrices = ["gradient_cosines", "tangent_kernel", "tangent_kernel_spectrum"]
    let other = left.filter { key in
      !key.contains("/value.") && !key.contains("/initial.") && !key.contains("/earlier.")
        && !["x", "labels", "hessian_smallest"].contains { key == "\(name)/\($0)" }
    }
    #expect(Set(other) == Set(matrices.map { "\(name)/\($0)" }))
  }

  @Test(arguments: ["mlp", "cnn"])
  func `matrices and spectra are those of the golden`(name: String) throws {
    let subject = try subject(name)
    expectClose(
      try GradientCovariance().cosines(subject), try goldens["\(name)/gradient_cosines"],
      relative: 1e-9, absolute: 1e-11)
    expectClose(
      try TangentKernel().kernel(subject), try goldens["\(name)/tangent_kernel"], relative: 1e-9)
    let spectrum = try TangentKernel().spectrum(subject)
    let expected = try goldens["\(name)/tangent_kernel_spectrum"]
    expectClose(Tensor(spectrum), expected, relative: 1e-9, absolute: 1e-9 * spectrum[0])
  }

  @Test(arguments: ["mlp", "cnn"])
  func `the way of single examples agrees with the factored one`(name: String) throws {
    let subject = try subject(name)
    let factored = try subject.outputKernel.get()
    // A sequence around a layer that does not come apart: the same network, opaque.
    let opaque = Sequential([.init("whole", Opaque(inner: subject.network))])
    let other = DiagnosticSubject(
      network: opaque, probes: subject.probes, labels: subject.labels, generator: subject.generator)
    #expect(PerExampleLayers(other.trace) == nil)
    let single = try other.outputKernel.get()
    expectClose(single.gram_NN, factored.gram_NN, relative: 1e-9)
    expectClose(
      try #require(single.squaredInputJacobian), try #require(factored.squaredInputJacobian),
      relative: 1e-9)
    expectClose(
      try GradientCovariance().cosines(other), try GradientCovariance().cosines(subject),
      relative: 1e-9, absolute: 1e-11)
  }

  private struct Opaque: Layer {
    let inner: Sequential
    var parts: [Part] { [.module("inner", inner)] }
    func callAsFunction(_ input: Tensor) -> Tensor { inner(input) }
  }
}
