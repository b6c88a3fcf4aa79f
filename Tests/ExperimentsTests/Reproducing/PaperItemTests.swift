import Foundation
import TestSupport
import Testing

@testable import Experiments

/// The index of the paper's figures and tables.
@Suite struct PaperItemTests {
  @Test func `every figure and table of METHOD is there once, with its evidence`() throws {
    #expect(
      Set(PaperItem.all.map(\.name)) == [
        "figure-1", "figure-2", "figure-3", "figure-4", "figure-5", "figure-6", "table-1",
      ])
    for item in PaperItem.all {
      #expect(
        !item.full.isEmpty && !item.small.isEmpty && !item.missing.isEmpty && !item.shown.isEmpty)
      guard !item.evidence.isEmpty else { continue }
      let page = packageRoot.appending(path: "\(item.evidence)/README.md")
      #expect(FileManager.default.fileExists(atPath: page.path), "\(item.name)")
    }
    #expect(throws: UsageError.self) { try PaperItem.named("figure-9") }
  }
}
