import Experiments
import Foundation
import TestSupport
import Testing

/// `nap doctor`, in environments that lack one thing or another.
@Suite struct DoctorTests {
  /// What the tests read of the report.
  struct Answer: Decodable {
    struct Report: Decodable {
      var components: [Component]
      var datasets: [Dataset]
      var presets: [Preset]
    }
    struct Component: Decodable {
      var name: String
      var version: String?
      var detail: String
      var remedy: String?
    }
    struct Dataset: Decodable {
      var name: String
      var state: String
      var remedy: String?
    }
    struct Preset: Decodable {
      var recipe: String
      var preset: String
      var settings: [String]
      var problem: String?
      var jobs: Int
      var measurement: Measurement?
    }
    struct Measurement: Decodable {
      var updateSeconds: Double
      var taskSeconds: Double?
      var peakMemoryBytes: Int
      var updates: Int
    }
    struct Verdict: Decodable {
      var canRunDemo: Bool
      var demoUsesBuiltInImages: Bool
      var obstacles: [String]
      var largestComparison: String?
    }
    var report: Report
    var verdict: Verdict

    func component(_ name: String) throws -> Component {
      try #require(report.components.first { $0.name == name })
    }
  }

  /// Asks for the report as JSON.
  private func ask(
    _ nap: Program, _ arguments: [String]
  ) throws -> (code: Int32, answer: Answer, errors: String) {
    let result = try nap.run(["doctor", "--json"] + arguments)
    let answer = try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
    return (result.code, answer, result.errors)
  }

  /// A data folder with 1,500 images in CIFAR-10's files.
  private func withImages(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let images = folder.appending(path: "data/cifar-10-batches-bin")
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
      for name in (1...5).map({ "data_batch_\($0).bin" }) + ["test_batch.bin"] {
        var records: [UInt8] = []
        for record in 0..<300 {
          records.append(UInt8(record % 10))
          for pixel in 0..<3_072 {
            records.append(UInt8(truncatingIfNeeded: pixel &* 7 &+ record &* 13))
          }
        }
        try Data(records).write(to: images.appending(path: name))
      }
      var nap = Program(runs: folder.appending(path: "runs"))
      nap.environment["NAP_DATA"] = folder.appending(path: "data").path
      try body(nap)
    }
  }

  @Test func `without CIFAR-10 the demo runs on built-in images, and it says so`() throws {
    try withTemporaryFolder { folder in
      var nap = Program(runs: folder.appending(path: "runs"))
      nap.environment["NAP_DATA"] = folder.appending(path: "none").path
      let (code, answer, errors) = try ask(nap, ["--quick"])
      #expect(code == 0, "\(answer.verdict.obstacles) \(errors)")
      #expect(answer.verdict.canRunDemo && answer.verdict.demoUsesBuiltInImages)
      #expect(answer.report.presets.first?.measurement != nil)
      let images = try #require(answer.report.datasets.first { $0.name == "cifar-10" })
      #expect(images.state == "not here")
      #expect(images.remedy == "nap data get cifar-10")
      // Looking changes nothing.
      #expect(!FileManager.default.fileExists(atPath: nap.runs.path))
      let table = try nap.run("doctor").output
      #expect(
        table.contains("The demo can run here") && table.contains("else it uses built-in images"))
    }
  }

  @Test func `a recipe that is asked for is measured alone, with the settings that were given`()
    throws
  {
    try withImages { nap in
      let few = ["doctor", "random-labels", "--preset", "short", "--seconds", "0.1"]
      let result = try nap.run(few + ["--set", "tasks=7", "--json"])
      #expect(result.code == 0, "\(result.errors)")
      let answer = try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
      let needs = try #require(answer.report.presets.first)
      #expect(answer.report.presets.count == 1 && needs.preset == "short")
      #expect(needs.measurement?.updates ?? 0 > 0 && needs.settings == ["tasks=7"])
      #expect(result.errors.contains("training random-labels short"))
      #expect(!result.errors.contains("training random-labels demo"))
      for (more, words) in [
        (["--set", "tasks=0"], "tasks must be 1 to"),
        (["--set", "taks=1"], "did you mean tasks"),
        (["--survey"], "leave out --preset"), (["--quick"], "measures nothing"),
        (["--arm", "napp"], "did you mean nap"),
      ] {
        let refused = try nap.run(few + more)
        #expect(refused.code == 2, "\(more): \(refused.errors)")
        #expect((refused.output + refused.errors).contains(words), "\(more): \(refused.errors)")
      }
    }
  }

  @Test func `where the demo can run it trains some of it and exits 0`() throws {
    try withImages { nap in
      let (code, answer, errors) = try ask(nap, ["--quick"])
      #expect(code == 0, "\(answer.verdict.obstacles) \(errors)")
      let demo = try #require(answer.report.presets.first)
      #expect(answer.report.presets.count == 1 && demo.preset == "demo")
      let measured = try #require(demo.measurement)
      #expect(measured.updates == 45_000)
      #expect(measured.updateSeconds > 0)
      #expect(measured.taskSeconds != nil)
      #expect(measured.peakMemoryBytes > 50_000_000)
      // Set-up's reason may follow in brackets.
      #expect(try answer.component("libtorch").detail.contains("/libtorch_cpu.so"))
    }
  }

  @Test func `every preset is measured, and the largest that fits is named`() throws {
    try withImages { nap in
      // Every recipe's presets take a processor for minutes: in the nightly tests.
      let (code, answer, errors) = try ask(
        nap,
        (isNightly ? [] : ["random-labels"]) + ["--survey", "--seconds", "1", "--hours", "1e6"])
      #expect(code == 0, "\(errors)")
      #expect(Set(answer.report.presets.map(\.recipe)).count == (isNightly ? Recipes.all.count : 1))
      let own = answer.report.presets.filter { $0.recipe == "random-labels" }
      #expect(own.count > 5 && own.allSatisfy { $0.measurement != nil && $0.jobs > 0 })
      // This folder has some of CIFAR-10 alone; presets that need more data or memory say what to do.
      let others = answer.report.presets.filter { $0.measurement == nil }
      #expect(
        others.allSatisfy { other in
          ["Try: ", "choose "].contains { other.problem?.contains($0) == true }
        }, "\(others)")
      #expect(answer.verdict.largestComparison != nil)
      for preset in ["demo", "paper", "seed-500"] {
        #expect(errors.contains("training random-labels \(preset)"), "\(errors)")
      }
    }
  }

  @Test func `what is missing comes with the command that brings it`() throws {
    try withImages { nap in
      var bare = nap
      bare.environment["PATH"] = "/nonexistent"
      bare.environment["NAP_PYTHON"] = "/bin/cat"
      let (code, answer, _) = try ask(bare, ["--quick"])
      #expect(code == 3)
      let renderer = try answer.component("chart renderer")
      #expect(renderer.version == nil && renderer.remedy == "make setup")
      #expect(answer.verdict.obstacles.contains { $0.contains("chart renderer is missing") })
      let curl = try answer.component("curl")
      #expect(curl.version == nil && curl.detail.contains("not on the search path"))
      #expect(curl.remedy?.contains("curl") == true)
    }
  }

  @Test func `the table names components, data, presets and a verdict`() throws {
    try withImages { nap in
      let result = try nap.run("doctor", "--quick")
      for word in [
        "libtorch", "oneDNN", "chart renderer", "cifar-10", "1500 train", "random-labels", "demo",
        "The demo can run here", "cores", "free",
      ] {
        #expect(result.output.contains(word), "\(word) is not in \(result.output)")
      }
    }
  }
}
