import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("The page")
struct HTMLPageTests {
  private func page(_ input: ReportInput, bundle: String = "/* bundle */") -> String {
    HTMLPage(input: input, bundle: bundle).text
  }

  @Test("It loads nothing: no source, style, import, font or frame from elsewhere")
  func offline() {
    let text = page(.fixture())
    for pattern in [
      #"\bsrc\s*="#, #"<link\b"#, #"@import"#, #"url\("#, #"href\s*=\s*["']?(https?:)?//"#,
      #"<iframe"#, #"\bfetch\("#, #"XMLHttpRequest"#,
    ] {
      #expect(text.range(of: pattern, options: .regularExpression) == nil, "\(pattern)")
    }
  }

  @Test("Names that look like markup stand there as text")
  func escapes() throws {
    let evil = "<img src=x onerror=alert(1)>\"'&"
    var input = ReportInput.fixture(title: evil)
    input.kicker = evil
    input.summary = evil
    input.notes = [evil]
    input.commands = [evil]
    input.arms = [.fixture(evil), .fixture("fresh")]
    input.arms[0].note = evil
    input.arms[0].unfinishedBySeed = [9: .init(status: .failed(message: evil), taskCount: 0)]
    input.runs = [.fixture(arm: evil, seed: 0, command: evil)]
    input.hypotheses = [Hypothesis(evil, .better, than: "fresh", source: evil)]
    input.panels = [
      .series(
        SeriesPanel(
          Metric(evil), unit: evil, lines: [.init(arm: evil, seed: 0, values: [0: 1])]))
    ]
    let text = page(input)
    #expect(!text.contains("<img"))
    #expect(
      text.components(separatedBy: "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;").count > 8)
  }

  @Test("The charts' data are JSON, one a place in the page")
  func charts() throws {
    let text = page(.fixture())
    let start = try #require(text.range(of: "<script type=\"application/json\" id=\"charts\">"))
    let end = try #require(text.range(of: "</script>", range: start.upperBound..<text.endIndex))
    let data = Data(text[start.upperBound..<end.lowerBound].utf8)
    let charts = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(charts.count == 5)
    for place in charts.keys { #expect(text.contains("id=\"\(place)\"")) }
  }

  @Test(
    "What did not finish comes first, then pictures, then what went against expectation, then the table"
  )
  func order() throws {
    var input = ReportInput.fixture()
    input.arms[0].unfinishedBySeed = [9: .init(status: .interrupted, taskCount: 3)]
    let text = page(input)
    let places = try [
      "Did not finish", "plain, seed 9: interrupted, after 3 tasks", "<h2>Figures</h2>",
      "against expectation", ">as expected<", "<h2>Arms</h2>", "<h2>To run it again</h2>",
      "<h2>Details</h2>",
    ].map { try #require(text.range(of: $0), "\($0)").lowerBound }
    #expect(places == places.sorted())
    #expect(!page(.fixture()).contains("Did not finish"))
  }

  @Test("Commands, configuration, provenance and definitions are there")
  func details() {
    var input = ReportInput.fixture()
    input.commands = ["nap compare random-labels"]
    let text = page(input)
    #expect(text.contains("<pre>nap compare random-labels</pre>"))
    #expect(text.contains("nap train --arm plain --seed 3"))
    #expect(text.contains("optimizer.learningRate=0.001"))
    #expect(text.contains("Settings that all arms share") && text.contains("Settings that differ"))
    #expect(text.contains("2.13.0"))
    #expect(text.contains(escaped(Metric.taskEndLoss.entry?.definition ?? "none")))
  }

  @Test("A bundle that holds the end of a script does not end the page's")
  func bundle() {
    let text = page(.fixture(), bundle: "const a = '</script><!--';")
    #expect(!text.contains("'</script>"))
    #expect(text.contains("'<\\/script><\\!--'"))
  }
}
