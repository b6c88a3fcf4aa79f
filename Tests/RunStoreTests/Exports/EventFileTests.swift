import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import RunStore

/// TensorBoard's event files, written and read.
@Suite struct EventFileTests {
  /// A run that was resumed after 20 updates, with a part of the network and a value that is not finite.
  private static func run(in store: Store) throws -> Run {
    let run = Run.fixture(seed: 4, name: "board/run")
    try store.create(run)
    func values(_ tasks: Range<Int>) -> [MetricValue] {
      tasks.flatMap { task in
        [
          MetricValue(.taskEndLoss, task: task, updates: 10 * (task + 1), value: Double(task) / 8),
          MetricValue(
            .deadUnits, scope: "hidden0", task: task, updates: 10 * (task + 1),
            value: task == 1 ? .nan : 0.5),
          MetricValue(.seconds, task: task, updates: 10 * (task + 1), value: 3 * Double(task + 1)),
        ]
      }
    }
    try store.append(values(0..<2), to: run.id)
    try store.end(run.id, as: .interrupted, wallSeconds: 6)
    var later = Provenance.fixture()
    later.started += 1_000
    try store.resume(run.id, fromUpdates: 20, provenance: later)
    try store.append(values(2..<4), to: run.id)
    try store.end(run.id, as: .finished, wallSeconds: 6)
    return try store.run(run.id)
  }

  @Test func `CRC-32C is that of RFC 3720, masked as TensorFlow does`() {
    let sum: UInt32 = 0xe306_9283
    #expect(
      RecordFile.masked(Data("123456789".utf8)) == (sum >> 15 | sum << 17) &+ 0xa282_ead8)
  }

  @Test func `an exported run comes back with its tasks, parts, settings and labels, marked`()
    throws
  {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appending(path: "a"))
      let other = try Store.open(at: folder.appending(path: "b"))
      let run = try Self.run(in: store)
      let board = folder.appending(path: "board")
      for _ in 0..<2 { _ = try store.writeEventFiles(of: [run], below: board) }
      let found = try other.importRuns(from: board, provenance: .fixture())
      let read = try other.run(run.id)
      #expect(found.map(\.id) == [run.id] && read.purpose == .imported)
      #expect(
        [read.recipe, read.preset, read.arm, read.name] == [
          run.recipe, run.preset, run.arm, run.name,
        ])
      #expect(read.seed == 4 && read.status == .finished)
      #expect(read.configuration.contains("\"optimizer.learningRate\":0.0003"))
      func plain(_ store: Store) throws -> [MetricValue] {
        try store.values(of: run.id).map {
          var value = $0
          value.value = Double(Float($0.value))
          return value
        }
      }
      #expect(try plain(other) == plain(store))
      #expect(throws: StoreError.exists(identifier: run.id.text, path: other.folder.path)) {
        try other.importRuns(from: board, provenance: .fixture())
      }
    }
  }

  @Test func `a damaged record is refused, and one that is cut off ends the file`() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appending(path: "a"))
      let run = try Self.run(in: store)
      let file = try store.writeEventFiles(of: [run], below: folder)[0]
      let bytes = try Data(contentsOf: file)
      let whole = try RecordFile.payloads(of: bytes, path: "x").count
      #expect(try RecordFile.payloads(of: bytes.dropLast(5), path: "x").count == whole - 1)
      for place in [3, 9, 40, bytes.count - 3] {
        var damaged = bytes
        damaged[place] ^= 1
        try damaged.write(to: file)
        let error = #expect(throws: StoreError.self) {
          try store.importRuns(from: file, provenance: .fixture())
        }
        #expect(error?.description.contains(file.path) == true)
        #expect(error?.description.contains("checksum") == true)
      }
      #expect(try store.runs().count == 1)
    }
  }

  @Test func `other programs' tensors are scalars, and their tags are metrics`() throws {
    try withTemporaryFolder { folder in
      var bytes = Data()
      for (step, content) in [(1, Float(0.5)), (2, 0.25)] {
        var (event, value) = (BoardEvent(), BoardSummary.Value())
        (event.step, event.wallTime) = (Int64(step), 100 + Double(step))
        value.tag = "val/acc"
        value.tensor.dtype = 1
        value.tensor.tensorContent = withUnsafeBytes(of: content.bitPattern.littleEndian) {
          Data($0)
        }
        event.summary.value = [value]
        bytes += RecordFile.framed(try event.serializedData())
      }
      let logs = folder.appending(path: "logs/baseline")
      try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
      try bytes.write(to: logs.appending(path: "events.out.tfevents.1.host"))
      let store = try Store.open(at: folder.appending(path: "runs"))
      let labels = RunLabels(recipe: "cifar", metrics: ["val/acc": "test_accuracy"])
      let run = try store.importRuns(from: folder, labels: labels, provenance: .fixture())[0]
      #expect(run.recipe == "cifar" && run.arm == "baseline" && run.wallSeconds == 1)
      #expect(try store.points(.testAccuracy, of: run.id).map(\.value) == [0.5, 0.25])
    }
  }

  @Test func `TensorBoard reads what is exported and what is written while a run trains`() throws {
    guard Python.has("tensorboard") else { return }
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appending(path: "runs"))
      let run = try Self.run(in: store)
      let exported = try store.writeEventFiles(of: [run], below: folder.appending(path: "a"))[0]
      let live = folder.appending(path: "b")
      func loss(_ updates: Int, _ value: Double) -> MetricValue {
        MetricValue(.taskEndLoss, task: 0, updates: updates, value: value)
      }
      let first = try EventFile(run, below: live)
      try first.add([loss(10, 1), loss(20, 2)])
      // Lost with the process: the run goes on from update 20.
      try first.add([loss(30, 3)])
      usleep(2_000)
      let second = try EventFile(run, below: live, after: 20)
      try second.add([loss(30, 4)])
      try second.end(as: .finished)
      #expect(throws: StoreError.self) { try store.writeEventFiles(of: [run], below: live) }
      let text = try Python.run(
        """
        import sys, json, os
        from tensorboard.backend.event_processing import event_accumulator as ea
        from tensorboard.plugins.hparams import metadata
        def read(folder):
            board = ea.EventAccumulator(folder, size_guidance={ea.SCALARS: 0}).Reload()
            def points(tag): return [[e.step, e.value, e.wall_time] for e in board.Scalars(tag)]
            tags = board.Tags()["scalars"]
            contents = board.summary_metadata
            start = metadata.parse_session_start_info_plugin_data(
                contents["_hparams_/session_start_info"].plugin_data.content)
            end = metadata.parse_session_end_info_plugin_data(
                contents["_hparams_/session_end_info"].plugin_data.content)
            return dict(tags=sorted(tags), loss=points("task_end_loss"),
                        rate=start.hparams["optimizer.learningRate"].number_value,
                        arm=start.hparams["arm"].string_value, status=end.status)
        print(json.dumps([read(os.path.dirname(p)) for p in sys.argv[1:]]))
        """, [exported.path, second.url.path])
      struct Found: Decodable {
        let tags: [String]
        let loss: [[Double]]
        let rate: Double
        let arm: String
        let status: Int
      }
      let found = try JSONDecoder().decode(
        [Found].self, from: Data((text.split(separator: "\n").last ?? "").utf8))
      #expect(found[0].tags == ["dead_units/hidden0", "seconds", "task", "task_end_loss"])
      #expect(found[0].loss.map { $0[0] } == [10, 20, 30, 40])
      #expect(found[0].loss.map { $0[1] } == [0, 0.125, 0.25, 0.375])
      let begun = run.provenance.started.timeIntervalSince1970
      #expect(found[0].loss.map { $0[2] - begun } == [3, 6, 1_003, 1_006])
      #expect(found[1].loss.map { Array($0.prefix(2)) } == [[10, 1], [20, 2], [30, 4]])
      #expect(found.allSatisfy { $0.rate == 0.0003 && $0.arm == "nap" && $0.status == 1 })
    }
  }
}
