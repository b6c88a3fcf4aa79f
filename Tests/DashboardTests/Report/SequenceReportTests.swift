import Foundation
import RunStore
import Testing
import Texts

@testable import Dashboard

@Suite("Reports of a sequence of tasks")
struct SequenceReportTests {
  /// Five seeds of eight goals, twice: the second visits' scores are the same in every seed but for some thousandths.
  private func arm(_ name: String, _ second: [Double]) throws -> ArmSummary {
    let trends = try (0..<5).map { seed -> (Int, Trend) in
      let scores = second.map { _ in 0.5 } + second.map { $0 + 0.001 * Double(seed * seed) }
      return (
        seed,
        try #require(
          Trend(
            Dictionary(uniqueKeysWithValues: scores.enumerated().map { ($0.offset, $0.element) })))
      )
    }
    return ArmSummary(arm: name, trendBySeed: Dictionary(uniqueKeysWithValues: trends))
  }

  /// The first arm finds six goals of eight and is a little better there than the reference, which finds all.
  private func input() throws -> ReportInput {
    try ReportInput(
      title: "t", summary: "s",
      measure: PrimaryMeasure(.visitScore, over: .secondHalf, margin: 0.05, solvedBeyond: 0),
      arms: [
        arm("nap", [0.992, 0.984, 0.992, 0.984, 0.992, 0.984, -0.5, -0.5]),
        arm("fresh", [Double](repeating: 0.97, count: 8)),
      ], hypotheses: [Hypothesis("nap", .noWorse, than: "fresh", source: "the paper, figure 6")],
      panels: [])
  }

  private func column(_ title: String, of table: ArmTable) throws -> [String] {
    let place = try #require(table.columns.firstIndex { $0.title == title }, "\(title)")
    return table.rows.map { $0[place] }
  }

  @Test("The mean counts; solved tasks and the interquartile mean stand beside it")
  func table() throws {
    let table = ArmTable(try input())
    // (3 · 0.992 + 3 · 0.984 − 1) / 8 + 0.006, and the middle four, (0.992 + 3 · 0.984) / 4 + 0.006.
    #expect(try column("mean (higher is better)", of: table) == ["0.622", "0.976"])
    #expect(try column("− fresh", of: table) == ["−0.354", "–"])
    #expect(try column("verdict", of: table).map { $0.prefix(4) } == ["harm", "refe"])
    #expect(try column("solved (above 0)", of: table) == ["30 of 40", "40 of 40"])
    #expect(try column("interquartile mean", of: table) == ["0.992", "0.976"])
    #expect(try column("its − fresh", of: table) == ["+0.016", "–"])
    #expect(try column("its verdict", of: table).map { $0.prefix(7) } == ["no harm", "referen"])
    #expect(try column("first half", of: table) == ["0.500", "0.500"])
    #expect(!table.columns.contains { $0.title.contains("fifth") || $0.title.contains("slope") })
  }

  @Test("Page and terminal say where the two disagree, in sign and in verdict, and nowhere else")
  func disagreement() throws {
    let whole = try input()
    let sentence = try #require(whole.disagreements.first)
    #expect(sentence.contains("nap − fresh is −0.354 by the mean (harm"))
    #expect(sentence.contains("and +0.016 by the interquartile mean (no harm"))
    #expect(
      sentence.contains(
        "whether nap is no worse than fresh: against expectation by the mean, as expected by"))
    #expect(whole.terminalText.contains("Remarks:\n  The mean over tasks (the measure)"))
    #expect(HTMLPage(input: whole, bundle: "").text.contains("The mean over tasks (the measure)"))
    #expect(whole.terminalText.contains("The paper's claims, checked:\n"))
    var agreeing = whole
    agreeing.arms[0] = try arm("nap", [Double](repeating: 0.2, count: 8))
    #expect(agreeing.disagreements.isEmpty)
    // Where no tasks are paired there is but one mean.
    #expect(ReportInput.fixture().disagreements.isEmpty)
  }

  @Test("The numbers have each run's measure, its other mean and what it solved")
  func numbers() throws {
    let lines = Report.csv(try input()).split(separator: "\r\n").map(String.init)
    let words = "\"measure: score of a visit, mean over the second half of the tasks\""
    #expect(lines.contains { $0.hasPrefix("\(words),,nap,0,,,0.61") })
    #expect(lines.contains { $0.hasPrefix("interquartile mean,,nap,0,,,0.98") })
    #expect(lines.contains("solved: above 0,,nap,4,,8,6"))
    #expect(lines.contains("solved: above 0,,fresh,0,,8,8"))
  }

  @Test("One visit is no sequence")
  func single() throws {
    var one = try input()
    one.arms = try ["nap", "fresh"].map { name in
      ArmSummary(arm: name, trendBySeed: [0: try #require(Trend([0: 0.5]))])
    }
    #expect(!one.isSequence && one.disagreements.isEmpty)
    #expect(!ArmTable(one).columns.contains { $0.title.contains("solved") })
    #expect(!Report.csv(one).contains("solved"))
  }
}
