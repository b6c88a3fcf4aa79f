import Foundation
import RunStore
import TestSupport
import Testing

/// Environments whose state nothing can write down, such as Gymnasium's LunarLander.
@Suite(.enabled(if: FragileWorld.isInstalled)) struct UnsavableWorldTests {
  @Test
  func `a world that cannot be saved is told of before the first step and trained all the same`()
    throws
  {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      try world.begin(.unsavable)
      let nap = world.program("runs")
      let result = try nap.run(FragileWorld.arguments)
      #expect(result.code == 0, "\(result.errors)")
      let warned = try #require(
        result.errors.range(of: "cannot be saved in the middle of an episode"))
      let begun = try #require(result.errors.range(of: "finished in"))
      #expect(warned.lowerBound < begun.lowerBound && result.errors.contains("pickle"))
      let record = try onlyRecord(nap)
      #expect(record.status == .finished && record.state?.updates == 60)
    }
  }

  @Test func `it goes on from its weights and its replay at the next episode, and says so`() throws
  {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      try world.begin(.unsavable)
      try world.begin(.death)
      let nap = world.program("runs")
      let died = try nap.run(FragileWorld.arguments)
      #expect(died.code == 3, "\(died.errors)")
      let before = try onlyRecord(nap)
      let saved = try #require(before.state)
      // Saved after 40 steps, in the middle of the first episode's 50 or of a later one.
      #expect(saved.updates == 20 && saved.values["environment.unsaved"] != nil)
      #expect(saved.names.contains { $0.hasPrefix("network.") })
      #expect(!saved.names.contains { $0.hasPrefix("environment.state") })
      try world.end(.death)
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("continues at the next episode"), "\(resumed.errors)")
      let after = try onlyRecord(nap)
      #expect(after.status == .finished && after.state?.updates == 60)
      // What was recorded up to the checkpoint stays.
      #expect(before.values.filter { $0.updates <= 20 }.allSatisfy(after.values.contains))
    }
  }

  @Test func `a plan says it once`() throws {
    try withTemporaryFolder { folder in
      let world = try FragileWorld(in: folder)
      try world.begin(.unsavable)
      let nap = world.program("runs")
      let result = try nap.run(
        ["compare"] + FragileWorld.arguments.dropFirst() + [
          "--arms", "plain,nap", "--seeds", "1", "--report",
          folder.appending(path: "report.csv").path,
        ])
      #expect(result.code == 0, "\(result.errors)")
      let count = result.errors.components(separatedBy: "cannot be saved in the middle").count - 1
      #expect(count == 1, "\(result.errors)")
    }
  }

  #if os(Linux)
    @Test(arguments: [SIGTERM, SIGUSR1, SIGUSR2, SIGXCPU])
    func `a warning that every process of the job gets ends the world no sooner than the run`(
      signal: Int32
    ) throws {
      try withTemporaryFolder { folder in
        let world = try FragileWorld(in: folder)
        var nap = world.program("runs")
        // A session of its own, so that the whole group can be signalled.
        nap.launcher = ["/usr/bin/setsid", "--wait"]
        let (process, output, errors) = try nap.start(FragileWorld.arguments(steps: 3000))
        let readers = [Reader(output), Reader(errors)]
        let file = nap.runs.appending(path: Store.fileName).path
        let deadline = ContinuousClock.now + .seconds(60)
        var group: pid_t?
        while group == nil, ContinuousClock.now < deadline {
          usleep(20_000)
          guard FileManager.default.fileExists(atPath: file) else { continue }
          let run = try? Store.open(at: nap.runs, for: .readOnly).runs().first
          group = run.map { pid_t($0.provenance.processIdentifier) }
        }
        usleep(300_000)
        kill(-(try #require(group)), signal)
        process.waitUntilExit()
        let text = readers.map { $0.finish() }.joined()
        #expect(text.contains("everything is saved"), "\(text)")
        #expect(try onlyRecord(nap).status == .interrupted)
        #expect(try nap.resume().code == 0)
      }
    }
  #endif
}
