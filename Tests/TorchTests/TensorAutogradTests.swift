import TensorTestSupport
import Testing
import Torch

@Suite struct TensorAutogradTests {
  let x = Tensor([0.5, -1, 2] as [Double]).requiringGradient()

  @Test func `the gradient of a sum of cubes is three squares, then six, then the constant`() {
    let cubes = x.power(3).sum()
    let first = gradients(of: cubes, withRespectTo: [x], createGraph: true)[0]
    expectClose(first, x.squared() * 3, relative: 1e-14)
    let second = gradients(of: first.sum(), withRespectTo: [x], createGraph: true)[0]
    expectClose(second, x * 6, relative: 1e-14)
    let third = gradients(of: second.sum(), withRespectTo: [x])[0]
    #expect(third.doubles == [6, 6, 6])
    #expect(!third.requiresGradient)
  }

  @Test
  func `the gradient of a quadratic form is the symmetric part applied, its Hessian constant`() {
    let a = Tensor([2, 1, 0, -1, 3, 0.5, 4, 0, 1] as [Double], shape: [3, 3])
    let form = x.dot(a.matrixProduct(x))
    let gradient = gradients(of: form, withRespectTo: [x], createGraph: true)[0]
    let symmetric = a + a.transposed()
    expectClose(gradient, symmetric.matrixProduct(x), relative: 1e-14)
    let rows = (0..<3).map { gradients(of: gradient[$0], withRespectTo: [x], retainGraph: true)[0] }
    expectClose(.stacked(rows), symmetric, relative: 1e-14)
  }

  @Test func `the gradient of cross-entropy is the softmax less the indicator`() {
    let logits_BA = Tensor([1, 2, 0.5, -1, 0, 3] as [Double], shape: [2, 3]).requiringGradient()
    let targets_B = Tensor([2, 0] as [Int])
    let gradient = gradients(of: logits_BA.crossEntropy(targets_B), withRespectTo: [logits_BA])[0]
    let indicator = targets_B.oneHot(classes: 3).converted(to: .float64)
    expectClose(gradient, (logits_BA.softmax(axis: 1) - indicator) / 2, relative: 1e-13)
  }

  @Test func `seeds weight the outputs, as in a vector-Jacobian product`() {
    let w = Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])
    let seed = Tensor([10, -1] as [Double])
    let product = gradients(of: [w.matrixProduct(x)], seeds: [seed], withRespectTo: [x])[0]
    #expect(product?.doubles == [6, 15, 24])
  }

  @Test func `an input that takes no part is nil, or an error where a gradient is promised`() {
    let y = Tensor([1, 1] as [Double]).requiringGradient()
    let loss = x.squared().sum()
    let both = gradients(
      of: [loss], seeds: [Tensor(1, dtype: .float64)], withRespectTo: [x, y], retainGraph: true)
    #expect(both[0]?.doubles == [1, -2, 4])
    #expect(both[1] == nil)
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors { gradients(of: loss, withRespectTo: [x, y]) }
    }
    #expect(error?.operation == "gradients")
  }

  @Test func `gradients reach tensors in the middle, and add up over uses`() {
    let middle = x * 2
    let loss = (middle * middle + middle).sum()
    let both = gradients(of: loss, withRespectTo: [middle, x])
    expectClose(both[0], middle * 2 + 1, relative: 1e-14)
    expectClose(both[1], (middle * 2 + 1) * 2, relative: 1e-14)
  }

  @Test func `the graph serves once, unless it is retained`() throws {
    let loss = x.exponential().sum()
    _ = gradients(of: loss, withRespectTo: [x], retainGraph: true)
    _ = gradients(of: loss, withRespectTo: [x])
    #expect(throws: TorchError.self) {
      try withTorchErrors { gradients(of: loss, withRespectTo: [x]) }
    }
  }

  @Test func `only a scalar can be differentiated without seeds`() {
    #expect(throws: TorchError.self) {
      try withTorchErrors { gradients(of: x.squared(), withRespectTo: [x]) }
    }
  }

  @Test func `nothing is recorded without gradients, and all of it again inside`() {
    #expect((x * 2).requiresGradient)
    withoutGradients {
      #expect(!(x * 2).requiresGradient)
      #expect(x.requiresGradient)
      withGradients { #expect((x * 2).requiresGradient) }
      #expect(!(x * 2).requiresGradient)
    }
    #expect((x * 2).requiresGradient)
  }

  @Test func `the mode is restored when the body throws`() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withoutGradients { throw Stop() } }
    #expect((x * 2).requiresGradient)
  }

  @Test func `a leaf shares the storage, and forgets how it came about`() {
    let source = x * 3
    let leaf = source.requiringGradient()
    #expect(leaf.requiresGradient && leaf.address == source.address)
    #expect(gradients(of: leaf.sum(), withRespectTo: [leaf])[0].doubles == [1, 1, 1])
    #expect(!source.requiringGradient(false).requiresGradient)
    #expect(!source.detached().requiresGradient)
  }

  @Test func `a recorded leaf is changed in place only without gradients`() {
    let leaf = Tensor([1, 2] as [Double]).requiringGradient()
    #expect(throws: TorchError.self) { try withTorchErrors { leaf.addInPlace(1) } }
    withoutGradients { leaf.addInPlace(1) }
    #expect(leaf.doubles == [2, 3] && leaf.requiresGradient)
  }
}
