import Foundation
import RunStore
import Testing

@Suite struct MethodTests {
  @Test func `every arm meets every combination of methods on the same seeds`() throws {
    try withProgram { nap in
      let report = nap.runs.appending(path: "report.csv").path
      let result = try nap.run(
        [
          "compare", "random-labels", "--arms", "norm,nap", "--methods", "none,l2+redo", "--seeds",
          "2", "--set", "tasks=2", "--set", "updatesPerTask=12", "--set",
          "methods.l2.coefficient=0.25", "--set", "methods.redo.everyUpdates=5", "--report", report,
        ] + smallRun)
      #expect(result.code == 0, "\(result.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let runs = try store.runs()
      let arms = ["nap", "nap/redo+l2", "norm", "norm/redo+l2"]
      #expect(Set(runs.map(\.arm)) == Set(arms))
      for arm in arms { #expect(runs.filter { $0.arm == arm }.map(\.seed).sorted() == [0, 1]) }
      for run in runs {
        #expect(run.status == .finished)
        #expect(run.configuration.contains("\"coefficient\":0.25") == run.arm.hasSuffix("+l2"))
      }
      // L2 is redundant on projected weights alone, and is said to be.
      #expect(result.errors.contains("warning: arm nap/redo+l2: l2 changes the norms"))
      #expect(!result.errors.contains("warning: arm norm/redo+l2"))
      // The recipe's reference is not there: differences are paired with the first arm.
      #expect(result.output.contains("− norm"))
    }
  }

  @Test func `training with methods names the run by its arm and resumes`() throws {
    try withProgram { nap in
      let result = try nap.run(
        [
          "train", "random-labels", "--arm", "nap", "--method", "l2,redo", "--set", "tasks=2",
          "--set", "updatesPerTask=12", "--set", "methods.redo.everyUpdates=5",
        ] + smallRun)
      #expect(result.code == 0, "\(result.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let run = try #require(try store.runs().first)
      #expect(run.arm == "nap/redo+l2")
      #expect(run.configuration.contains("\"everyUpdates\":5"))
    }
  }

  @Test
  func `an arm whose method would find nothing to act on is listed with the reason, not trained`()
    throws
  {
    try withProgram { nap in
      let report = nap.runs.appending(path: "report.html").path
      let result = try nap.run(
        [
          "compare", "random-labels", "--arms", "norm", "--methods",
          "crelu,scale-decay,plasticity-injection", "--seeds", "1", "--set", "tasks=2", "--set",
          "updatesPerTask=12", "--report", report,
        ] + smallRun)
      #expect(result.code == 0, "\(result.errors)")
      let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
      #expect(runs.map(\.arm) == ["norm/crelu"])
      let page = try String(contentsOfFile: report, encoding: .utf8)
      // The page is long: the sentences that are missing are told, not the page.
      let missing = ["crelu with equal parameters", "norm/scale-decay is not applicable: "]
        .filter { !page.contains($0) }
      #expect(missing == [])
      for (method, reason) in [
        ("scale-decay", "this network learns no scale"),
        ("plasticity-injection", "first acts after 1000 updates and the run has 24"),
      ] {
        #expect(result.errors.contains("arm norm/\(method): not applicable: \(method): "))
        #expect(result.errors.contains(reason))
        #expect(result.output.contains("norm/\(method) is not applicable: "))
      }
      let none = try nap.run(
        ["compare", "random-labels", "--arms", "norm", "--methods", "scale-decay"] + smallRun)
      #expect(none.code == 2)
      #expect(none.errors.contains("no arm is left to train"))
    }
  }

  @Test
  func `a single run under the name of a method that would not act is refused, and kept nowhere`()
    throws
  {
    try withProgram { nap in
      for (method, hint) in [
        ("scale-decay", "leave scale-decay out"),
        ("leaky-relu,crelu", "leaky-relu and crelu; leave all but one out"),
      ] {
        let result = try nap.run(
          ["train", "random-labels", "--arm", "norm", "--method", method] + smallRun)
        #expect(result.code == 2, "\(result.errors)")
        #expect(result.errors.contains(hint), "\(result.errors)")
      }
      for command in ["compare", "sweep"] {
        let over = command == "sweep" ? ["--over", "optimizer.learningRate=1e-3"] : []
        let result = try nap.run(
          [command, "random-labels", "--arms", "norm", "--methods", "crelu+fourier-features"] + over
            + smallRun)
        #expect(result.code == 2, "\(result.errors)")
        #expect(result.errors.contains("crelu and fourier-features"), "\(result.errors)")
      }
      #expect(try Store.open(at: nap.runs).runs().isEmpty)
    }
  }

  @Test func `a method's strength is swept as a rate is, and compare takes the choice`() throws {
    try withProgram { nap in
      let short = ["--set", "tasks=2", "--set", "updatesPerTask=12"] + smallRun
      let sweep = try nap.run(
        [
          "sweep", "random-labels", "--arms", "norm", "--methods", "weight-decay,scale-decay",
          "--over", "methods.weight-decay.coefficient=1e-3,1", "--seeds", "1",
        ] + short)
      // A setting belongs to the arms that have the method.
      #expect(sweep.code == 2)
      #expect(
        sweep.errors.contains("there is no key 'methods.weight-decay.coefficient'"),
        "\(sweep.errors)")
      let own = try nap.run(
        [
          "sweep", "random-labels", "--arms", "norm", "--methods", "weight-decay", "--over",
          "methods.weight-decay.coefficient=1e-3,1", "--seeds", "1",
        ] + short)
      #expect(own.code == 0, "\(own.errors)")
      let compare = try nap.run(
        [
          "compare", "random-labels", "--arms", "norm", "--methods", "weight-decay", "--seeds", "1",
          "--report", nap.runs.appending(path: "report.csv").path,
        ] + short)
      #expect(compare.code == 0, "\(compare.errors)")
      #expect(
        compare.errors.contains("norm/weight-decay: tuned methods.weight-decay.coefficient"),
        "\(compare.errors)")
    }
  }

  @Test func `mistakes in methods are told with the nearest name and exit with 2`() throws {
    try withProgram { nap in
      for (arguments, hint) in [
        (["train", "random-labels", "--method", "redos"], "did you mean redo"),
        (["compare", "random-labels", "--methods", "none,redo+l3"], "did you mean l2"),
        (
          ["train", "random-labels", "--method", "l2", "--set", "methods.l2.coeficient=1"],
          "did you mean methods.l2.coefficient"
        ),
        (
          ["compare", "random-labels", "--methods", "redo", "--set", "methods.l2.coefficient=1"],
          "no arm has the method 'l2'"
        ),
        (
          ["train", "random-labels", "--method", "redo", "--set", "methods.redo.everyUpdates=0"],
          "methods.redo.everyUpdates must be at least 1"
        ),
      ] {
        let result = try nap.run(arguments + smallRun)
        #expect(result.code == 2, "\(arguments): \(result.errors)")
        #expect(result.errors.contains(hint), "\(arguments): \(result.errors)")
      }
    }
  }

  @Test func `the list shows every method with its source, and its settings when asked`() throws {
    try withProgram { nap in
      let short = try nap.run(["list"])
      #expect(short.output.contains("random-labels") && !short.output.contains("redo"))
      #expect(short.output.split(whereSeparator: \.isNewline).count < 24)
      let long = try nap.run(["list", "methods"])
      #expect(long.output.contains("redo") && long.output.contains("Sokar et al. 2023"))
      #expect(long.output.contains("methods.redo.threshold=0.025"))
      #expect(long.output.contains("Updates between two looks; our choice."))
      let recipe = try nap.run(["list", "random-labels", "--preset", "cnn"])
      for words in [
        "settings of the preset cnn", "tasks=100 tasks  (default 300)", "optimizer.kind=adam",
        "One of sgd, rmsprop, adam, adamw",
        "baseline methods can be added to every arm: nap list methods",
      ] {
        #expect(recipe.output.contains(words), "\(words)\n\(recipe.output)")
      }
      #expect(try nap.run(["list", "--preset", "cnn"]).code == 2)
      #expect(try nap.run(["list", "random-labels", "--preset", "no"]).code == 2)
    }
  }
}
