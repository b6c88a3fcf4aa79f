import Experiments
import Foundation
import GRDB
import RunStore
import Testing
import Torch

@Suite struct EarlierFreshTests {
  /// Makes a run of `fresh-norm` what an earlier build would have left of its arm `fresh`: in the store and in the
  /// checkpoint.
  private func makeEarlier(_ run: StoreIdentifier, in runs: URL) throws {
    let database = try DatabaseQueue(path: runs.appending(path: Store.fileName).path)
    try database.write { database in
      try database.execute(sql: "UPDATE run SET arm = 'fresh', name = 'random-labels/demo/fresh/0'")
      try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '5 %'")
    }
    try database.close()
    let url = RunRecord.checkpoint(of: run, in: runs)
    let file = try SafetensorsFile(reading: url)
    var metadata = file.metadata
    let identity = try #require(metadata["identity"])
    let earlier = identity.replacing(#""arm":"fresh-norm""#, with: #""arm":"fresh""#)
    #expect(earlier != identity)
    metadata["identity"] = earlier
    try SafetensorsFile.write(
      try file.names.map { ($0, try file.tensor($0)) }, metadata: metadata, to: url)
  }

  @Test func `a run of the arm that earlier builds called fresh goes on as the arm that it is`()
    throws
  {
    let arguments = FaultRun.arguments(arm: "fresh-norm")
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      #expect(try nap.started(arguments, andAfter: 2) { $0.interrupt() }.code == 130)
      let run = try onlyRecord(nap).run
      try makeEarlier(run, in: nap.runs)
      #expect(try Store.open(at: nap.runs, for: .readOnly).run(run).arm == "fresh-norm")
      let url = RunRecord.checkpoint(of: run, in: nap.runs)
      #expect(try Checkpoint(reading: url).identity.arm == "fresh-norm")
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status == .finished && record.isSame(as: whole))
      #expect(try Store.open(at: nap.runs, for: .readOnly).run(run).arm == "fresh-norm")
      // It is not the network as written that starts again.
      let other = try nap.run(FaultRun.arguments(arm: "fresh"))
      #expect(other.code == 0, "\(other.errors)")
      let runs = try Store.open(at: nap.runs, for: .readOnly).runs()
      #expect(Set(runs.map(\.arm)) == ["fresh", "fresh-norm"])
    }
  }
}
