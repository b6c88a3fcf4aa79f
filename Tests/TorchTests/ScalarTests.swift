import Testing
import Torch

@Suite struct ScalarTests {
  @Test func `a literal's kind decides the type of the result`() {
    let counts = Tensor([1, 2] as [Int])
    #expect(counts.adding(1).dtype == .int64)
    #expect(counts.adding(1.5).dtype == .float32)
    #expect(counts.adding(1.5).doubles == [2.5, 3.5])
    #expect(Tensor.full([1], value: true).dtype == .bool)
    #expect(Tensor.full([1], value: 2).dtype == .int64)
    #expect(Tensor.full([1], value: 2.0).dtype == .float32)
  }

  @Test func `large integers are passed exactly`() {
    let large = (1 << 53) + 1
    #expect(Tensor([0] as [Int]).adding(Scalar(large)).integerItem == large)
    #expect(Tensor.full([1], value: Scalar(Int.min)).integerItem == Int.min)
  }

  @Test func `a scalar equals one of its own kind and value only`() {
    #expect(Scalar(2) == 2)
    #expect(Scalar(2.0) == .real(2))
    #expect(Scalar(1) != Scalar(1.0))
    #expect(Scalar(1) != true)
  }
}
