import Foundation
import Testing

@testable import RunStore

@Suite("Metrics")
struct MetricTests {
  @Test("Every metric is in the glossary once, and its definition is a phrase")
  func glossary() {
    let names = Metric.glossary.map(\.metric.name)
    #expect(Set(names).count == names.count)
    #expect(names.count == 47)
    for entry in Metric.glossary {
      #expect(!entry.title.isEmpty && entry.definition.count > 20, "\(entry.metric)")
    }
    #expect(Metric.taskEndLoss.title == "Loss at task end")
    #expect(Metric("my_own_thing").title == "my own thing")
  }

  @Test("The glossary's page has a section for each metric, with its title")
  func page() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
    for entry in Metric.glossary {
      let heading = "### `\(entry.metric.name)`: \(entry.title.lowercased())\n"
      #expect(page.contains(heading), "\(entry.metric)")
    }
  }
}
