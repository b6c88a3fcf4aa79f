import Testing
import Torch

@Suite struct TorchErrorTests {
  let a = Tensor.ones([2, 3])
  let b = Tensor.ones([4, 5])

  @Test func `an error names the operator, its operands and one line of reason`() {
    let error = #expect(throws: TorchError.self) { try withTorchErrors { a.matrixProduct(b) } }
    #expect(error?.operation == "matrixProduct")
    #expect(error?.operands == ["float32[2, 3]", "float32[4, 5]"])
    #expect(error?.reason.isEmpty == false)
    #expect(error?.reason.contains("\n") == false)
    #expect(error?.description.hasPrefix("matrixProduct(float32[2, 3], float32[4, 5]): ") == true)
  }

  @Test func `optional and listed operands are named too`() {
    let norm = #expect(throws: TorchError.self) {
      try withTorchErrors { a.layerNorm(shape: [3], scale: b) }
    }
    #expect(norm?.operands == ["float32[2, 3]", "float32[4, 5]"])
    let cat = #expect(throws: TorchError.self) {
      try withTorchErrors { Tensor.concatenated([a, b.converted(to: .int64)]) }
    }
    #expect(cat?.operands == ["float32[2, 3]", "int64[4, 5]"])
  }

  @Test func `the first of several errors is thrown, and what follows does no harm`() {
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors {
        let broken = a + b
        _ = [broken.shape, broken.strides]
        _ = (broken.dtype, broken.device, broken.isContiguous, broken.address)
        _ = (broken.item, broken.integerItem, broken.description, broken.summary)
        #expect(broken.floats == [] && broken.integers == [])
        #expect(broken.withBytes { $0.isEmpty })
        _ = broken.isIdentical(to: a)
        _ = gradients(of: broken, withRespectTo: [a])
        _ = gradients(of: [a], seeds: [broken], withRespectTo: [broken])
        _ = broken.requiringGradient().requiresGradient
        return broken.relu().sum()
      }
    }
    #expect(error?.operation == "adding")
  }

  @Test(arguments: OperatorCases.all.calls.keys.sorted())
  func `an operator refuses operands that an earlier failure left undefined`(name: String) throws {
    let call = try #require(OperatorCases.all.calls[name])
    let creates = ["zeros", "ones", "full", "arange", "linspace", "eye", "view_as_real"]
    guard !creates.contains(String(name.prefix { $0 != "." })) else { return }
    let error = #expect(throws: TorchError.self) {
      try withTorchErrors { _ = call(OperatorInputs(goldens: nil)) }
    }
    #expect(error?.operation == "adding", "the failure that made the operand, not its consequence")
  }

  @Test func `scopes nest, and each collects its own`() throws {
    let value = try withTorchErrors {
      #expect(throws: TorchError.self) { try withTorchErrors { a + b } }
      return (a + 1).sum().item
    }
    #expect(value == 12)
    #expect(throws: TorchError.self) {
      try withTorchErrors { try withTorchErrors { a + b } }
    }
  }

  @Test func `an error of the body comes through, but an earlier failure comes first`() {
    struct Stop: Error {}
    #expect(throws: Stop.self) { try withTorchErrors { throw Stop() } }
    #expect(throws: TorchError.self) {
      try withTorchErrors {
        _ = a + b
        throw Stop()
      }
    }
  }

  @Test func `tasks do not see one another's errors`() async {
    let failures = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          let other = Tensor.ones(number.isMultiple(of: 2) ? [3] : [4])
          return (try? withTorchErrors { Tensor.ones([2, 3]) + other }) == nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(failures == 32)
  }

  @Test func `an uncaught mistake stops the process with one line`() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.ones([2, 3]).matrixProduct(Tensor.ones([4, 5]))
      })
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 1, "\(text)")
    #expect(lines[0].hasPrefix("nap: matrixProduct(float32[2, 3], float32[4, 5]): "))
  }
}
