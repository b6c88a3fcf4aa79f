import Foundation
import Testing
import Torch

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

  @Test func `a network of another program is measured on given inputs, and its layers are shown`()
    throws
  {
    try withProgram { nap in
      let model = nap.runs.appendingPathComponent("agent.safetensors").path
      let inputs = nap.runs.appendingPathComponent("obs.safetensors").path
      let generator = Generator(seed: 1)
      try SafetensorsFile.write(
        [
          ("fc1.weight", .normal([6, 4], generator: generator)),
          ("out.weight", .normal([2, 6], generator: generator)),
        ],
        metadata: [:], to: URL(fileURLWithPath: model))
      try SafetensorsFile.write(
        [("obs", .normal([16, 4], generator: generator))], metadata: [:],
        to: URL(fileURLWithPath: inputs))
      let arguments = ["measure", model, "--network", "mlp:4,6,2", "--inputs", inputs]
      let result = try nap.run(arguments)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("fc1: linear 4 to 6, fc1.weight"))
      #expect(
        result.output.contains("agent.safetensors") && result.output.contains("Dead units"),
        "\(result.output)")
      #expect(try nap.run(arguments.dropLast(2) + []).code == 2)
      let wrong = try nap.run(["measure", model, "--network", "mlp:4,7,2", "--inputs", inputs])
      #expect(wrong.code == 2 && wrong.errors.contains("fc1 6x4"), "\(wrong.errors)")
      let activation = try nap.run(arguments + ["--activation", "softplus"])
      #expect(activation.code == 2 && activation.errors.contains("leakyRelu"))
    }
  }
}
