import Foundation
import Testing

@testable import RunStore

@Suite("Metrics")
struct MetricTests {
  @Test("Every metric is in the glossary once, and its definition is a phrase")
  func glossary() {
    let names = Metric.glossary.map(\.metric.name)
    #expect(Set(names).count == names.count)
    #expect(names.count == 60)
    for entry in Metric.glossary {
      #expect(!entry.title.isEmpty && entry.definition.count > 15, "\(entry.metric)")
      #expect(!entry.over.isEmpty && !entry.when.isEmpty, "\(entry.metric)")
      #expect(!entry.definition.hasSuffix("."), "\(entry.metric)")
    }
    #expect(Metric.taskEndLoss.title == "Loss at task end")
    #expect(Metric("my_own_thing").title == "my own thing")
  }

  @Test("docs/metrics.md is what the glossary prints: nap list --metrics > docs/metrics.md")
  func page() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
    let (found, expected) = (
      page.split(separator: "\n"), Metric.glossaryPage.split(separator: "\n")
    )
    let difference = zip(found, expected).first { $0 != $1 }
    #expect(difference == nil && found.count == expected.count, "\(String(describing: difference))")
  }
}
