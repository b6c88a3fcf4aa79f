import Testing
import Torch

@Suite struct TensorOperatorsTests {
  let a = Tensor([1, 2, 4] as [Double])
  let b = Tensor([8, 4, 2] as [Double])

  @Test func `arithmetic signs mean what they say, with numbers on either side`() {
    #expect((a + b).doubles == [9, 6, 6])
    #expect((a - b).doubles == [-7, -2, 2])
    #expect((a * b).doubles == [8, 8, 8])
    #expect((a / b).doubles == [0.125, 0.5, 2])
    #expect((-a).doubles == [-1, -2, -4])
    #expect((a + 1).doubles == [2, 3, 5])
    #expect((1 + a).doubles == [2, 3, 5])
    #expect((a - 1).doubles == [0, 1, 3])
    #expect((1 - a).doubles == [0, -1, -3])
    #expect((a * 3).doubles == [3, 6, 12])
    #expect((3 * a).doubles == [3, 6, 12])
    #expect((a / 2).doubles == [0.5, 1, 2])
    #expect((2 / a).doubles == [2, 1, 0.5])
  }

  @Test func `operands broadcast over missing and single axes`() {
    let column_A1 = Tensor([10, 20] as [Double], shape: [2, 1])
    #expect((column_A1 + a).shape == [2, 3])
    #expect((column_A1 + a).doubles == [11, 12, 14, 21, 22, 24])
  }

  @Test func `subscripts take one index, a range, or rows by a tensor`() {
    let x_AB = Tensor.range(from: 0, to: 12).reshaped(to: [4, 3])
    #expect(x_AB[1].integers == [3, 4, 5])
    #expect(x_AB[-1].integers == [9, 10, 11])
    #expect(x_AB[1..<3].integers == [3, 4, 5, 6, 7, 8])
    #expect(x_AB[2..<2].shape == [0, 3])
    #expect(x_AB[Tensor([3, 0] as [Int])].integers == [9, 10, 11, 0, 1, 2])
  }

  @Test func `the norm is the root of the sum of squares over all axes`() {
    #expect(Tensor([3, 0, 0, 4] as [Double], shape: [2, 2]).norm.item == 5)
    #expect(Tensor.zeros([0]).norm.item == 0)
  }

  @Test func `identity looks at type, shape and every bit`() {
    #expect(a.isIdentical(to: a.cloned()))
    #expect(a.isIdentical(to: a.unsqueezed(axis: 0).squeezed(axis: 0)))
    #expect(!a.isIdentical(to: a.converted(to: .float32)))
    #expect(!a.isIdentical(to: a.unsqueezed(axis: 0)))
    #expect(!Tensor([0.0]).isIdentical(to: Tensor([-0.0])))
    let nan = Tensor([Double.nan])
    #expect(nan.isIdentical(to: nan.cloned()))
  }
}
