import Foundation
import Testing
import Torch

@Suite struct UsageTests {
  @Test(arguments: [
    [], ["list"], ["train"], ["compare"], ["sweep"], ["runs"], ["data"], ["doctor"], ["measure"],
    ["inspect"],
  ])
  func `help teaches and exits 0`(verb: [String]) throws {
    try withProgram { nap in
      let result = try nap.run(verb + ["--help"])
      #expect(result.code == 0)
      #expect(result.output.contains("USAGE: nap"))
    }
  }

  @Test func `the list names recipes, presets, arms and every setting`() throws {
    try withProgram { nap in
      let short = try nap.run("list")
      for word in ["random-labels", "continual-language", "nap list RECIPE"] {
        #expect(short.output.contains(word), "\(word)")
      }
      let recipe = try nap.run("list", "random-labels").output
      for word in [
        "demo", "short", "paper", "nap+restart", "knows the boundary",
        "optimizer.learningRate=0.0003",
      ] { #expect(recipe.contains(word), "\(word)") }
    }
  }

  @Test(arguments: [
    (["trian"], "nap has no command 'trian'; did you mean train"),
    (["plan", "ad"], "nap plan has no command 'ad'; did you mean add"),
    (["runs", "lst"], "nap runs has no command 'lst'; did you mean list"),
    (["data", "xyzzyxyzzy"], "nap data --help lists them"),
    (["lisst", "random-labels"], "did you mean list"),
    (["xyzzyxyzzy"], "nap --help lists them"),
    (["train"], "name a recipe"),
    (["train", "random-label"], "did you mean random-labels"),
    (["train", "random-labels", "--preset", "shrot"], "did you mean short"),
    (["train", "random-labels", "--arm", "napp"], "did you mean nap"),
    (["train", "random-labels", "--set", "taks=1"], "did you mean tasks"),
    (["train", "random-labels", "--set", "tasks=0"], "tasks must be 1 to 10,000,000"),
    (["train", "random-labels", "--seed", "x"], "seed"),
    (["train", "random-labels", "--device", "gpu"], "expected cpu, cuda"),
    (["train", "random-labels", "--threads", "0"], "expected 1 to"),
    // One more than there may be: were it accepted, it would harm nobody.
    (
      [
        "train", "random-labels", "--threads",
        "\(max(16, 4 * ProcessInfo.processInfo.activeProcessorCount) + 1)",
      ], "expected 1 to"
    ),
    (["train", "random-labels", "--resume", "x"], "give one of a recipe"),
    (
      ["train", "--resume", "x", "--set", "tasks=3", "--seed", "9", "--arm", "nap"],
      "--set, --arm, --seed: a resumed run keeps its settings"
    ),
    (["train", "--resume", "x", "--env", "cartpole"], "--env: a resumed run keeps"),
    (["compare", "random-labels", "--seeds", "0"], "a number of seeds, 1 to 10000"),
    (["sweep", "random-labels", "--over", "optimizer.learningRate=fast"], "numbers separated"),
    (
      ["sweep", "random-labels", "--over", "tasks=1,2", "--over", "tasks=3"],
      "--over tasks is given twice"
    ),
    (["sweep", "random-labels", "--over", "tasks=1,1"], "each value once"),
    (["sweep", "random-labels", "--over", "tasks=1,2", "--set", "tasks=3"], "swept by --over"),
    (["compare", "random-labels", "--arms", "nap", "--arms=norm"], "--arms is given twice"),
    (["report", "-o", "a.csv", "--output", "b.csv"], "is given twice"),
    (["doctor", "--seconds", "0"], "--quick measures nothing"),
    (["doctor", "--hours", "0"], "above 0"),
    (["frobnicate"], "frobnicate"),
  ])
  func `a mistake exits 2 and says what was expected`(arguments: [String], words: String) throws {
    try withProgram { nap in
      let result = try nap.run(arguments)
      #expect(result.code == 2)
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: nap.runs.path + "/store.sqlite"))
    }
  }

  @Test func `what the world lacks exits 3 and says what to do`() throws {
    try withProgram { nap in
      let device = try nap.run("train", "random-labels", "--device", "cuda:97")
      #expect(device.code == 3)
      #expect(device.errors.contains("--device cpu"))
      if let problem = Device.cudaProblem { #expect(device.errors.contains(problem)) }
      let run = try nap.run("runs", "show", "nothing")
      #expect(run.code == 3)
      let data = try nap.run(["data", "verify", "cifar-10", "--data", "/nonexistent"])
      #expect(data.code == 3)
      #expect(data.errors.contains("nap data get"))
    }
  }
}
