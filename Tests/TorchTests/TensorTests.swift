import TestSupport
import Testing
import Torch

@Suite struct TensorTests {
  @Test func `a tensor tells its shape, strides, type and place`() {
    let x_AB = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(x_AB.shape == [2, 3])
    #expect(x_AB.strides == [3, 1])
    #expect(x_AB.dtype == .float32)
    #expect(x_AB.device == .cpu)
    #expect(x_AB.elementCount == 6)
    expectClose(x_AB, Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]))
  }
}
