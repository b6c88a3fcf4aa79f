import Networks
import TensorTestSupport
import Testing
import Torch

@testable import Plasticity

/// What makes diagnostics cheap gives what the dear way gives.
@Suite struct ProbeLossTests {
  private let generator = Generator(seed: 21)

  private func dense(_ name: String, _ inputs: Int, _ outputs: Int, isOutput: Bool = false)
    -> Linear
  {
    Linear(
      inputFeatures: inputs, outputFeatures: outputs, isOutput: isOutput,
      generator: generator.split(name), dtype: .float64)
  }

  private func subject(_ network: Sequential, _ shape: [Int]) -> DiagnosticSubject {
    DiagnosticSubject(
      network: network, probes: Tensor.normal(shape, generator: generator, dtype: .float64),
      labels: Tensor((0..<shape[0]).map { $0 % 3 }, shape: [shape[0]]), generator: generator)
  }

  private func wide() -> DiagnosticSubject {
    subject(
      Sequential([
        dense("a", 12, 8), LayerNorm(shape: [8], dtype: .float64), Tanh(), dense("b", 8, 7), Tanh(),
        dense("c", 7, 3, isOutput: true),
      ]), [4, 12])
  }

  private func branched() -> DiagnosticSubject {
    subject(
      Sequential([
        dense("a", 12, 12), Residual(Sequential([Tanh(), dense("b", 12, 12), Tanh()])),
        dense("c", 12, 3, isOutput: true),
      ]), [4, 12])
  }

  /// The Hessian of the mean loss over the first examples, an element of the gradient after another.
  private func hessian(of loss: Tensor, _ values: [Tensor]) -> Tensor {
    let first = withGradients {
      gradients(of: loss, withRespectTo: values, createGraph: true)
        .flatMap { gradient in
          let flat = gradient.reshaped(to: [-1])
          return (0..<flat.shape[0]).map { flat[$0] }
        }
    }
    let rows = first.map { element -> Tensor in
      let seed = withoutGradients { Tensor.onesLike(element.detached()) }
      let found = gradients(of: [element], seeds: [seed], withRespectTo: values, retainGraph: true)
      return withoutGradients {
        Tensor.concatenated(
          zip(found, values).map { ($0 ?? Tensor.zerosLike($1.detached())).reshaped(to: [-1]) })
      }
    }
    return withoutGradients { Tensor.stacked(rows) }
  }

  private func eigenvalues(_ matrix: Tensor) -> [Double] {
    withoutGradients { matrix.symmetricEigenvalues().doubles }
  }

  @Test(arguments: [1, 3, 4])
  func `a narrowed network's Hessian has the eigenvalues of the whole one, but for zeros`(
    count: Int
  ) throws {
    let subject = wide()
    let labels = try #require(subject.labels)
    let loss = try ProbeLoss(subject, labels: labels, count: count)
    let narrowed = loss.coordinates.map(\.elementCount).reduce(0, +)
    let whole = subject.parameters.map(\.parameter.value.elementCount).reduce(0, +)
    #expect(loss.leavesOutFlatDirections && narrowed < whole)
    let direct = FusedKernels.disabled {
      withGradients { subject.network(subject.probes[0..<count]).crossEntropy(labels[0..<count]) }
    }
    #expect(abs(loss.value.item - direct.item) < 1e-12)
    let expected = eigenvalues(hessian(of: direct, subject.parameters.map(\.parameter.value)))
    let found = eigenvalues(hessian(of: loss.value, loss.coordinates))
    // From above and from below, until the zeros.
    let (above, below) = (expected.filter { $0 > 1e-9 }, expected.filter { $0 < -1e-9 })
    #expect(above.count > count && !below.isEmpty)
    expectClose(
      Tensor(Array(found.suffix(above.count))), Tensor(above), relative: 1e-8, absolute: 1e-11)
    expectClose(
      Tensor(Array(found.prefix(below.count))), Tensor(below), relative: 1e-8, absolute: 1e-11)
    let rest = found.dropFirst(below.count).dropLast(above.count)
    #expect(rest.allSatisfy { abs($0) < 1e-9 })
  }

  @Test func `a weight of two layers, and one that is frozen, keep their own coordinates`() throws {
    let shared = dense("s", 12, 12)
    let two = subject(
      Sequential([shared, Tanh(), shared, dense("o", 12, 3, isOutput: true)]), [4, 12])
    let labels = try #require(two.labels)
    let first = try ProbeLoss(two, labels: labels, count: 4)
    #expect(!first.leavesOutFlatDirections)
    #expect(first.coordinates.map(\.shape) == two.parameters.map(\.parameter.value.shape))
    let branched = try ProbeLoss(self.branched(), labels: labels, count: 4)
    #expect(!branched.leavesOutFlatDirections)
    let frozen = wide()
    frozen.network.parameters[0].isTrainable = false
    let second = try ProbeLoss(frozen, labels: labels, count: 4)
    let expected = eigenvalues(hessian(of: second.value, second.coordinates)).suffix(5)
    let direct = FusedKernels.disabled {
      withGradients { frozen.network(frozen.probes).crossEntropy(labels) }
    }
    let found = eigenvalues(hessian(of: direct, frozen.parameters.map(\.parameter.value))).suffix(5)
    expectClose(Tensor(Array(found)), Tensor(Array(expected)), relative: 1e-8)
  }

  private struct Squared: Layer {
    var parts: [Part] { [] }
    func callAsFunction(_ input: Tensor) -> Tensor { input * input }
  }

  @Test func `where the loss curves only downwards, unseen directions are the sharpest`() throws {
    // L = ((w · x)² − 9)² at w · x = 1 has L'' = 12 − 36 along x, and 0 across it.
    let weight = Parameter(Tensor([1, 0] as [Double], shape: [1, 2]), role: .output)
    let subject = DiagnosticSubject(
      network: Sequential([Linear(weight: weight, bias: nil), Squared()]),
      probes: Tensor([1, 0] as [Double], shape: [1, 2]),
      labels: Tensor([9] as [Double], shape: [1, 1]), loss: .meanSquaredError,
      generator: generator)
    #expect(Sharpness().readings(of: subject).map(\.outcome) == [.value(0)])
  }

  private struct Opaque: Layer {
    let inner: Sequential
    var parts: [Part] { [.module("inner", inner)] }
    func callAsFunction(_ input: Tensor) -> Tensor { inner(input) }
  }

  @Test func `outputs taken back at once, and one by one, have the same gradients`() throws {
    let convolutional = Sequential([
      Convolution2D(
        inputChannels: 2, outputChannels: 4, kernel: 3, padding: 1, generator: generator.split("k"),
        dtype: .float64), ReLU(), MaximumPool2D(kernel: 2), Flatten(),
      dense("d", 16, 3, isOutput: true),
    ])
    for subject in [wide(), subject(convolutional, [5, 2, 4, 4]), branched()] {
      let inputs = [1, .max].map { limit -> Tensor in
        let backward = OutputBackward(
          subject.trace, of: subject.inputs, through: nil, limit: limit)
        #expect(backward.portions.count == (limit == 1 || !subject.trace.isChain ? 3 : 1))
        return withoutGradients {
          Tensor.concatenated(
            backward.portions.compactMap { backward($0) { _, _ in } }, axis: 1)
        }
      }
      expectClose(inputs[0], inputs[1], relative: 1e-12)
      let output = withGradients { subject.network(subject.inputs) }
      for unit in 0..<3 {
        let sum = withGradients { output.selected(axis: 1, at: unit).sum() }
        let expected = gradients(of: sum, withRespectTo: [subject.inputs], retainGraph: true)[0]
        expectClose(
          withoutGradients { inputs[1].selected(axis: 1, at: unit) }, expected, relative: 1e-10,
          absolute: 1e-13)
      }
      let kernel = try subject.outputKernel.get()
      let whole = DiagnosticSubject(
        network: Sequential([Opaque(inner: subject.network)]), probes: subject.probes,
        generator: generator)
      expectClose(try whole.outputKernel.get().gram_NN, kernel.gram_NN, relative: 1e-9)
    }
  }
}
