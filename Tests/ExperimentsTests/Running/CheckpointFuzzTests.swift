import Foundation
import TestSupport
import Testing
import Torch

@testable import Experiments

/// Checkpoints that were damaged, and then read and put into a run; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct CheckpointFuzzTests {
  /// A checkpoint of a small run in the middle of a task, without the checksum that would find every damage
  /// before the rest is looked at.
  private static func checkpoint(_ arm: Arm) throws -> [UInt8] {
    try withTemporaryFolder { folder in
      var training = try Small.training(arm)
      _ = try training.advance(17)
      let url = folder.appending(path: "sound.safetensors")
      let identity = Checkpoint.Identity(
        recipe: "random-labels", preset: "small", arm: arm.description, seed: 0,
        configuration: try JSONText.encode(training.configuration), updates: training.updates,
        run: "r", napVersion: NapVersion.current)
      try Checkpoint(identity: identity, snapshot: training.snapshot()).write(to: url)
      let file = try SafetensorsFile(reading: url)
      try SafetensorsFile.write(
        try file.names.map { ($0, try file.tensor($0)) }, metadata: file.metadata, to: url,
        checksum: false)
      return [UInt8](try Data(contentsOf: url))
    }
  }

  /// Header and tensors as of any safetensors file, and the run's state once more.
  private static func law() throws -> ParserLaw {
    ParserLaw(
      "checkpoint", seeds: [try checkpoint(Arm(.nap)), try checkpoint(Arm(.plain))],
      words: [
        "{", "}", "\\\"", "\"", "state.", "\"state.updates\":\"", "\"state.online\":\"", "\"C64\"",
        "\"F64\"", "\"I64\"", "\"version\":\"2\"", "[", "]", "-", "\\n",
      ], factor: 24, constant: 8 << 20)
  }

  private static func isRefusal(_ error: any Error) -> Bool {
    error is CheckpointError || error is SafetensorsError || error is StoredConfigurationError
  }

  @Test func `a damaged checkpoint is refused by name, or the run goes on from it`() async throws {
    let end = await #expect(processExitsWith: .success) {
      Machine.threadCount = 1
      var training = try Small.training(Arm(.nap))
      let plain = try Small.training(Arm(.plain))
      _ = try training.advance(1)
      try Self.law().check(isRefusal: Self.isRefusal) { input in
        let url = try input.file()
        let checkpoint = try Checkpoint(reading: url)
        var run = checkpoint.identity.arm == "plain" ? plain : training
        _ = try StoredConfiguration.read(
          RandomLabels.self, from: checkpoint.identity.configuration, of: url.path)
        try checkpoint.restore(into: &run, path: url.path)
        _ = try run.next()
        #expect(try !run.snapshot().tensors.isEmpty)
      }
    }
    try Self.law().explain(end == nil)
  }
}
