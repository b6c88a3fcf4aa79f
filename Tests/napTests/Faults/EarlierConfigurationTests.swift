import Experiments
import Foundation
import GRDB
import RunStore
import TestSupport
import Testing
import Torch

@Suite struct EarlierConfigurationTests {
  /// A configuration as earlier versions stored it, with settings of kinds that are not chosen.
  private func earlier(_ text: String) -> String {
    text.replacing(
      #""kind":"mlp""#,
      with:
        #""channels":[32,32,32],"convolutions":[2,2,2],"heads":4,"kernels":[5,3,3],"kind":"mlp""#
    )
    .replacing(#""kind":"adam""#, with: #""kind":"adam","momentum":0,"nesterov":false"#)
    .replacing(#""kind":"constant""#, with: #""decayUpdates":0,"finalRate":0,"kind":"constant""#)
    .replacing(#""kind":"randomLabels""#, with: #""classesPerTask":2,"kind":"randomLabels""#)
  }

  /// Makes a run what an earlier version would have left: in the store and in the checkpoint.
  private func makeEarlier(_ run: StoreIdentifier, in runs: URL) throws {
    let database = try DatabaseQueue(path: runs.appending(path: Store.fileName).path)
    try database.write { database in
      let text = try #require(
        try String.fetchOne(database, sql: "SELECT configuration FROM run"))
      #expect(earlier(text).utf8.count > text.utf8.count + 100)
      try database.execute(sql: "UPDATE run SET configuration = ?", arguments: [earlier(text)])
    }
    try database.close()
    let url = RunRecord.checkpoint(of: run, in: runs)
    let file = try SafetensorsFile(reading: url)
    var metadata = file.metadata
    var identity = try JSONDecoder().decode(
      Checkpoint.Identity.self, from: Data(try #require(metadata["identity"]).utf8))
    identity.configuration = earlier(identity.configuration)
    metadata["identity"] = String(decoding: try JSONEncoder().encode(identity), as: UTF8.self)
    try SafetensorsFile.write(
      try file.names.map { ($0, try file.tensor($0)) }, metadata: metadata, to: url)
  }

  @Test func `a run stored with settings of other kinds is listed, and goes on to the same bytes`()
    throws
  {
    let arguments = FaultRun.arguments()
    let whole = try FaultRun.whole.of(arguments)
    try withProgram { nap in
      #expect(try nap.started(arguments, andAfter: 2) { $0.interrupt() }.code == 130)
      try makeEarlier(try onlyRecord(nap).run, in: nap.runs)
      let listed = try nap.run(["runs"])
      #expect(listed.code == 0 && listed.output.contains("random-labels"), "\(listed)")
      let resumed = try nap.resume()
      #expect(resumed.code == 0, "\(resumed.errors)")
      let record = try onlyRecord(nap)
      #expect(record.status == .finished && record.isSame(as: whole))
    }
  }
}
