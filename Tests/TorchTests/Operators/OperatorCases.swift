import Foundation
import TensorTestSupport
import TestSupport
import Testing
import Torch

/// The inputs of the operator goldens by name; each use reads a fresh tensor, so that an operator
/// in place changes nothing for the others. Without goldens every input is undefined, as a failed
/// operation leaves it inside `withTorchErrors`.
@dynamicMemberLookup struct OperatorInputs {
  let goldens: Goldens?

  subscript(dynamicMember name: String) -> Tensor {
    guard let goldens else { return Tensor.ones([2]) + Tensor.ones([3]) }
    do {
      return try goldens["in/\(name)"]
    } catch {
      Issue.record("\(error)")
      return .zeros([1])
    }
  }
}

/// Calls of operators, by the schema names of `Tools/operators/operators.txt`.
struct OperatorCases {
  typealias Call = @Sendable (OperatorInputs) -> [Tensor]
  private(set) var calls: [String: Call] = [:]
  /// Names given twice, of which only the last would be tested.
  private(set) var repeated: [String] = []

  /// Adds a case; the results are compared, in order, with the goldens `name/0`, `name/1`, ….
  mutating func add(_ name: String, _ call: @escaping Call) {
    if calls.updateValue(call, forKey: name) != nil { repeated.append(name) }
  }

  /// Every case that has a golden.
  static let all: OperatorCases = {
    var cases = OperatorCases()
    cases.addArithmetic()
    cases.addComparison()
    cases.addInPlace()
    cases.addReductions()
    cases.addShape()
    cases.addIndexing()
    cases.addLinearAlgebra()
    cases.addConvolutionAndPooling()
    cases.addNormalization()
    cases.addActivation()
    cases.addLosses()
    cases.addConversionAndCreation()
    cases.addManyTensors()
    return cases
  }()

  /// The schema names in `Tools/operators/operators.txt`.
  static func listed() throws -> [String] {
    let url = packageRoot.appending(path: "Tools/operators/operators.txt")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard !line.hasPrefix("#"), let end = line.firstIndex(of: "|") else { return nil }
      return line[..<end].trimmingCharacters(in: .whitespaces)
    }
  }
}
