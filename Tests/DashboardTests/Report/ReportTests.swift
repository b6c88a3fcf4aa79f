import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("Writing a report")
struct ReportTests {
  @Test("The ending names the format, in either case; any other is refused by name")
  func formats() throws {
    for format in ReportFormat.allCases {
      #expect(try ReportFormat(path: "a/b.\(format.rawValue.uppercased())") == format)
    }
    for path in ["report", "report.docx", "html"] {
      #expect(throws: DashboardError.unknownFormat(path: path)) { try ReportFormat(path: path) }
    }
    let text = String(describing: DashboardError.unknownFormat(path: "x.docx"))
    #expect(text.contains(".html, .png, .svg, .pdf, .csv"))
  }

  @Test("CSV holds every number before smoothing, without any renderer")
  func csv() throws {
    try withTemporaryFolder { folder in
      var input = ReportInput.fixture(seeds: 2)
      input.panels[0] = .series(
        SeriesPanel(
          .taskEndLoss, lines: [.init(arm: "a,b", seed: 3, values: [0: 0.1, 1: .nan])]))
      let file = folder.appendingPathComponent("deep/x.csv")
      try Report.write(input, to: file.path)
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.split(separator: "\r\n").map(String.init)
      #expect(lines[0] == "panel,unit,arm,seed,x,y,value")
      #expect(lines[1] == "Loss at task end,nats,\"a,b\",3,0,,0.1")
      #expect(lines[2] == "Loss at task end,nats,\"a,b\",3,1,,nan")
      #expect(lines.contains("Choosing the learning rate,,nap,100,0.001,,0.8"))
      #expect(lines.contains("Choosing the learning rate,,nap,101,0.01,,"))
      #expect(lines.contains("Where it pays,,,,40.0,0.001,-0.5"))
      #expect(lines.contains("Where it pays,,,,40.0,0.01,"))
      #expect(lines.count { $0.hasPrefix("Difference to fresh,,nap,") } == 2)
      #expect(lines.count == 1 + 2 + 3 * 2 * 10 + 3 * 6 + 4 + 4)
    }
  }

  @Test("A file that cannot be written, and an image of nothing, are refused")
  func refuses() throws {
    try withTemporaryFolder { folder in
      let blocked = folder.appendingPathComponent("file")
      try Data().write(to: blocked)
      let path = blocked.appendingPathComponent("report.csv").path
      let error = #expect(throws: DashboardError.self) { try Report.write(.fixture(), to: path) }
      guard case .notWritable(path, _) = error else {
        Issue.record("expected notWritable, found \(String(describing: error))")
        return
      }
      var empty = ReportInput.fixture()
      empty.panels = []
      let renderer = ChartRenderer(python: folder.appendingPathComponent("none"))
      #expect(throws: DashboardError.nothingToShow(reason: "the report has no figure")) {
        try Report.write(
          empty, to: folder.appendingPathComponent("a.png").path, renderer: renderer)
      }
    }
  }
}
