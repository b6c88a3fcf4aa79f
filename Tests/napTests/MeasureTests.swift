import Foundation
import Testing

@Suite struct MeasureTests {
  private let train =
    [
      "train", "random-labels", "--arm", "plain", "--name", "small", "--set", "tasks=2", "--set",
      "updatesPerTask=20", "--set", "recording.keepCheckpointEveryTasks=1", "--set",
      "recording.diagnostics=srank,scale-offset-norm",
    ] + smallRun
  private let quick = ["--steps", "5", "--draws", "2", "--threads", "1"]

  @Test func `a run is measured along its checkpoints: table, JSON and figure`() throws {
    try withProgram { nap in
      let run = try nap.run(train)
      #expect(run.code == 0, "\(run.errors)")
      let table = try nap.run(["measure", "small"] + quick)
      #expect(table.code == 0, "\(table.errors)")
      for word in [
        "update 20", "update 40", "Dead units", "Sharpness", "fresh-task probe", "random targets",
        "2 of 2", "scale_offset_norm at update 40: the network has no learned gain or shift",
      ] { #expect(table.output.contains(word), "\(word)\n\(table.output)") }
      #expect(!table.output.contains("hidden0.weight"))

      let svg = nap.runs.appendingPathComponent("curve.svg").path
      let lines = try nap.run(["measure", "small", "--json", "-o", svg] + quick)
      #expect(lines.code == 0, "\(lines.errors)")
      let objects = try lines.output.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      #expect(objects.count == 2)
      let probes = try #require(objects[1]["probes"] as? [[String: Any]])
      #expect(probes.count == 2 && probes.allSatisfy { $0["difference"] is Double })
      let image = try String(contentsOfFile: svg, encoding: .utf8)
      #expect(image.contains("<svg") && image.contains("Plasticity: random labels"))
      // Reasons of the recording are kept with the run.
      let csv = try nap.run(["runs", "export", "small", "-o", svg + ".csv"])
      if csv.code == 0 {
        #expect(
          try String(contentsOfFile: svg + ".csv", encoding: .utf8)
            .contains("the network has no learned gain or shift"))
      }
    }
  }

  @Test func `mistakes exit 2 and what is missing exits 3, with words`() throws {
    try withProgram { nap in
      #expect(try nap.run(["measure"]).code == 2)
      let none = try nap.run(["measure", "nothing.safetensors"])
      #expect(none.code == 3)
      #expect(none.errors.contains("nothing.safetensors"))
      #expect(try nap.run(train).code == 0)
      for (arguments, words) in [
        (["--diagnostics", "sharpnes"], "did you mean sharpness"),
        (["--steps", "0"], "at least 1"),
        (["-o", "x.doc"], ".html"),
      ] {
        let result = try nap.run(["measure", "small"] + arguments)
        #expect(result.code == 2 || words == ".html" && result.code == 3)
        #expect(result.errors.contains(words), "\(result.errors)")
      }
      let other = nap.runs.appendingPathComponent("text.safetensors")
      try Data("hello, this is no checkpoint".utf8).write(to: other)
      let text = try nap.run(["measure", other.path])
      #expect(text.code == 3)
      #expect(text.errors.contains(other.path))
    }
  }
}
