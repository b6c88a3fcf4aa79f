#if Arcade
  import Arcade
  import Foundation
  import Reinforcement
  import RunStore
  import TestSupport
  import Testing
  import Torch

  @Suite struct AtariFaultTests {
    /// What can become of a game's image.
    enum Fault: CaseIterable {
      case missing
      case altered

      /// Words of the sentence about it.
      var words: (found: String, remedy: String) {
        switch self {
        case .missing: ("the game's image is missing", "NAP_ROMS names the folder of images")
        case .altered: ("an altered or unknown image", "Tools/setup brings the right one")
        }
      }

      func befall(_ image: URL) throws {
        guard self == .altered else { return try FileManager.default.removeItem(at: image) }
        var bytes = try Data(contentsOf: image)
        bytes[100] ^= 1
        try bytes.write(to: image, options: .atomic)
      }
    }

    /// Visits to Pong of 20 steps and five rounds each, each saved at its end.
    private static func arguments(visits: Int, _ more: String...) -> [String] {
      [
        "train", "atari", "--preset", "smoke", "--set", "environments.visits=\(visits)",
        "--set", "environments.framesPerVisit=80", "--set", "agent.network.torso=dataEfficient",
        "--set", "recording.evaluateEveryRounds=0",
      ] + AgentFaultRun.agent + more
    }

    /// Runs `body` with a program that finds no image but a copy of Pong's.
    private func withImage(_ body: (_ nap: Program, _ image: URL) throws -> Void) throws {
      try withProgram { nap in
        try withTemporaryFolder { folder in
          let image = folder.appending(path: "pong.bin")
          try FileManager.default.copyItem(
            at: AtariROMs.folder.appending(path: "pong.bin"), to: image)
          var own = nap
          own.environment["NAP_ROMS"] = folder.path
          try body(own, image)
        }
      }
    }

    @Test func `a game without its own image is named before anything is recorded`() throws {
      try withImage { nap, image in
        // The second game's image is looked for before the first game is played.
        let games = Self.arguments(visits: 1, "--env", "atari:pong,atari:breakout")
        let other = image.deletingLastPathComponent().appending(path: "breakout.bin")
        let missing = try nap.run(games)
        expectOneSentence(
          (missing.code, missing.errors), code: 3, "ALE/Breakout", other.path,
          Fault.missing.words.found, Fault.missing.words.remedy)
        try FileManager.default.copyItem(at: image, to: other)
        let mistaken = try nap.run(games)
        expectOneSentence(
          (mistaken.code, mistaken.errors), code: 3, other.path, "expected the MD5 sum",
          "the image of pong", Fault.altered.words.remedy)
        #expect(try RunRecord(nap.runs) == nil)
      }
    }

    @Test(arguments: Fault.allCases)
    func `an image that is lost or altered fails the run, which goes on once it is back`(
      fault: Fault
    ) throws {
      let arguments = Self.arguments(visits: 6)
      let whole = try FaultRun.whole.of(arguments)
      try withImage { nap, image in
        let good = try Data(contentsOf: image)
        // Each visit opens the game again.
        let failed = try nap.started(arguments, andAfter: 1) { _ in try fault.befall(image) }
        expectOneSentence(
          (failed.code, failed.errors), code: 3, "ALE/Pong", image.path, fault.words.found,
          fault.words.remedy)
        let before = try onlyRecord(nap)
        #expect(before.status.state == "failed")
        #expect((before.state?.updates ?? 0) >= 5)
        #expect(before.problems(asBeginningOf: whole) == [])
        let refused = try nap.resume()
        expectOneSentence(
          (refused.code, refused.errors), code: 3, image.path, fault.words.found,
          fault.words.remedy)
        #expect(try onlyRecord(nap) == before)
        try good.write(to: image)
        #expect(try nap.resume().code == 0)
        #expect(try onlyRecord(nap).isSame(as: whole))
      }
    }

    @Test func `a checkpoint of an agent with other actions is refused and harms nothing`() throws {
      try withProgram { other in
        let all = try other.run(
          Self.arguments(visits: 1, "--set", "environments.atari.actionSet=full"))
        #expect(all.code == 0, "\(all.errors)")
        let foreign = try onlyRecord(other).run
        let theirs = RunRecord.checkpoint(of: foreign, in: other.runs)
        try withProgram { nap in
          let stopped = try nap.started(Self.arguments(visits: 6), andAfter: 1) { $0.interrupt() }
          #expect(stopped.code == 130, "\(stopped.errors)")
          let before = try onlyRecord(nap)
          let url = RunRecord.checkpoint(of: before.run, in: nap.runs)
          let good = try Data(contentsOf: url)
          try Data(contentsOf: theirs).write(to: url)
          let mistaken = try nap.resume(before.run)
          expectOneSentence(
            (mistaken.code, mistaken.errors), code: 3, url.path,
            "expected the checkpoint of run \(before.run)", "found one of run \(foreign)",
            "put the run's own checkpoint back")
          // Their network under the run's own name.
          try good.write(to: url)
          try Self.exchange(networkIn: url, forThatOf: theirs)
          let resumed = try nap.resume(before.run)
          expectOneSentence(
            (resumed.code, resumed.errors), code: 3, url.path,
            "advantage.output.weight is float32[918, 16], expected float32[306, 16]",
            "put the run's own checkpoint back")
          let played = try nap.run("play", url.path, "--no-video", "--threads", "1")
          expectOneSentence(
            (played.code, played.errors), code: 3, url.path,
            "expected the agent that its settings describe",
            "advantage.output.weight is float32[918, 16], expected float32[306, 16]")
          try good.write(to: url)
          #expect(try onlyRecord(nap) == before)
        }
      }
    }

    /// Writes a checkpoint again with the tensors of another, but for the environment's, and a right checksum.
    private static func exchange(networkIn url: URL, forThatOf other: URL) throws {
      let own = try SafetensorsFile(reading: url)
      let foreign = try SafetensorsFile(reading: other)
      let tensors = try foreign.names.map { name -> (name: String, tensor: Tensor) in
        let file = name.hasPrefix("environment.") ? own : foreign
        return (name, try file.tensor(name))
      }
      try SafetensorsFile.write(tensors, metadata: own.metadata, to: url)
    }

    @Test func `runs under other rules stand in one report only where that is asked for`() throws {
      try withProgram { nap in
        for (name, more) in [("zoo", "dqnZoo"), ("sticky", "machado2018")] {
          let trained = try nap.run(
            Self.arguments(visits: 2, "--name", name, "--set", "environments.atari=\(more)"))
          #expect(trained.code == 0, "\(trained.errors)")
        }
        let report = nap.runs.appending(path: "report.csv").path
        let refused = try nap.run("report", "zoo", "sticky", "-o", report)
        expectOneSentence(
          (refused.code, refused.errors), code: 3, "different protocols",
          "atari.rules.repeatActionProbability: 0 against 0.25", "--mix-protocols")
        #expect(!FileManager.default.fileExists(atPath: report))
        let mixed = try nap.run("report", "zoo", "sticky", "-o", report, "--mix-protocols")
        #expect(mixed.code == 0, "\(mixed.errors)")
        #expect(FileManager.default.fileExists(atPath: report))
      }
    }
  }
#endif
