import Foundation
import TestSupport
import Testing
import Texts
import Torch
import Training

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
        configuration: try JSONText.encode(training.source.configuration),
        updates: training.updates,
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

  private static let keys = [
    "identity", "version", "format", "state.updates", "state.batches", "state.labelGenerator",
    "state.online",
  ]

  /// One value of the metadata, after a byte that says which; or 255, and which tensor becomes what.
  private static func stateLaw(_ metadata: [String: String]) -> ParserLaw {
    let values = keys.enumerated().map { index, key in
      [UInt8(index)] + Array((metadata[key] ?? "").utf8)
    }
    return ParserLaw(
      "checkpoint-state", seeds: values + [[255, 1, 7], [255, 7, 7]],
      words: ["{", "}", "\"", "[", "]", ",", "-", "\"offset\":", "\"epoch\":", "\"count\":", "f"],
      factor: 400, constant: 8 << 20)
  }

  /// What becomes of a tensor.
  private static func changed(_ tensor: Tensor, _ kind: UInt8) -> Tensor {
    switch kind % 8 {
    case 0: tensor.converted(to: .complex64)
    case 1: tensor.converted(to: .float64)
    case 2: tensor.converted(to: .int64)
    case 3: tensor.converted(to: .bool)
    case 5: Tensor.full(tensor.shape, value: .integer(Int.min)).converted(to: tensor.dtype)
    case 6: Tensor.zeros([0])
    case 4: tensor.reshaped(to: tensor.shape + [1])
    default: tensor
    }
  }

  @Test func `a sound file with a damaged state is refused by name, or the run goes on from it`()
    async throws
  {
    let end = await #expect(processExitsWith: .success) {
      Machine.threadCount = 1
      let folder = FileManager.default.temporaryDirectory.appending(path: "nap-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let url = folder.appending(path: "sound.safetensors")
      try Data(Self.checkpoint(Arm(.nap))).write(to: url)
      let file = try SafetensorsFile(reading: url)
      let tensors = try file.names.map { ($0, try file.tensor($0)) }
      let training = try Small.training(Arm(.nap))
      Self.stateLaw(file.metadata).check(isRefusal: Self.isRefusal) { input in
        var (metadata, tensors) = (file.metadata, tensors)
        let which = Int(input.bytes.first ?? 0)
        if which < 128 {
          let value = String(decoding: input.bytes.dropFirst(), as: UTF8.self)
          metadata[Self.keys[which % Self.keys.count]] = value
        } else if input.bytes.count > 2 {
          let index = Int(input.bytes[1]) % tensors.count
          tensors[index].1 = Self.changed(tensors[index].1, input.bytes[2])
        }
        let target = URL(fileURLWithPath: input.path)
        try SafetensorsFile.write(tensors, metadata: metadata, to: target)
        let checkpoint = try Checkpoint(reading: target)
        _ = try StoredConfiguration.read(
          RandomLabels.self, from: checkpoint.identity.configuration, of: target.path)
        var run = training
        try checkpoint.restore(into: &run, path: target.path)
        _ = try run.next()
      }
    }
    Self.stateLaw([:]).explain(end == nil)
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
        let checkpoint = try Checkpoint(reading: url, requiresChecksum: false)
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
