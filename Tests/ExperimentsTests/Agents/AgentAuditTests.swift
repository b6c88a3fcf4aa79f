import Foundation
import NormalizeAndProject
import Reinforcement
import RunStore
import TestSupport
import Testing
import Torch

@testable import Experiments

@Suite("What an agent's checkpoint is good for when its run is over")
struct AgentAuditTests {
  /// A session of the tiny grid.
  private static func session(_ arm: String, in folder: URL) throws -> TrainingSession<Control> {
    try TrainingSession<Control>(
      .init(
        preset: "gridworld", arm: arm, configuration: AgentTrainingTests.tiny(arm), seed: 3,
        device: .cpu), store: try Store.open(at: folder))
  }

  @Test("An agent's network is audited: the method's is what it needs, the plain one's is not")
  func arms() throws {
    let nap = try Auditing.report(Control.self, AgentTrainingTests.tiny("nap"), seed: 1)
    #expect(nap.isNormalizeAndProject, "\(nap)")
    #expect(nap.rows.contains { $0.isProjected && $0.verdict == .exact })
    // Mean and deviation of a hidden noisy layer are invariant together alone.
    #expect(nap.rows.contains { "\($0)".contains("hidden.deviation") && $0.isProjected })
    let plain = try Auditing.report(Control.self, AgentTrainingTests.tiny("plain"), seed: 1)
    #expect(!plain.isNormalizeAndProject && plain.rows.allSatisfy { !$0.isProjected })
    var quantiles = try AgentTrainingTests.tiny("nap")
    quantiles.agent.network.distribution = .implicitQuantile(sampleCount: 8)
    #expect(try Auditing.report(Control.self, quantiles, seed: 1).isNormalizeAndProject)
  }

  @Test("A finished run keeps no replay, and its checkpoint is audited and played all the same")
  func finished() throws {
    try withTemporaryFolder { folder in
      var session = try Self.session("nap", in: folder)
      let replay = session.checkpointURL.deletingLastPathComponent().appendingPathComponent(
        "replay")
      for _ in 0..<100 { _ = try session.next() }
      #expect(FileManager.default.fileExists(atPath: replay.path))
      while try session.next() != nil {}
      #expect(!FileManager.default.fileExists(atPath: replay.path))
      #expect(try Store.open(at: folder).run(session.run).status == .finished)
      #expect(try Auditing.report(checkpoint: session.checkpointURL).isNormalizeAndProject)
      let player = try AgentPlayer(checkpoint: session.checkpointURL)
      #expect(try player.play(place: 0, episodes: 1, seed: 0) { _ in }.count == 1)
    }
  }

  @Test(
    "Killed between its last checkpoint and letting the replay go, a run goes on, has nothing to do, and lets go"
  )
  func end() throws {
    try withTemporaryFolder { folder in
      let replay = folder.appendingPathComponent("replay").path
      let configuration = try AgentTrainingTests.tiny("nap")
      var training = try Control.start(configuration, seed: 3, device: .cpu)
      try training.open(in: folder)
      while try training.next() != nil {}
      let snapshot = try training.snapshot()
      // A killed program's thread writes no more.
      try training.files.snapshots?.commit(keeping: [])
      #expect(FileManager.default.fileExists(atPath: replay))
      var again = try Control.start(configuration, seed: 3, device: .cpu)
      try again.restore(snapshot)
      #expect(again.updates == again.totalUpdates)
      #expect(try again.next() == nil)
      try again.discard(in: folder)
      #expect(!FileManager.default.fileExists(atPath: replay))
      // One that has merely not saved yet lets nothing go.
      let fresh = try Control.start(configuration, seed: 3, device: .cpu)
      _ = try fresh.snapshot(in: folder)
      let other = try Control.start(configuration, seed: 3, device: .cpu)
      try other.commit(in: folder)
      #expect(FileManager.default.fileExists(atPath: replay))
    }
  }
}
