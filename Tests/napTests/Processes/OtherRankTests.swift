import Foundation
import RunStore
import TestSupport
import Testing

/// Ranks that another launcher starts, and ranks that do not belong together.
@Suite(.timeLimit(.minutes(5))) struct OtherRankTests {
  private static let torchrun = packageRoot.appending(path: ".deps/peers/bin/torchrun").path

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: torchrun),
      "needs torchrun; Benchmarks/run installs it"))
  func `below torchrun a rank that is killed is started again, and the run goes on`() throws {
    try withProgram { nap in
      var nap = nap
      nap.launcher = [
        Self.torchrun, "--no-python", "--nproc-per-node", "2", "--max-restarts", "1",
        "--master-port", "\(try nap.freePort())", "--monitor-interval", "0.2",
      ]
      let arguments = FaultRun.arguments(tasks: 60) + ["--timeout", "10"]
      let stopped = try nap.started(arguments, andAfter: 3) {
        kill(try Program.rank(1, of: $0), SIGKILL)
      }
      #expect(stopped.code == 0, "\(stopped.errors)")
      #expect(stopped.errors.contains("the processes were started again"), "\(stopped.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status == .finished)
      #expect(try Store.open(at: nap.runs).run(record.run).resumptions.count == 1)
      #expect(partialFiles(nap.runs).isEmpty)
    }
  }

  /// What both ranks end with, within the time that the timeout allows.
  private func ends(
    _ nap: Program, program: URL = Program.url, environment: [String: String] = [:],
    _ first: [String], _ second: [String]
  ) throws -> [Program.Stopped] {
    let port = try nap.freePort()
    let begun = ContinuousClock.now
    let leading = try nap.startRank(0, of: 2, port: port, first + ["--timeout", "5"])
    var other = nap
    other.environment = environment
    let following = try other.startRank(
      1, of: 2, port: port, second + ["--timeout", "5"], program: program)
    let found = [leading, following].map { process, output, errors in
      let (reader, rest) = (Reader(errors), Reader(output))
      process.waitUntilExit()
      _ = rest.finish()
      return Program.Stopped(code: process.terminationStatus, errors: reader.finish())
    }
    #expect(ContinuousClock.now - begun < .seconds(60))
    return found
  }

  @Test func `a rank of another build of the program is named before anything is recorded`() throws
  {
    try withProgram { nap in
      let other = nap.runs.appending(path: "nap-other")
      try FileManager.default.copyItem(at: Program.url, to: other)
      // As long as the other: the last byte of the section headers, which nobody reads.
      let handle = try FileHandle(forUpdating: other)
      try handle.seek(toOffset: try handle.seekToEnd() - 1)
      let last = try #require(try handle.read(upToCount: 1)?.first)
      try handle.seek(toOffset: try handle.offset() - 1)
      try handle.write(contentsOf: Data([~last]))
      try handle.close()
      let train = FaultRun.arguments()
      let found = try ends(nap, program: other, train, train)
      #expect(found.map(\.code) == [3, 3])
      #expect(found[1].errors.contains("another program than rank 0"), "\(found[1].errors)")
      #expect(found[0].errors.contains("rank 1 stopped"), "\(found[0].errors)")
      #expect(try Store.open(at: nap.runs).runs().isEmpty)
    }
  }

  @Test func `a step of SLURM trains one run, and a rank that is killed is named`() throws {
    try withProgram { nap in
      func step(_ train: [String]) throws -> [(process: Process, output: Pipe, errors: Pipe)] {
        let port = try nap.freePort()
        return try (0..<2).map { rank in
          var own = nap
          own.environment.merge([
            "SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2",
            "SLURM_STEP_NUM_NODES": "1", "SLURM_STEP_NODELIST": "localhost",
            "SLURM_PROCID": "\(rank)", "SLURM_LOCALID": "\(rank)", "MASTER_PORT": "\(port)",
          ]) { $1 }
          return try own.start(train)
        }
      }
      func ended(_ ranks: [(process: Process, output: Pipe, errors: Pipe)]) -> [Program.Stopped] {
        ranks.map { process, output, errors in
          let (reader, rest) = (Reader(errors), Reader(output))
          process.waitUntilExit()
          _ = rest.finish()
          return Program.Stopped(code: process.terminationStatus, errors: reader.finish())
        }
      }
      #expect(try ended(step(FaultRun.arguments())).map(\.code) == [0, 0])
      #expect(try onlyRecord(nap).status == .finished)
      #expect(try nap.run("runs").output.contains("2 processes"))
      try FileManager.default.removeItem(at: nap.runs)
      let ranks = try step(FaultRun.arguments(tasks: 4_000) + ["--timeout", "3"])
      nap.waitUntilRecorded()
      usleep(1_000_000)
      kill(ranks[1].process.processIdentifier, SIGKILL)
      let found = ended(ranks)
      #expect(found[0].code == 3 && found[0].errors.contains("rank 1"), "\(found[0].errors)")
    }
  }

  @Test func `a rank of another recipe is named before anything is recorded`() throws {
    try withProgram { nap in
      let train = FaultRun.arguments()
      let found = try ends(nap, train, train.map { $0 == "random-labels" ? "rescaling" : $0 })
      #expect(found.map(\.code) == [3, 3] || found.map(\.code) == [3, 2], "\(found)")
      #expect(found[0].errors.contains("rank 1"), "\(found[0].errors)")
      #expect(try Store.open(at: nap.runs).runs().isEmpty)
    }
  }

  @Test func `a rank with other data is named, and no update is made`() throws {
    try withProgram { nap in
      // Two folders of shards that bear one name below two data folders.
      for (name, text) in [("one", "to be or not to be "), ("two", "whether it is nobler to ")] {
        let folder = nap.runs.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "text.txt")
        try Data(String(repeating: text, count: 400).utf8).write(to: file)
        let made = try nap.run(
          "data", "tokenize", file.path, "--tokenizer", "bytes", "-o",
          folder.appending(path: "tokens").path)
        try #require(made.code == 0, "\(made.errors)")
      }
      let train = [
        "train", "language", "--arm", "nap", "--threads", "1", "--set", "texts=~/tokens", "--set",
        "updatesPerTask=20",
      ]
      var own = nap
      own.environment["HOME"] = nap.runs.appending(path: "one").path
      let found = try ends(
        own, environment: ["HOME": nap.runs.appending(path: "two").path], train, train)
      #expect(found.map(\.code) == [3, 3], "\(found)")
      #expect(found[1].errors.contains("data"), "\(found[1].errors)")
      #expect(found[0].errors.contains("rank 1 stopped"), "\(found[0].errors)")
    }
  }
}
