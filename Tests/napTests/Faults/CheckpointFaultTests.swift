import Experiments
import Foundation
import RunStore
import Testing
import Torch

@Suite struct CheckpointFaultTests {
  private struct Damage: CustomStringConvertible {
    var name: String
    /// Words of the sentence that `nap train --resume` says.
    var words: [String]
    /// Words of the sentence that `nap audit` says, when the audit cannot be made either.
    var auditWords: [String]?
    var apply: (URL) throws -> Void
    var description: String { name }
  }

  /// Writes a checkpoint again after a change, with a checksum that is right.
  private static func rewrite(
    _ url: URL, metadata change: (inout [String: String]) -> Void = { _ in },
    tensors: (inout [(name: String, tensor: Tensor)]) -> Void = { _ in }
  ) throws {
    let file = try SafetensorsFile(reading: url)
    var metadata = file.metadata
    var list = try file.names.map { (name: $0, tensor: try file.tensor($0)) }
    change(&metadata)
    tensors(&list)
    try SafetensorsFile.write(list, metadata: metadata, to: url)
  }

  private static func replaceIdentity(_ url: URL, _ from: String, _ to: String) throws {
    try rewrite(
      url,
      metadata: { metadata in
        metadata["identity"] = metadata["identity"]?.replacingOccurrences(of: from, with: to)
      })
  }

  private static var damages: [Damage] {
    [
      Damage(name: "empty", words: ["expected at least 10 bytes", "found 0 bytes"], auditWords: [])
      {
        try Data().write(to: $0)
      },
      Damage(name: "cut short", words: ["expected", "found", "copy it again"], auditWords: []) {
        let data = try Data(contentsOf: $0)
        try data.prefix(data.count / 2).write(to: $0)
      },
      Damage(
        name: "a huge header", words: ["a header of at most", "found a header"], auditWords: []
      ) {
        var data = try Data(contentsOf: $0)
        data.replaceSubrange(0..<8, with: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
        try data.write(to: $0)
      },
      Damage(name: "a flipped bit", words: ["checksum", "damaged"], auditWords: []) {
        var data = try Data(contentsOf: $0)
        data[data.count - 9] ^= 0x10
        try data.write(to: $0)
      },
      Damage(
        name: "another version",
        words: ["expected version 1", "found version 7", "nap that wrote it"],
        auditWords: []
      ) { try rewrite($0, metadata: { $0["version"] = "7" }) },
      Damage(
        name: "no checkpoint", words: ["expected a checkpoint", "without nap's metadata"],
        auditWords: []
      ) { try rewrite($0, metadata: { $0 = [:] }) },
      Damage(
        name: "another recipe", words: ["expected the checkpoint of run", "rainbow"],
        auditWords: ["expected a checkpoint of random-labels", "rainbow"]
      ) { try replaceIdentity($0, #""recipe":"random-labels""#, #""recipe":"rainbow""#) },
      Damage(
        name: "other settings", words: ["with other settings", "move the file away"],
        auditWords: ["hidden0.weight", "float32[24, 192]"]
      ) { try replaceIdentity($0, "[24,24]", "[32,24]") },
      Damage(
        name: "a network of another shape", words: ["hidden0.weight", "expected float32[24, 192]"],
        auditWords: []
      ) {
        try rewrite(
          $0,
          tensors: { list in
            for index in list.indices where list[index].name == "network.hidden0.weight" {
              list[index].tensor = Tensor.zeros([32, 192])
            }
          })
      },
      Damage(
        name: "another element type",
        words: ["hidden1.weight is float64[24, 24]", "expected float32"],
        auditWords: []
      ) {
        try rewrite(
          $0,
          tensors: { list in
            for index in list.indices where list[index].name == "network.hidden1.weight" {
              list[index].tensor = list[index].tensor.converted(to: .float64)
            }
          })
      },
      Damage(
        name: "an optimizer's tensor missing", words: ["optimizer.", "is missing"], auditWords: []
      ) {
        try rewrite(
          $0,
          tensors: { list in
            list.removeAll { $0.name == "optimizer.first_moment.hidden0.weight" }
          })
      },
      Damage(name: "labels of no class", words: ["a label in 0..<10", "found 99"], auditWords: []) {
        try rewrite(
          $0,
          tensors: { list in
            for index in list.indices where list[index].name == "task.labels" {
              list[index].tensor = Tensor([Int](repeating: 99, count: 64))
            }
          })
      },
      Damage(name: "a position of no epoch", words: ["offset"], auditWords: []) {
        try rewrite(
          $0,
          metadata: { metadata in
            metadata["state.batches"] = metadata["state.batches"]?
              .replacing(#/"offset":\d+/#, with: #""offset":7"#)
          })
      },
      Damage(name: "sums that cannot be", words: ["right answers"], auditWords: []) {
        try rewrite(
          $0,
          metadata: { metadata in
            metadata["state.online"] = #"{"correct":9223372036854775807,"count":1,"lossSum":0}"#
          })
      },
      Damage(name: "a moment after the end", words: ["at update 9999 of"], auditWords: []) {
        try rewrite($0, metadata: { $0["state.updates"] = "9999" })
      },
      Damage(
        name: "two moments", words: ["expected the state after", "found one after 1"],
        auditWords: []
      ) { try rewrite($0, metadata: { $0["state.updates"] = "1" }) },
      Damage(
        name: "settings that overflow", words: ["with other settings"],
        auditWords: ["expected a configuration", "tasks must be 1 to 10,000,000"]
      ) {
        try replaceIdentity($0, #"\"tasks\":30"#, #"\"tasks\":9223372036854775807"#)
      },
      Damage(
        name: "settings of another form", words: ["with other settings"],
        auditWords: ["expected a configuration"]
      ) { try replaceIdentity($0, #"\"tasks\":"#, #"\"works\":"#) },
    ]
  }

  @Test func `a checkpoint that does not fit is one sentence, and harms neither run nor store`()
    throws
  {
    let arguments = FaultRun.arguments(tasks: 30)
    try withProgram { nap in
      let stopped = try nap.started(arguments, andAfter: 3) { $0.interrupt() }
      #expect(stopped.code == 130)
      let before = try onlyRecord(nap)
      let url = RunRecord.checkpoint(of: before.run, in: nap.runs)
      let good = try Data(contentsOf: url)
      for damage in Self.damages {
        try damage.apply(url)
        let bad = try Data(contentsOf: url)
        #expect(bad != good, "\(damage): nothing was damaged")
        let resumed = try nap.run("train", "--resume", before.run.text, "--threads", "1")
        expectOneSentence((resumed.code, resumed.errors), code: 3, url.path, "expected", "found")
        for word in damage.words {
          #expect(resumed.errors.contains(word), "\(damage): \(resumed.errors)")
        }
        let audit = try nap.run("audit", url.path)
        expectOneSentence((audit.code, audit.errors), code: 3, url.path, "expected", "found")
        for word in damage.auditWords ?? [] {
          #expect(audit.errors.contains(word), "\(damage): \(audit.errors)")
        }
        #expect(try Data(contentsOf: url) == bad, "\(damage): the file was changed")
        try good.write(to: url)
        #expect(try onlyRecord(nap) == before, "\(damage): the record was changed")
      }
      let whole = try FaultRun.whole.of(arguments)
      #expect(try nap.resume().code == 0)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test
  func `a run without its checkpoint begins again, and a checkpoint that is a folder is named`()
    throws
  {
    let arguments = FaultRun.arguments(tasks: 20)
    try withProgram { nap in
      #expect(try nap.started(arguments, andAfter: 2) { $0.interrupt() }.code == 130)
      let run = try onlyRecord(nap).run
      let url = RunRecord.checkpoint(of: run, in: nap.runs)
      try FileManager.default.removeItem(at: url)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
      let refused = try nap.run("train", "--resume", run.text)
      expectOneSentence((refused.code, refused.errors), code: 3, url.path, "expected a file")
      let audit = try nap.run("audit", nap.runs.appending(path: "none.safetensors").path)
      expectOneSentence((audit.code, audit.errors), code: 3, "none.safetensors", "No such file")
      try FileManager.default.removeItem(at: url)
      #expect(try nap.run("train", "--resume", run.text, "--threads", "1").code == 0)
      let whole = try FaultRun.whole.of(arguments)
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }
}
