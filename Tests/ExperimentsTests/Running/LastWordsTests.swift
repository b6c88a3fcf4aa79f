import Foundation
import RunStore
import Testing
import Torch

@testable import Experiments

@Suite struct LastWordsTests {
  @Test func `a tensor operation that fails where nothing can be thrown leaves no run running`()
    async throws
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nap-test-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    await #expect(processExitsWith: .exitCode(3)) { [path = folder.path as String] in
      let store = try Store.open(at: URL(filePath: path))
      var session = try TrainingSession<RandomLabels>(
        .init(preset: "p", arm: "nap", configuration: Small.configuration(), seed: 0, device: .cpu),
        store: store)
      _ = try session.next()
      LastWords.set { message in
        RunsUnderWay.fail(message)
        _exit(3)
      }
      _ = Tensor.zeros([2, 3]).matrixProduct(Tensor.zeros([2, 3]))
      _ = try session.next()
    }
    let run = try #require(try Store.open(at: folder).runs().first)
    guard case .failed(let message) = run.status else {
      Issue.record("\(run.status)")
      return
    }
    #expect(message.contains("matrixProduct"))
  }
}
