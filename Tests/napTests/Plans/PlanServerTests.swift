import Foundation
import RunStore
import Testing

/// A server of plans with its runs, and workers with runs of their own, as processes of a machine.
private struct Machines {
  let server: Program
  let token: String

  init(_ folder: URL) {
    server = Program(runs: folder.appending(path: "server"))
    token = folder.appending(path: "plans.token").path
  }

  func worker(_ name: String) -> Program {
    // A proxy of this machine has no way to itself.
    Program(
      runs: server.runs.deletingLastPathComponent().appending(path: name),
      environment: ["no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"])
  }

  /// Starts a server; its output after the first line, and where it listens.
  func serve(
    port: Int = 0, host: String = "127.0.0.1"
  ) throws -> (process: Process, output: Reader, errors: Reader, address: String) {
    let (process, output, errors) = try server.start(
      ["plan", "serve", "--token-file", token, "--port", "\(port)", "--host", host])
    var line = ""
    while !line.contains("\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      line += String(decoding: data, as: UTF8.self)
    }
    let reader = Reader(errors)
    guard let place = line.range(of: "http://") else {
      process.waitUntilExit()
      Issue.record("no server: \(reader.finish())")
      throw CancellationError()
    }
    let address = line[place.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
    return (process, Reader(output), reader, address)
  }

  func arguments(_ address: String, lease: Int = 8) -> [String] {
    ["plan", "run", "--server", address, "--token-file", token, "--lease", "\(lease)"]
  }
}

@Suite(.timeLimit(.minutes(5))) struct PlanServerTests {
  private func withMachines(_ body: (Machines) throws -> Void) throws {
    try withProgram { try body(Machines($0.runs)) }
  }

  private func comparison(
    tasks: Int = 4, updates: Int = 20, arms: String = "norm,nap", in folder: URL
  ) -> [String] {
    [
      "compare", "random-labels", "--arms", arms, "--seeds", "1", "--set", "tasks=\(tasks)",
      "--set", "updatesPerTask=\(updates)", "--set", "recording.checkpointEveryTasks=1", "--report",
      folder.appending(path: "report.csv").path,
    ] + smallRun
  }

  @Test func `two machines train a plan, and its results and checkpoints are the server's`() throws
  {
    try withMachines { machines in
      let (server, report) = (machines.server, machines.server.runs.appending(path: "report.csv"))
      let words = comparison(in: server.runs)
      #expect(try server.run(["plan", "add", "--"] + words).code == 0)
      let serving = try machines.serve()
      let workers = try ["a", "b"].map {
        try machines.worker($0).start(machines.arguments(serving.address))
      }
      for (process, output, errors) in workers {
        let (reader, rest) = (Reader(errors), Reader(output))
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(reader.finish())")
        _ = rest.finish()
      }
      let deadline = ContinuousClock.now + .seconds(30)
      while !FileManager.default.fileExists(atPath: report.path), .now < deadline { usleep(50_000) }
      usleep(200_000)
      // A second server of the folder is refused while the first is there.
      let second = try server.run(
        "plan", "serve", "--token-file", machines.token, "--port", "0")
      #expect(second.code == 3 && second.errors.contains("another nap plan serve"))
      serving.process.interrupt()
      serving.process.waitUntilExit()
      let output = serving.output.finish()
      #expect(serving.process.terminationStatus == 130, "\(serving.errors.finish())")
      let direct = try server.run(words)
      #expect(direct.errors.contains("finished: nothing is trained"), "\(direct.errors)")
      #expect(direct.output == output && output.contains("nap"))
      let store = try Store.open(at: server.runs, for: .readOnly)
      let runs = try store.runs()
      #expect(runs.count == 2 && runs.allSatisfy { $0.status == .finished })
      for run in runs {
        let file = RunRecord.checkpoint(of: run.id, in: server.runs)
        #expect(try RunRecord.State(reading: file).updates == 80)
      }
      #expect(try integrityProblems(server.runs).isEmpty)
      let names = try FileManager.default.contentsOfDirectory(atPath: server.runs.path)
      #expect(!names.contains { $0.hasPrefix(".incoming") || $0.hasPrefix(".merging") })
    }
  }

  @Test func `a run that a worker gave back goes on at another, also over a server's restart`()
    throws
  {
    try withMachines { machines in
      func words(_ nap: Program) -> [String] {
        comparison(tasks: 40, updates: 40, arms: "norm", in: nap.runs)
      }
      #expect(try machines.server.run(["plan", "add", "--"] + words(machines.server)).code == 0)
      let serving = try machines.serve()
      let first = machines.worker("a")
      let (process, output, errors) = try first.start(machines.arguments(serving.address))
      let deadline = ContinuousClock.now + .seconds(30)
      func saved() -> Bool {
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: first.runs.path)) ?? []
        return files.contains { $0.hasSuffix("/checkpoint.safetensors") }
      }
      while !saved(), .now < deadline { usleep(20_000) }
      let (reader, rest) = (Reader(errors), Reader(output))
      process.terminate()
      process.waitUntilExit()
      #expect(process.terminationStatus == 130, "\(reader.finish())")
      _ = rest.finish()
      // The other worker has the plan, and the server goes away under it.
      let (other, otherOutput, otherErrors) = try machines.worker("b")
        .start(machines.arguments(serving.address))
      let (otherReader, otherRest) = (Reader(otherErrors), Reader(otherOutput))
      usleep(600_000)
      serving.process.terminate()
      serving.process.waitUntilExit()
      usleep(1_500_000)
      let port = Int(serving.address.split(separator: ":").last ?? "") ?? 0
      let again = try machines.serve(port: port)
      other.waitUntilExit()
      _ = otherRest.finish()
      let text = otherReader.finish()
      #expect(other.terminationStatus == 0 && text.contains("norm seed 0: resumed"), "\(text)")
      usleep(500_000)
      again.process.terminate()
      again.process.waitUntilExit()
      let store = try Store.open(at: machines.server.runs, for: .readOnly)
      let run = try #require(try store.runs().first)
      #expect(run.status == .finished && run.resumptions.count == 1)
      #expect(run.resumptions.first.map { $0.updates > 0 } ?? false)
      let whole = Program(
        runs: machines.server.runs.deletingLastPathComponent().appending(path: "w"))
      #expect(try whole.run(words(whole)).code == 0)
      let (own, expected) = (
        try RunRecord(machines.server.runs), try #require(try RunRecord(whole.runs))
      )
      #expect(own?.isSame(as: expected) == true)
    }
  }

  @Test func `a run whose worker is lost with its machine goes on from what was sent`() throws {
    try withMachines { machines in
      let words = comparison(tasks: 12, updates: 1_500, arms: "norm", in: machines.server.runs)
      #expect(try machines.server.run(["plan", "add", "--"] + words).code == 0)
      let serving = try machines.serve()
      let lost = machines.worker("a")
      let (process, output, errors) = try lost.start(
        machines.arguments(serving.address, lease: 4) + ["--send-every", "0.2"])
      let readers = (Reader(output), Reader(errors))
      let store = try Store.open(at: machines.server.runs, for: .readOnly)
      let deadline = ContinuousClock.now + .seconds(60)
      func sentUpdates() throws -> Int {
        guard let run = try store.runs().first else { return 0 }
        let file = RunRecord.checkpoint(of: run.id, in: machines.server.runs)
        return (try? RunRecord.State(reading: file).updates) ?? 0
      }
      while try sentUpdates() == 0, process.isRunning, .now < deadline { usleep(50_000) }
      let sent = try #require(try store.runs().first, "nothing came from \(lost.runs.path)")
      #expect(sent.status == .interrupted && process.isRunning)
      let training = try #require(
        try Store.open(at: lost.runs, for: .readOnly).runs().first?.provenance.processIdentifier)
      kill(process.processIdentifier, SIGKILL)
      kill(Int32(training), SIGKILL)
      process.waitUntilExit()
      _ = (readers.0.finish(), readers.1.finish())
      try FileManager.default.removeItem(at: lost.runs)
      let other = try machines.worker("b").run(machines.arguments(serving.address, lease: 4))
      #expect(other.code == 0 && other.errors.contains("norm seed 0: resumed"), "\(other.errors)")
      serving.process.terminate()
      serving.process.waitUntilExit()
      let run = try #require(try store.runs().first)
      #expect(run.status == .finished && run.resumptions.first.map { $0.updates > 0 } ?? false)
    }
  }

  @Test func `a wrong token, and a server that is gone, are told in bounded time`() throws {
    try withMachines { machines in
      try FileManager.default.createDirectory(
        at: machines.server.runs, withIntermediateDirectories: true)
      let serving = try machines.serve()
      let wrong = machines.token + ".other"
      try "0123456789abcdef0123".write(toFile: wrong, atomically: true, encoding: .utf8)
      let refused = try machines.worker("a").run(
        "plan", "run", "--server", serving.address, "--token-file", wrong)
      #expect(refused.code == 3 && refused.errors.contains("refuses the token"), "\(refused)")
      #expect(!refused.errors.contains("0123456789abcdef0123"))
      serving.process.terminate()
      serving.process.waitUntilExit()
      let begun = ContinuousClock.now
      let gone = try machines.worker("a").run(
        machines.arguments(serving.address) + ["--patience", "2"])
      #expect(gone.code == 3 && gone.errors.contains("does not answer"), "\(gone)")
      #expect(ContinuousClock.now - begun < .seconds(20))
    }
  }

  @Test(arguments: [
    (["--server", "host:80", "--token-file", "T"], 3, "expected the server's address"),
    (["--server", "http://h:1"], 2, "--token-file"),
    (["--server", "http://h:1", "--token-file", "/nowhere"], 2, "cannot be read"),
    (["--server", "http://h:1", "--token-file", "SHORT"], 2, "16 to 512 characters"),
    (["--server", "http://h:1", "--token-file", "T", "--plan", "x"], 2, "--plan"),
  ])
  func `usage that cannot be meant is refused`(words: [String], code: Int32, message: String) throws
  {
    try withProgram { nap in
      try "0123456789abcdef0123".write(
        to: nap.runs.appending(path: "T"), atomically: true, encoding: .utf8)
      try "short".write(to: nap.runs.appending(path: "SHORT"), atomically: true, encoding: .utf8)
      let paths = ["T", "SHORT"]
      let result = try nap.run(
        ["plan", "run"] + words.map { paths.contains($0) ? nap.runs.appending(path: $0).path : $0 })
      #expect(result.code == code && result.errors.contains(message), "\(result.errors)")
    }
  }

  @Test func `the array script of SLURM trains the entries of a plan by its variables`() throws {
    try withProgram { nap in
      #expect(try nap.run(["plan", "add", "--"] + comparison(in: nap.runs)).code == 0)
      let plan = try Store.open(at: nap.runs, for: .readOnly).comparisons()[0].id.text
      let script = nap.runs.appending(path: "plan.sh")
      let written = try nap.run(
        "plan", "slurm", plan, "--hours", "1.5", "--at-once", "2", "-o", script.path, "--",
        "--partition=cpu")
      #expect(written.code == 0 && written.errors.contains("2 tasks"), "\(written)")
      let text = try String(contentsOf: script, encoding: .utf8)
      for line in ["--array=0-1%2", "--time=1:30:00", "--partition=cpu", "--cpus-per-task=1"] {
        #expect(text.contains("#SBATCH \(line)\n"), "\(text)")
      }
      // In the place of SLURM: srun runs the command, scontrol writes down what it was told.
      let tools = nap.runs.appending(path: "bin")
      try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
      for (name, body) in [
        ("srun", #"exec "$@""#), ("nap", #"exec "\#(Program.url.path)" "$@""#),
        ("scontrol", #"echo "$@" > "\#(nap.runs.path)/requeued""#),
      ] {
        let file = tools.appending(path: name)
        try "#!/bin/sh\n\(body)\n".write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
      }
      func task(_ number: Int) throws -> Program.Result {
        var own = nap
        own.environment = [
          "PATH": "\(tools.path):/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": "\(number)",
          "SLURM_ARRAY_JOB_ID": "77",
        ]
        return try own.run([script.path], program: URL(filePath: "/bin/sh"))
      }
      for number in [1] {
        let result = try task(number)
        #expect(result.code == 0 && result.output.isEmpty, "\(result)")
        let runs = try Store.open(at: nap.runs, for: .readOnly).comparisons()[0].entries
        #expect(runs[number].status == .finished)
      }
      // The last one shows the results; one that is done is done.
      #expect(try task(0).output.contains("nap"))
      #expect(try task(0).code == 0)
      #expect(!FileManager.default.fileExists(atPath: nap.runs.appending(path: "requeued").path))
      let none = try nap.run("plan", "slurm", plan)
      #expect(none.code == 2 && none.errors.contains("no run left"))
    }
  }
}
