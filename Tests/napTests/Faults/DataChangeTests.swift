import Foundation
import GRDB
import RunStore
import TestSupport
import Testing

@testable import Datasets

/// Data that are exchanged between two parts of a run, or between two comparisons.
@Suite struct DataChangeTests {
  /// A folder of images in CIFAR-10's form, some records a file, and the program that finds them there.
  private func withImages(_ body: (Program, URL) throws -> Void) throws {
    try withTemporaryFolder { data in
      let folder = data.appending(path: "cifar-10-batches-bin")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for (number, name)
        in (CIFARFormat.cifar10.fileNames(.train) + CIFARFormat.cifar10.fileNames(.test))
        .enumerated()
      {
        try records(seed: number).write(to: folder.appending(path: name))
      }
      try withProgram { nap in
        var program = nap
        program.environment["NAP_DATA"] = data.path
        try body(program, folder)
      }
    }
  }

  private func records(seed: Int) -> Data {
    var bytes = Data()
    for record in 0..<16 {
      bytes.append(UInt8((record + seed) % 10))
      bytes.append(
        contentsOf: (0..<3_072).map { UInt8(truncatingIfNeeded: $0 * (seed + 3) + record) })
    }
    return bytes
  }

  private let settings = [
    "--threads", "1", "--set", "data.imageCount=64", "--set", "data.size=8",
    "--set", "network.hidden=16,16", "--set", "updatesPerTask=8",
    "--set", "recording.checkpointEveryTasks=1",
  ]

  /// Changes one pixel of a file and gives what was there.
  private func change(_ file: URL) throws -> Data {
    let before = try Data(contentsOf: file)
    var after = before
    after[40] ^= 0x80
    try after.write(to: file)
    return before
  }

  @Test func `a run goes on with the very data that it was begun with, or not at all`() throws {
    try withImages { nap, folder in
      let arguments = ["train", "random-labels", "--arm", "nap", "--set", "tasks=12"] + settings
      let whole = try withProgram { other -> RunRecord in
        var other = other
        other.environment = nap.environment
        #expect(try other.run(arguments).code == 0)
        return try onlyRecord(other)
      }
      let stopped = try nap.started(arguments, andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      let before = try onlyRecord(nap)

      // A file of the split is another one, with as many bytes; and one that the run never read.
      let file = folder.appending(path: "data_batch_3.bin")
      let old = try change(file)
      _ = try change(folder.appending(path: "test_batch.bin"))
      let refused = try nap.resume()
      expectOneSentence(
        (refused.code, refused.errors), code: 3, file.path,
        "CRC-32 \(DataFile.checksum(of: Array(old)))",
        "CRC-32 \(DataFile.checksum(of: Array(try Data(contentsOf: file))))",
        "put that file back", before.run.text)
      #expect(try onlyRecord(nap) == before, "record and checkpoint are as they were")

      try old.write(to: file)
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(try onlyRecord(nap).isSame(as: whole))
    }
  }

  @Test func `a comparison takes no run of other data, and none stands beside new ones`() throws {
    try withImages { nap, folder in
      func compare(_ arguments: String...) throws -> Program.Result {
        try nap.run(
          [
            "compare", "random-labels", "--arms", "plain,nap", "--jobs", "1", "--set", "tasks=2",
            "--report", nap.runs.appending(path: "report.csv").path,
          ] + settings + arguments)
      }
      #expect(try compare("--seeds", "1").code == 0)
      let file = folder.appending(path: "data_batch_1.bin")
      let old = try change(file)
      // The same plan again, which would only be shown; a larger one, which would take its runs.
      for seeds in ["1", "2"] {
        let refused = try compare("--seeds", seeds)
        expectOneSentence(
          (refused.code, refused.errors), code: 3, file.path, "was begun with", "--new")
      }
      // What is trained again is trained on what there is; a table of both is refused.
      #expect(try compare("--seeds", "1", "--new").code == 0)
      let runs = try Store.open(at: nap.runs).runs()
      #expect(runs.count == 4)
      let mixed = try nap.run(
        ["report", "-o", nap.runs.appending(path: "m.csv").path] + runs.map(\.id.text))
      #expect(mixed.code == 3 && mixed.errors.contains("data_batch_1.bin"), "\(mixed.errors)")
      // With the old file back, the first plan's runs are sound again.
      try old.write(to: file)
      let more = try compare("--seeds", "2")
      #expect(
        more.code == 0 && more.errors.contains("2 of 4 runs were trained before"), "\(more.errors)")
    }
  }

  @Test func `a run from before sums were kept goes on with a note`() throws {
    try withImages { nap, _ in
      let arguments = ["train", "random-labels", "--set", "tasks=12"] + settings
      let stopped = try nap.started(arguments, andAfter: 2) { $0.interrupt() }
      #expect(stopped.code == 130, "\(stopped.errors)")
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).write {
        try $0.execute(sql: "UPDATE run SET manifest = NULL")
      }
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("note: ") && resumed.errors.contains("without checksums"))
    }
  }

  @Test func `a plan of runs from before sums were kept is taken as it is, with a note`() throws {
    try withImages { nap, _ in
      let compare =
        [
          "compare", "random-labels", "--arms", "plain,nap", "--seeds", "1", "--jobs", "1",
          "--set", "tasks=2", "--report", nap.runs.appending(path: "report.csv").path,
        ] + settings
      #expect(try nap.run(compare).code == 0)
      try DatabaseQueue(path: nap.runs.appending(path: Store.fileName).path).write {
        try $0.execute(sql: "UPDATE run SET manifest = NULL")
      }
      let again = try nap.run(compare)
      #expect(
        again.code == 0 && again.errors.contains("is the same plan and finished"), "\(again.errors)"
      )
      #expect(
        again.errors.contains("note: ") && again.errors.contains("1 others were recorded without"),
        "\(again.errors)")
    }
  }
}
