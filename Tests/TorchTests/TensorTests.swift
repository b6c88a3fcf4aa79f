import Testing
import Torch

@Suite struct TensorTests {
  @Test func `a tensor tells its shape, strides, type and place`() {
    let x_AB = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(x_AB.shape == [2, 3])
    #expect(x_AB.strides == [3, 1])
    #expect(x_AB.dimensionCount == 2)
    #expect(x_AB.elementCount == 6)
    #expect(x_AB.dtype == .float32)
    #expect(x_AB.device == .cpu)
    #expect(x_AB.isContiguous)
    let x_BA = x_AB.transposed()
    #expect(x_BA.shape == [3, 2] && x_BA.strides == [1, 3] && !x_BA.isContiguous)
    #expect(x_BA.floats == [1, 4, 2, 5, 3, 6])
  }

  @Test func `a scalar has no axes and one element, an empty tensor axes and none`() {
    let scalar = Tensor(2.5)
    #expect(scalar.shape == [] && scalar.elementCount == 1 && scalar.item == 2.5)
    let empty = Tensor([] as [Float], shape: [2, 0, 3])
    #expect(empty.shape == [2, 0, 3] && empty.elementCount == 0 && empty.floats == [])
  }

  @Test func `assigning copies the reference, and a view shares the storage`() {
    let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    let same = x
    let row = x[1]
    let copy = x.cloned()
    x.addInPlace(10)
    #expect(same.floats == [11, 12, 13, 14])
    #expect(row.floats == [13, 14])
    #expect(copy.floats == [1, 2, 3, 4])
    #expect(same.address == x.address && row.address == x.address + 8)
    #expect(copy.address != x.address)
  }

  @Test func `channels-last keeps the shape and turns the strides`() {
    let x_BCHW = Tensor.range(from: 0, to: 24).reshaped(to: [1, 2, 3, 4])
    let last = x_BCHW.channelsLast()
    #expect(last.shape == [1, 2, 3, 4])
    #expect(last.strides == [24, 1, 8, 2])
    #expect(last.integers == x_BCHW.integers)
  }

  @Test func `the description shows few values and never many`() {
    #expect(Tensor([1, 2] as [Float]).description == "float32[2] [1.0, 2.0]")
    #expect(Tensor.zeros([128, 512]).description == "float32[128, 512]")
    #expect(Tensor.zeros([2], dtype: .complex64).description == "complex64[2]")
    #expect(Tensor(true).summary == "bool[]")
  }
}

extension Tensor {
  fileprivate init(_ value: Bool) { self.init([value], shape: []) }
}
