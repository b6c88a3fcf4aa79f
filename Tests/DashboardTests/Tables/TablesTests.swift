import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("Tables for the terminal")
struct TablesTests {
  @Test("Columns are aligned, whatever the width of their cells; an empty column is left out")
  func aligned() {
    let table = TextTable(
      [.init("arm", .left), .init("score"), .init("note", .left)],
      rows: [["nap", "0.9", ""], ["plain", "−12.25", ""], ["x"]])
    #expect(
      table.text == """
        arm     score
        ─────────────
        nap       0.9
        plain  −12.25
        x

        """)
  }

  @Test("A single task has no slope")
  func singleTask() throws {
    var input = ReportInput.fixture()
    input.arms[1].trendBySeed = Dictionary(
      uniqueKeysWithValues: try (0..<5).map { ($0, try #require(Trend([0: Double($0) / 10]))) })
    let table = ArmTable(input)
    #expect(table.rows[1][5] == "–" && table.rows[1][6] == "0.200")
    #expect(table.rows[0][5].contains("±"))
  }

  @Test("A row an arm: means over the finished seeds, the difference, its interval and p")
  func arms() throws {
    var input = ReportInput.fixture()
    input.arms[0].unfinishedBySeed = [7: .init(status: .diverged(reason: "loss 1e9"), taskCount: 3)]
    let table = ArmTable(input)
    #expect(table.rows.map(\.first) == ["plain", "nap", "fresh"])
    #expect(table.rows.allSatisfy { $0.count == table.columns.count })
    #expect(table.rows[0][2] == "5 of 6")
    let nap = table.rows[1]
    let row = input.comparison.rows[1]
    #expect(nap[1] == "1e-3")
    #expect(nap[7] == "−0.020")
    #expect(nap[9] == Format.probability(row.adjustedP))
    #expect(nap[10] == "harm, p \(Format.probability(row.nonInferiorityP))")
    #expect(table.rows[2][7] == "–" && table.rows[2][10] == "reference")
    let text = input.terminalText
    let unfinished = try #require(
      text.range(of: "plain, seed 7: diverged: loss 1e9, after 3 tasks"))
    let against = try #require(text.range(of: "against expectation"))
    let head = try #require(text.range(of: "learning rate"))
    #expect(unfinished.upperBound < against.lowerBound && against.upperBound < head.lowerBound)
  }

  @Test("An arm by itself is compared with none, on the page and in the terminal")
  func single() {
    var input = ReportInput.fixture()
    input.arms = [input.arms[1]]
    input.hypotheses = []
    input.panels = [input.panels[0]]
    let table = ArmTable(input)
    #expect(table.columns.map(\.title).last == "mean (higher is better)")
    #expect(table.rows == [["nap", "1e-3", "5"] + table.rows[0].dropFirst(3)])
    let texts = [input.terminalText, HTMLPage(input: input, bundle: "").text]
    for text in texts {
      for word in ["reference", "− fresh", "to fresh", "verdict</th>", "Holm"] {
        #expect(!text.contains(word), "\(word)")
      }
    }
  }

  @Test("With too few seeds there is no interval, no p and no verdict")
  func tooFew() {
    let rows = ArmTable(.fixture(seeds: 3)).rows
    #expect(rows[1][8] == "–" && rows[1][9] == "–" && rows[1][10] == "too few seeds")
    #expect(!rows[1][5].contains("±"))
    #expect(ArmTable(.fixture(seeds: 5)).rows[1][5].contains("±"))
  }
}
