import Foundation
import TensorTestSupport
import Testing
import Torch

/// Operators that no golden fits, and the tests below (or in `GeneratorTests`) that check each.
private let checkedOtherwise: Set<String> = [
  "dropout", "empty.memory_format", "empty_like",
]

/// Operators that draw: compared with PyTorch's streams in `GeneratorTests`.
private let drawing: Set<String> = [
  "normal_", "uniform_", "random_.from", "bernoulli_.float", "randn.generator", "rand.generator",
  "randint.low_generator", "randperm.generator", "multinomial",
]

@Suite struct OperatorTests {
  @Test(arguments: OperatorCases.all.calls.keys.sorted())
  func `an operator computes what PyTorch computes`(name: String) throws {
    let goldens = try Goldens("operators", in: .module)
    let call = try #require(OperatorCases.all.calls[name])
    let results = call(OperatorInputs(goldens: goldens))
    let expected = goldens.names.filter { $0.hasPrefix("\(name)/") }.count
    #expect(expected > 0 && results.count == expected, "\(name) has \(expected) goldens")
    for (number, result) in results.enumerated().prefix(expected) {
      let golden = try goldens["\(name)/\(number)"]
      #expect(result.dtype == golden.dtype, "\(name)/\(number)")
      let exact = !golden.dtype.isFloatingPoint
      let tight = golden.dtype == .float64
      expectClose(
        result, golden, relative: exact ? 0 : tight ? 1e-9 : 2e-6,
        absolute: exact ? 0 : tight ? 1e-11 : 1e-7, "\(name)/\(number)")
    }
  }

  @Test func `every operator of the list has a check, and every check an operator`() throws {
    let listed = Set(try OperatorCases.listed())
    #expect(listed.count > 150, "the list was not read")
    let random = Set(try Goldens("random", in: .module).names)
    let checked = Set(OperatorCases.all.calls.keys).union(checkedOtherwise).union(drawing)
    #expect(drawing.subtracting(random).isEmpty)
    #expect(listed.subtracting(checked).sorted() == [], "operators without a check")
    // Ours chooses a library for it.
    #expect(checked.subtracting(listed) == ["linear"], "checks without an operator")
    #expect(OperatorCases.all.repeated == [])
  }

  @Test func `every golden belongs to a case`() throws {
    let cases = Set(OperatorCases.all.calls.keys)
    let stray = try Goldens("operators", in: .module).names.filter { name in
      !name.hasPrefix("in/") && !cases.contains(String(name.prefix { $0 != "/" }))
    }
    #expect(stray == [])
  }

  @Test func `goldens say which versions wrote them`() throws {
    for name in ["operators", "random"] {
      let metadata = try Goldens(name, in: .module).metadata
      #expect(metadata["torch"]?.hasPrefix("2.") == true)
      #expect(metadata["numpy"] != nil)
    }
  }

  @Test func `dropout keeps all, drops all, or rescales what it keeps`() {
    let x = Tensor.linearlySpaced(from: 1, through: 2, count: 1000)
    #expect(x.dropout(probability: 0.5, training: false).isIdentical(to: x))
    #expect(x.dropout(probability: 1, training: true).countNonzero(axes: [0]).integerItem == 0)
    let dropped = x.dropout(probability: 0.25, training: true)
    let kept = dropped.notEqual(to: 0)
    expectClose(dropped.selected(where: kept), x.selected(where: kept) / 0.75)
    let count = kept.sum().integerItem
    #expect((650...850).contains(count), "\(count) of 1000 kept, seven deviations from 750")
  }

  @Test func `uninitialized memory has the shape and type asked for`() {
    let x = Tensor.uninitialized([2, 0, 3], dtype: .int16)
    #expect(x.shape == [2, 0, 3] && x.dtype == .int16)
    let y = Tensor.uninitializedLike(Tensor.zeros([4, 2], dtype: .float64))
    #expect(y.shape == [4, 2] && y.dtype == .float64)
    #expect(Tensor.uninitializedLike(y, dtype: .bool).dtype == .bool)
  }
}
