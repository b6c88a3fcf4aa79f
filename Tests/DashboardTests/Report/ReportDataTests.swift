import RunStore
import Testing

@testable import Dashboard

@Suite("What a report was made from, and what grows under NaP")
struct ReportDataTests {
  private func input(_ configuration: String, _ lines: [SeriesPanel.Line] = []) -> ReportInput {
    var input = ReportInput.fixture()
    input.runs = [.fixture(arm: "nap", seed: 0, configuration: configuration)]
    input.panels = lines.isEmpty ? [] : [.series(SeriesPanel(.parameterNorm, lines: lines))]
    return input
  }

  @Test("Images, texts and environments are named, procedural images as such")
  func data() {
    for (configuration, words) in [
      (
        #"{"data":{"source":"procedural","imageCount":512}}"#,
        "512 procedural images, which nap draws itself"
      ),
      (#"{"data":{"source":"cifar-10","imageCount":0}}"#, "images of cifar-10"),
      (#"{"data":{"source":"modular-addition","addition":{"modulus":31}}}"#, "sums modulo 31"),
      (#"{"texts":["bible","german"]}"#, "the texts bible, german"),
      (#"{"environments":{"names":["atari:pong"]}}"#, "play in atari:pong"),
    ] { #expect(input(configuration).data == [words]) }
    #expect(input("{}").data == [])
  }

  @Test(
    "A parameter norm that grows under NaP gets a remark, one that stays or is no NaP's gets none")
  func growth() {
    let lines = [("nap", 2.0), ("nap+restart", 1.1), ("norm", 9)].map { arm, factor in
      SeriesPanel.Line(arm: arm, seed: 0, values: [0: 10, 1: 10 * factor])
    }
    let remarks = input("{}", lines).growth
    #expect(
      remarks.count == 1 && remarks[0].hasPrefix("nap: the parameter norm grows from 10.0 to 20.0.")
    )
  }
}
