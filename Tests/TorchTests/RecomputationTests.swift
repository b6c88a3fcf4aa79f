import TensorTestSupport
import Testing
import Torch

@Suite("What is recomputed in a backward pass")
struct RecomputationTests {
  private let input = Tensor.normal([3, 4], generator: Generator(seed: 1), dtype: .float64)
    .requiringGradient()
  private let weight = Tensor.normal([4, 4], generator: Generator(seed: 2), dtype: .float64)
    .requiringGradient()

  @Test("Outputs and gradients are those without it, to the bit, and the body runs twice")
  func same() {
    var calls = 0
    func body(_ x: Tensor) -> Tensor {
      calls += 1
      return x.linear(weight: weight).tanh() * x
    }
    let plain = body(input)
    let again = recomputed(input, parameters: [weight], body)
    #expect(again.isIdentical(to: plain) && again.requiresGradient)
    #expect(calls == 2)
    let seed = Tensor.normal([3, 4], generator: Generator(seed: 3), dtype: .float64)
    let expected = gradients(of: [plain], seeds: [seed], withRespectTo: [input, weight])
    let found = gradients(of: [again], seeds: [seed], withRespectTo: [input, weight])
    #expect(calls == 3)
    for (left, right) in zip(expected, found) {
      #expect(left.map { right?.isIdentical(to: $0) == true } == true)
    }
  }

  @Test("Bodies inside one another, an input without a gradient, and one that does not take part")
  func nested() {
    let constant = input.detached()
    let other = Tensor.ones([2], dtype: .float64).requiringGradient()
    func inner(_ x: Tensor) -> Tensor { x.linear(weight: weight).tanh() }
    let output = recomputed(constant, parameters: [weight, other]) { x in
      recomputed(inner(x), parameters: [weight], inner)
    }
    let expected = gradients(of: inner(inner(constant)).sum(), withRespectTo: [weight])
    let found = gradients(
      of: [output.sum()], seeds: [Tensor(1.0, dtype: .float64)], withRespectTo: [weight, other])
    #expect(found[0]?.isIdentical(to: expected[0]) == true)
    #expect(found[1] == nil)
  }

  @Test("Without gradients it is the body alone, and nothing keeps the body")
  func released() {
    final class Witness {}
    weak var gone: Witness?
    var output: Tensor?
    do {
      let witness = Witness()
      gone = witness
      output = recomputed(input, parameters: []) { x in
        withExtendedLifetime(witness) { x * 2 }
      }
    }
    #expect(gone != nil)
    output = nil
    #expect(gone == nil && output == nil)
    let plain = withoutGradients { recomputed(input, parameters: [weight]) { $0 * 2 } }
    #expect(!plain.requiresGradient)
  }

  @Test("A second derivative, and a body that fails, are errors")
  func errors() {
    let output = recomputed(input, parameters: []) { $0 * $0 }
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors {
        gradients(of: output.sum(), withRespectTo: [input], createGraph: true)
      }
    }
    #expect(error?.description.contains("no second derivative") == true)
    #expect(throws: TorchError.self) {
      try withTorchErrors { recomputed(input, parameters: []) { $0 + Tensor.ones([7]) } }
    }
  }
}

@Suite("Autocast")
struct AutocastTests {
  private let x = Tensor.normal([4, 8], generator: Generator(seed: 1)).requiringGradient()
  private let weight = Tensor.normal([8, 8], generator: Generator(seed: 2)).requiringGradient()

  @Test(
    "Products are narrow, weights and their gradients stay float32",
    arguments: [DType.bfloat16, .float16])
  func products(dtype: DType) {
    let output = withAutocast(dtype) { x.linear(weight: weight) }
    #expect(output.dtype == dtype)
    let found = gradients(of: output.converted(to: .float32).sum(), withRespectTo: [x, weight])
    #expect(found.allSatisfy { $0.dtype == .float32 })
    let exact = gradients(of: x.linear(weight: weight).sum(), withRespectTo: [x, weight])
    for (left, right) in zip(found, exact) {
      expectClose(left, right, relative: 0.05, absolute: 0.05)
    }
    #expect(x.linear(weight: weight).dtype == .float32, "outside of the scope nothing changes")
  }

  @Test("Scopes end where they end, inside one another and when they throw")
  func scopes() {
    struct Stop: Error {}
    withAutocast(.bfloat16) {
      withAutocast(.float16) { #expect(x.linear(weight: weight).dtype == .float16) }
      #expect(x.linear(weight: weight).dtype == .bfloat16)
    }
    #expect(throws: Stop.self) { try withAutocast(.bfloat16) { throw Stop() } }
    #expect(x.linear(weight: weight).dtype == .float32)
  }

  @Test("A changed weight is cast anew in the next scope")
  func changes() {
    let first = withAutocast(.bfloat16) { x.linear(weight: weight).detached().cloned() }
    withoutGradients { _ = weight.detached().multiplyInPlace(by: .real(2)) }
    let second = withAutocast(.bfloat16) { x.linear(weight: weight).detached() }
    #expect(second.isIdentical(to: first * 2))
  }

  @Test("A changed weight is cast anew after a recomputation, too")
  func changesAfterRecomputation() {
    func forward() -> Tensor {
      withAutocast(.bfloat16) { recomputed(x, parameters: [weight]) { $0.linear(weight: weight) } }
    }
    let first = forward()
    // Casts the weight outside of the scope.
    _ = gradients(of: first.converted(to: .float32).sum(), withRespectTo: [weight])
    withoutGradients { _ = weight.detached().multiplyInPlace(by: .real(2)) }
    #expect(forward().isIdentical(to: first.detached() * 2))
  }

  @Test("Another type is an error")
  func refused() {
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors { withAutocast(.float64) { x.linear(weight: weight) } }
    }
    #expect(error?.description.contains("bfloat16 or float16") == true)
  }

  @Test("What is recomputed is computed in the same type")
  func recomputation() {
    func body(_ x: Tensor) -> Tensor { x.linear(weight: weight).tanh().linear(weight: weight) }
    let plain = withAutocast(.bfloat16) { body(x) }
    let again = withAutocast(.bfloat16) { recomputed(x, parameters: [weight], body) }
    #expect(again.isIdentical(to: plain))
    let seed = Tensor.ones([4, 8], dtype: .bfloat16)
    let expected = gradients(of: [plain], seeds: [seed], withRespectTo: [x, weight])
    let found = gradients(of: [again], seeds: [seed], withRespectTo: [x, weight])
    for (left, right) in zip(expected, found) {
      #expect(left.map { right?.isIdentical(to: $0) == true } == true)
    }
    #expect(x.linear(weight: weight).dtype == .float32)
  }
}
