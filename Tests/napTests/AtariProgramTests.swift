#if Arcade
  import Foundation
  import TestSupport
  import Testing

  @Suite struct AtariProgramTests {
    @Test func `a game is trained and filmed, and what it was played in is said`() throws {
      try withProgram { nap in
        let trained = try nap.run(
          [
            "train", "atari", "--preset", "smoke", "--json", "--name", "small",
            "--set", "environments.framesPerVisit=160", "--set",
            "agent.network.torso=dataEfficient",
            "--set", "recording.evaluateEveryRounds=5",
          ] + AgentFaultRun.agent)
        #expect(trained.code == 0, "\(trained.errors)")
        func facts(_ line: Substring) throws -> [String: [String: String]] {
          let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          return value?["protocol"] as? [String: [String: String]] ?? [:]
        }
        let first = try #require(trained.output.split(separator: "\n").first)
        #expect(first.contains("\"event\":\"run\"") && first.contains("\"resumedAt\":0"))
        let known = try facts(first)
        #expect(known["ALE/Pong"]?["romMD5"] == "60e0ea3cbe0913d39803477945e9e5ec")
        #expect(known["atari"]?["emulatorVersion"] == "0.12.1")

        let frames = nap.runs.appending(path: "video")
        let played = try nap.run(
          "play", "small", "-o", frames.path, "--frames", "40", "--json", "--threads", "1")
        #expect(played.code == 0, "\(played.errors)")
        #expect(try facts(Substring(played.output)) == known)
        let names = try FileManager.default.contentsOfDirectory(atPath: frames.path)
          .filter { $0.hasSuffix(".png") }.sorted()
        // The beginning and ten steps of four frames.
        #expect(names.count == 11)
        let images = try names.map { try Data(contentsOf: frames.appending(path: $0)) }
        #expect(images.allSatisfy { $0.starts(with: [0x89, 0x50, 0x4E, 0x47]) })
        #expect(Set(images).count > 1)

        let shown = try nap.run("runs", "show", "small")
        for metric in ["evaluation_return", "evaluation_score"] {
          #expect(shown.output.contains(metric), "\(metric)")
        }
      }
    }
  }
#endif
