import Foundation
import RunStore
import TestSupport
import Testing

@Suite struct ComparisonTests {
  private let arguments =
    [
      "compare", "random-labels", "--arms", "norm,nap,fresh", "--seeds", "2", "--set", "tasks=6",
      "--set", "updatesPerTask=20", "--jobs", "2",
    ] + smallRun

  @Test func `a comparison runs every arm on every seed and prints a table`() throws {
    try withProgram { nap in
      let report = nap.runs.appending(path: "report.csv").path
      let result = try nap.run(arguments + ["--report", report])
      #expect(result.code == 0, "\(result.errors)")
      for arm in ["norm", "nap", "fresh"] { #expect(result.output.contains(arm)) }
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let runs = try store.runs()
      #expect(runs.count == 6)
      #expect(runs.allSatisfy { $0.status == .finished && $0.purpose == .comparison })
      #expect(FileManager.default.fileExists(atPath: report))
      // The same command shows what it did; another one, or --new, trains.
      let again = try nap.run(arguments + ["--report", report])
      #expect(again.code == 0 && again.errors.contains("--new"), "\(again.errors)")
      #expect(again.output == result.output)
      #expect(try store.runs().count == 6)
      let new = try nap.run(arguments + ["--report", report, "--new"])
      #expect(new.code == 0, "\(new.errors)")
      #expect(try store.runs().count == 12)
    }
  }

  @Test func `an arm with the projection and none without it beside it is remarked on`() throws {
    try withProgram { nap in
      func compare(_ arms: String) throws -> Program.Result {
        try nap.run(
          [
            "compare", "random-labels", "--arms", arms, "--seeds", "1", "--set", "tasks=2",
            "--set", "updatesPerTask=5", "--jobs", "2",
            "--report", nap.runs.appending(path: "report.csv").path,
          ] + smallRun)
      }
      let alone = try compare("plain,nap,nap/redo")
      #expect(alone.code == 0, "\(alone.errors)")
      #expect(alone.output.contains("nap without norm, which differs only in the projection"))
      let beside = try compare("norm,nap,fresh,fresh-norm")
      #expect(beside.code == 0, "\(beside.errors)")
      #expect(!beside.output.contains("differs only in the projection"))
      // Of both fresh arms the normalized one is the reference; where it is not, the other.
      #expect(beside.output.contains("− fresh-norm"))
      #expect(try compare("norm,nap,fresh").output.contains("− fresh "))
      // One arm is compared with none.
      let single = try compare("norm")
      #expect(single.code == 0 && !single.output.contains("reference"), "\(single.output)")
    }
  }

  @Test func `more seeds and another arm train only what other plans have not`() throws {
    try withProgram { nap in
      func compare(_ arms: String, seeds: Int, _ more: [String] = []) throws -> Program.Result {
        try nap.run(
          [
            "compare", "random-labels", "--arms", arms, "--seeds", "\(seeds)", "--set", "tasks=3",
            "--jobs", "2", "--report", nap.runs.appending(path: "report.csv").path,
          ] + (more.isEmpty ? ["--set", "updatesPerTask=10"] : more) + smallRun)
      }
      let few = try compare("norm,nap", seeds: 1)
      #expect(few.code == 0, "\(few.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let known = Set(try store.runs().map(\.id))
      let more = try compare("norm,nap,fresh", seeds: 2)
      #expect(more.code == 0, "\(more.errors)")
      let entries = try store.comparisons()[1].entries
      #expect(entries.allSatisfy { $0.status == .finished } && entries.count == 6)
      let taken = entries.compactMap(\.run).filter(known.contains)
      #expect(taken.count == 2 && more.errors.contains("2 of 6 runs"), "\(more.errors)")
      #expect(try store.runs().count == 6)
      // Other settings are other runs.
      let other = try compare("norm,nap", seeds: 1, ["--set", "updatesPerTask=11"])
      #expect(other.code == 0 && !other.errors.contains("are taken"), "\(other.errors)")
    }
  }

  @Test func `a comparison whose images are missing says so once, exits 3 and records nothing`()
    throws
  {
    try withProgram { nap in
      let nowhere = nap.runs.appending(path: "no-data").path
      let result = try nap.runShell(
        #"NAP_DATA="$1"; export NAP_DATA; shift; exec "$0" "$@""#,
        [
          nowhere, "compare", "random-labels", "--arms", "norm,nap", "--seeds", "2", "--threads",
          "1", "--set", "tasks=6",
        ])
      #expect(result.code == 3)
      let sentences = result.errors.components(separatedBy: "expected the folder of cifar-10").count
      #expect(sentences == 2, "four runs: \(result.errors)")
      #expect(result.errors.contains("nap data get cifar-10"))
      #expect(try Store.open(at: nap.runs, for: .readOnly).comparisons().isEmpty)
    }
  }

  @Test func `an interrupted comparison goes on with the same command`() throws {
    try withProgram { nap in
      let slow = arguments.map { $0 == "updatesPerTask=20" ? "updatesPerTask=600" : $0 }
      let report = ["--report", nap.runs.appending(path: "report.csv").path]
      let (process, _, errors) = try nap.start(slow + report)
      let deadline = Date().addingTimeInterval(60)
      // A run's folder is made once the run has begun.
      func begun() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: nap.runs.path)) ?? []
        return names.count { !$0.hasPrefix("store") && !$0.hasPrefix("report") }
      }
      while begun() < 2, Date() < deadline { usleep(20_000) }
      process.interrupt()
      let text = String(
        decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130, "\(text)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      #expect(try store.runs().allSatisfy { $0.status != .running })
      let result = try nap.run(slow + report)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.errors.contains("continuing "))
      #expect(try store.comparisons().count == 1)
      #expect(try store.runs().count == 6)
      #expect(try store.runs().allSatisfy { $0.status == .finished })
    }
  }

  @Test func `an arm with settings of its own is tuned, trained and told apart by its whole name`()
    throws
  {
    try withProgram { nap in
      let own = "nap/head-rate[methods.head-rate.factor=4,network.hidden=8,8]"
      let arms = ["--arms", "nap,nap/head-rate[network.hidden=8,8,methods.head-rate.factor=4]"]
      let small = ["--set", "tasks=2", "--set", "updatesPerTask=12"] + smallRun
      let over = ["--over", "optimizer.learningRate=1e-5,3e-3", "--seeds", "1"]
      let sweep = try nap.run(["sweep", "random-labels"] + arms + over + small)
      #expect(sweep.code == 0 && sweep.output.contains(own), "\(sweep.errors)")
      let report = nap.runs.appending(path: "r.csv").path
      let compared = try nap.run(
        ["compare", "random-labels"] + arms + ["--seeds", "1", "--report", report] + small)
      #expect(compared.code == 0, "\(compared.errors)")
      #expect(compared.errors.contains("\(own): tuned learning rate"), "\(compared.errors)")
      #expect(compared.output.contains(own) && compared.output.contains("− nap"))
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let runs = try store.runs(purpose: .comparison)
      #expect(Set(runs.map(\.arm)) == ["nap", own])
      for run in runs {
        #expect(run.configuration.contains("\"hidden\":[8,8]") == (run.arm == own))
        #expect(run.configuration.contains("\"factor\":4") == (run.arm == own))
      }
      let fixed = try nap.run(
        ["sweep", "random-labels", "--arms", "nap[optimizer.learningRate=1e-3]"] + over + small)
      #expect(fixed.code == 2 && fixed.errors.contains("sets optimizer.learningRate itself"))
      let alone = try nap.run(["train", "random-labels", "--arm", own] + small)
      #expect(alone.code == 0, "\(alone.errors)")
      #expect(try store.runs(purpose: .training).map(\.arm) == [own])
    }
  }

  @Test func `a sweep tunes each arm on seeds of its own and compare takes the choice`() throws {
    try withProgram { nap in
      let sweep = try nap.run(
        [
          "sweep", "random-labels", "--arms", "norm,nap", "--over",
          "optimizer.learningRate=1e-5,3e-3", "--seeds", "1", "--set", "tasks=3", "--set",
          "updatesPerTask=40",
        ] + smallRun)
      #expect(sweep.code == 0, "\(sweep.errors)")
      #expect(sweep.output.contains("*"))
      let store = try Store.open(at: nap.runs, for: .readOnly)
      #expect(try store.runs().allSatisfy { $0.seed >= 1_000 && $0.purpose == .tuning })
      let tuned = try #require(
        try store.tunedSetting(
          recipe: "random-labels", preset: "demo", arm: "nap", key: "optimizer.learningRate"))
      // 1e-5 learns nothing in 40 updates.
      #expect(tuned.value == 3e-3)
      #expect(tuned.candidates.count == 2)
      let compared = try nap.run(
        [
          "compare", "random-labels", "--arms", "nap", "--seeds", "1", "--set", "tasks=2", "--set",
          "updatesPerTask=10", "--report", nap.runs.appending(path: "r.csv").path,
        ] + smallRun)
      #expect(compared.code == 0, "\(compared.errors)")
      #expect(compared.errors.contains("tuned learning rate 0.003"))
      let run = try #require(try store.runs(purpose: .comparison).first)
      #expect(run.configuration.contains("\"learningRate\":0.003"))
    }
  }

  @Test
  func `a sweep over two settings tries every combination and compare takes the choice whole`()
    throws
  {
    try withProgram { nap in
      let grid = [
        "sweep", "random-labels", "--arms", "norm", "--over", "optimizer.learningRate=1e-5,3e-3",
        "--over", "optimizer.weightDecay=0,1", "--seeds", "1", "--set", "tasks=3", "--set",
        "updatesPerTask=40",
      ]
      let sweep = try nap.run(grid + smallRun)
      #expect(sweep.code == 0, "\(sweep.errors)")
      let store = try Store.open(at: nap.runs, for: .readOnly)
      let plan = try #require(try store.comparisons().first)
      #expect(
        Set(plan.entries.map { $0.overrides.sorted { $0.key < $1.key }.map(\.value) }) == [
          ["1e-5", "0"], ["1e-5", "1"], ["3e-3", "0"], ["3e-3", "1"],
        ])
      #expect(sweep.output.contains("norm: optimizer.learningRate=0.003 optimizer.weightDecay="))
      let chosen = try store.tunedSettings(of: plan.id)
      #expect(chosen.map(\.key) == ["optimizer.learningRate", "optimizer.weightDecay"])
      #expect(chosen.allSatisfy { $0.candidates.count == 2 })
      let compared = try nap.run(
        [
          "compare", "random-labels", "--arms", "norm", "--seeds", "1", "--set", "tasks=2",
          "--report", nap.runs.appending(path: "r.csv").path,
        ] + smallRun)
      #expect(compared.code == 0, "\(compared.errors)")
      #expect(compared.errors.contains("tuned learning rate 0.003"))
      #expect(compared.errors.contains("tuned optimizer.weightDecay \(chosen[1].value)"))
    }
  }

  @Test(arguments: [
    ("out.xyz", 3, "cannot tell the format"), ("folder.csv", 3, "found a folder"),
    ("file/out.csv", 3, "found a file"),
  ])
  func `a report that cannot be written is refused before anything is trained`(
    name: String, code: Int32, words: String
  ) throws {
    try withTemporaryFolder { folder in
      let nap = Program(runs: folder.appending(path: "runs"))
      let files = FileManager.default
      try files.createDirectory(
        at: folder.appending(path: "folder.csv"), withIntermediateDirectories: true)
      try Data().write(to: folder.appending(path: "file"))
      let path = folder.appending(path: name).path
      let video = path.replacingOccurrences(of: ".csv", with: ".mp4")
      for command in [
        arguments + ["--report", path], ["report", "-o", path], ["inspect", path, "-o", path],
        ["measure", path, "-o", path], ["runs", "export", "x", "-o", path],
        ["play", "x.safetensors", "-o", video],
      ] {
        if name == "folder.csv", command[0] == "play" { continue }
        let result = try nap.run(command)
        let isUsage = name == "out.xyz" && ["runs", "play"].contains(command[0])
        #expect(result.code == (isUsage ? 2 : code), "\(command[0]): \(result.errors)")
        #expect(
          result.errors.contains(isUsage ? "that ends in" : words),
          "\(command[0]): \(result.errors)")
      }
      #expect(!files.fileExists(atPath: nap.runs.appending(path: Store.fileName).path))
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "nothing can be mounted here"))
  func `a report on a disk that cannot be written is refused before anything is trained`() throws {
    try withProgram { nap in
      try withSmallDisk(megabytes: 1) { disk in
        try disk.remount("ro")
        let result = try nap.run(
          arguments + ["--report", disk.folder.appending(path: "report.csv").path])
        expectOneSentence(
          (result.code, result.errors), code: 3, "--report", "that can be written", "read-only")
        #expect(
          !FileManager.default.fileExists(atPath: nap.runs.appending(path: Store.fileName).path))
      }
    }
  }

  @Test func `a figure that nothing can draw is refused before anything is trained`() throws {
    try withProgram { nap in
      var nap = nap
      nap.environment["NAP_PYTHON"] = "/bin/false"
      let result = try nap.run(arguments)
      #expect(result.code == 3 && result.errors.contains("chart renderer"), "\(result.errors)")
      #expect(
        !FileManager.default.fileExists(atPath: nap.runs.appending(path: Store.fileName).path))
    }
  }
}
