import Testing
import Torch

@Suite struct TensorHostTests {
  @Test func `arrays of every element type go in and come out bit for bit`() {
    func check<Element: TensorElement & Equatable>(_ values: [Element]) {
      let x = Tensor(values, shape: [values.count, 1])
      #expect(x.dtype == Element.dtype)
      #expect(x.shape == [values.count, 1])
      #expect(x.array(of: Element.self) == values)
      #expect(x.withBytes { Array($0) } == values.withUnsafeBytes { Array($0) })
    }
    check([0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude] as [Float])
    check([0, .pi, -.greatestFiniteMagnitude] as [Double])
    check([0, .min, .max] as [Int])
    check([0, .min, .max] as [Int64])
    check([0, .min, .max] as [Int32])
    check([0, 1, 255] as [UInt8])
    check([true, false, true] as [Bool])
  }

  @Test func `not-a-number keeps its bits`() {
    let odd = Float(bitPattern: 0x7fc1_2345)
    #expect(Tensor([odd]).array(of: Float.self)[0].bitPattern == odd.bitPattern)
  }

  @Test func `a tensor that is not contiguous comes out in row-major order`() {
    let x_AB = Tensor.range(from: 0, to: 6).reshaped(to: [2, 3])
    #expect(x_AB.transposed().array(of: Int.self) == [0, 3, 1, 4, 2, 5])
    #expect(x_AB.sliced(axis: 1, by: 2).integers == [0, 2, 3, 5])
    #expect(x_AB.unsqueezed(axis: 0).expanded(to: [2, 2, 3]).integers.count == 12)
  }

  @Test func `raw bytes are copied, so the source may go`() {
    var bytes: [UInt8] = [1, 0, 2, 0]
    let x = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: [2], dtype: .int16) }
    bytes[0] = 99
    #expect(x.integers == [1, 2])
  }

  @Test
  func `bytes are written in place; those for CUDA to page-locked memory, which only CUDA has`()
    throws
  {
    let x_AB = Tensor(shape: [2, 3], dtype: .int32) {
      for place in 0..<6 {
        $0.storeBytes(of: Int32(place), toByteOffset: 4 * place, as: Int32.self)
      }
    }
    #expect(x_AB.shape == [2, 3] && x_AB.dtype == .int32 && x_AB.device == .cpu)
    #expect(x_AB.array(of: Int32.self) == [0, 1, 2, 3, 4, 5])
    #expect(Tensor(shape: [0, 3], dtype: .int32) { _ in }.shape == [0, 3])
    struct Refusal: Error {}
    #expect(throws: Refusal.self) { try Tensor(shape: [1], dtype: .int32) { _ in throw Refusal() } }
    func there() throws -> [Int] {
      try withTorchErrors {
        Tensor(shape: [2], dtype: .uint8, device: .cuda(0)) {
          $0.copyBytes(from: [3, 250] as [UInt8])
        }
        .integers
      }
    }
    if Device.cuda(0).isAvailable {
      #expect(try there() == [3, 250])
    } else {
      #expect(throws: TorchError.self) { try there() }
    }
  }

  @Test func `a wrong number of values names the shape and both counts`() {
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors { Tensor([1, 2, 3] as [Float], shape: [2, 2]) }
    }
    #expect(error?.reason == "shape [2, 2] takes 4 elements, but there are 3")
  }

  @Test func `reading as another type is an error that says how to convert`() {
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors { Tensor([1] as [Float]).array(of: Int.self) }
    }
    #expect(error?.operands == ["float32[1]"])
    #expect(error?.reason.contains("converted(to: .int64)") == true)
  }

  @Test func `items are read as numbers, and only from one element`() {
    #expect(Tensor([7] as [Int]).item == 7)
    #expect(Tensor([Int.max]).integerItem == Int.max)
    #expect(Tensor([true]).integerItem == 1)
    #expect(throws: TorchError.self) { try withTorchErrors { Tensor([1, 2] as [Int]).item } }
    #expect(throws: TorchError.self) { try withTorchErrors { Tensor([Float]()).integerItem } }
  }

  @Test func `values that require gradients can be read`() {
    let x = Tensor([1, 2] as [Float]).requiringGradient()
    #expect((x * 2).floats == [2, 4])
    #expect((x * 2).withBytes { $0.count } == 8)
    #expect((x * 2).sum().item == 6)
  }
}
