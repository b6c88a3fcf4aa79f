import Foundation
import TensorTestSupport
import TestSupport
import Testing
import Torch

/// The helpers that other tests trust must be able to fail.
@Suite struct TestSupportTests {
  @Test func `closeness accepts what is within tolerance`() {
    let x = Tensor([1, 0, .infinity, .nan] as [Double])
    #expect(expectClose(x, x))
    #expect(expectClose(Tensor([1.0009]), Tensor([1.0]), relative: 1e-3, absolute: 0))
    #expect(expectClose(Tensor([0.0009]), Tensor([0.0]), relative: 0, absolute: 1e-3))
    #expect(expectClose(Tensor([-100.05]), Tensor([-100.0]), relative: 1e-3, absolute: 0))
  }

  @Test(
    arguments: [
      ([1.002], [1]), ([-100.2], [-100]), ([0.1], [0]), ([.nan], [1]), ([1], [.nan]),
      ([.infinity], [1]), ([1], [.infinity]), ([-.infinity], [.infinity]), ([1, 2], [1]),
    ] as [([Double], [Double])])
  func `closeness reports what is not`(actual: [Double], expected: [Double]) {
    withKnownIssue {
      #expect(!expectClose(Tensor(actual), Tensor(expected), relative: 1e-3, absolute: 1e-3))
    }
  }

  @Test func `the report names the worst element and its position`() {
    withKnownIssue {
      expectClose(
        Tensor([1, 2, 3, 4.5, 5, 9] as [Double], shape: [2, 3]),
        Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]), "here")
    } matching: { issue in
      issue.comments.map(\.rawValue).joined().hasPrefix(
        "here 2 of 6 elements are off; the worst at [1, 2]: 9.0 instead of 6.0, off by 3.0,")
    }
  }

  @Test func `the package's folder is found, and Python runs`() throws {
    let manifest = packageRoot.appending(path: "Package.swift").path
    #expect(FileManager.default.fileExists(atPath: manifest))
    #expect(try Python.run("import sys; print(sys.argv[1])", ["a b"]) == "a b\n")
    let failure = #expect(throws: Python.Failure.self) { try Python.run("raise SystemExit('no')") }
    #expect(failure?.description.contains("no") == true)
  }

  @Test func `a temporary folder goes even when the body throws`() throws {
    struct Stop: Error {}
    var kept: URL?
    #expect(throws: Stop.self) {
      try withTemporaryFolder { folder in
        kept = folder
        try Data([1]).write(to: folder.appending(path: "x"))
        throw Stop()
      }
    }
    let path = try #require(kept).path
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func `a golden that is not there is an error`() throws {
    #expect(throws: SafetensorsError.self) { try Goldens("none", in: .module) }
    let goldens = try Goldens("operators", in: .module)
    #expect(throws: SafetensorsError.self) { try goldens["none"] }
    #expect(try goldens["in/x"].shape == [3, 4])
  }
}
