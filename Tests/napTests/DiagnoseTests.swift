import Foundation
import Testing
import Torch

@Suite struct DiagnoseTests {
  private func write(_ norms: [Float], in folder: URL) throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, norm) in norms.enumerated() {
      try SafetensorsFile.write(
        [
          ("0.weight", Tensor([norm, 0, 0, 0], shape: [2, 2])), ("1.weight", .ones([2])),
          ("2.weight", Tensor([1, 1] as [Float], shape: [1, 2])),
        ], metadata: [:], to: folder.appending(path: "step-\((index + 1) * 1_000).safetensors"))
    }
    return folder.path
  }

  @Test func `a folder gets a verdict, a page and a schedule`() throws {
    try withProgram { nap in
      let folder = try write([1, 3, 12], in: nap.runs.appendingPathComponent("series"))
      let page = nap.runs.appendingPathComponent("page.html").path
      let schedule = nap.runs.appendingPathComponent("schedule.py").path
      let result = try nap.run(["diagnose", folder, "-o", page, "--schedule", schedule])
      #expect(result.code == 0, "\(result.errors)")
      for words in [
        "The hidden layers' effective rate fell 12-fold since step 1,000", "likely: 1 follows",
        "x 12", "LambdaLR",
        "The last matrix, 2.weight, is taken for the network's output",
      ] { #expect(result.output.contains(words), "\(words)\n\(result.output)") }
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(
        html.contains("fell 12-fold") && html.contains("optax_schedule") && html.contains("chart-0")
      )
      #expect(
        try String(contentsOfFile: schedule, encoding: .utf8).contains("FACTORS = [1, 3, 12]"))
    }
  }

  @Test func `what cannot be diagnosed is said before work is done`() throws {
    try withProgram { nap in
      let folder = try write([1, 3], in: nap.runs.appendingPathComponent("series"))
      for (arguments, words) in [
        (["diagnose"], "Missing expected argument"),
        (["diagnose", folder, "--momentum", "0.9"], "with --optimizer sgd"),
        (["diagnose", folder, "--inputs", "x.pt"], "--inputs goes with --network"),
        (
          ["diagnose", folder, "--network", "mlp:2,3,1"],
          "no matrix is left for the layer of 2 to 3"
        ),
        (["diagnose", folder, "--only", "none."], "no tensor has a name that begins with 'none.'"),
      ] {
        let result = try nap.run(arguments)
        #expect(result.code == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
      }
      let lost = try nap.run("diagnose", folder + "/lost")
      #expect(lost.code == 3 && lost.errors.contains("/lost: expected"), "\(lost.errors)")
      let page = try nap.run(["diagnose", folder, "-o", "page.doc"])
      #expect(
        page.code == 3 && page.output.isEmpty && page.errors.contains("page.doc"), "\(page.errors)")
    }
  }
}
