import TensorTestSupport
import Testing
import Torch

@Suite struct DTypeTests {
  @Test(arguments: DType.allCases)
  func `a type survives the way to libtorch and back, with its size`(dtype: DType) {
    let x = Tensor.zeros([3], dtype: dtype)
    #expect(x.dtype == dtype)
    #expect(x.withBytes { $0.count } == 3 * dtype.byteCount)
    #expect(x.requiringGradientIsAllowed == (dtype.isFloatingPoint || dtype.isComplex))
  }

  @Test(arguments: [DType.float64, .float32, .int64, .int32, .int16, .int8, .uint8])
  func `small whole numbers survive every numeric type`(dtype: DType) {
    let values = Tensor([0, 1, 2, 100] as [Double], dtype: dtype)
    #expect(values.dtype == dtype)
    #expect(values.doubles == [0, 1, 2, 100])
    #expect(values.integers == [0, 1, 2, 100])
  }

  @Test func `half precision rounds to nearest even`() {
    // bfloat16 has 8 bits of significand, float16 has 11.
    let x = Tensor([257, 259, 2049, 2051, 1e-3] as [Double])
    #expect(Array(x.converted(to: .bfloat16).doubles.prefix(2)) == [256, 260])
    #expect(Array(x.converted(to: .float16).doubles[2..<4]) == [2048, 2052])
    expectClose(x.converted(to: .bfloat16), x, relative: 1.0 / 256, absolute: 0)
    #expect(!x.converted(to: .float16).isIdentical(to: x.converted(to: .bfloat16)))
  }

  @Test func `conversion to integers cuts fractions off, to bool asks for non-zero`() {
    let x = Tensor([-1.7, -0.2, 0, 0.9, 3.5] as [Float])
    #expect(x.converted(to: .int32).array(of: Int32.self) == [-1, 0, 0, 0, 3])
    #expect(x.converted(to: .bool).array(of: Bool.self) == [true, true, false, true, true])
  }

  @Test func `a conversion to the same type is the same storage, unless a copy is asked for`() {
    let x = Tensor([1, 2] as [Float])
    #expect(x.converted(to: .float32).address == x.address)
    #expect(x.converted(to: .float32, copy: true).address != x.address)
    #expect(x.moved(to: .cpu).address == x.address)
  }
}

extension DType {
  fileprivate var isComplex: Bool { self == .complex64 || self == .complex128 }
}

extension Tensor {
  fileprivate var requiringGradientIsAllowed: Bool {
    (try? withTorchErrors { requiringGradient() }) != nil
  }
}
