import Foundation
import RunStore
import Testing

@Suite("Protocol manifests")
struct ProtocolManifestTests {
  static let pong = ProtocolManifest(groups: [
    "ALE/Pong": ["romMD5": "60e0"],
    "atari": ["rules.frameCap": "108000", "emulatorVersion": "0.12.1"],
  ])

  @Test("Groups that both have must say the same; others do not count")
  func differences() {
    var other = Self.pong
    #expect(Self.pong.differences(from: other).isEmpty)
    other.groups["atari"]?["rules.frameCap"] = "18000"
    other.groups["atari"]?["rules.luma"] = "0.3"
    #expect(
      Self.pong.differences(from: other) == [
        "atari.rules.frameCap: 108000 against 18000", "atari.rules.luma: none against 0.3",
      ])
    let breakout = ProtocolManifest(groups: [
      "ALE/Breakout": ["romMD5": "f34f"], "atari": Self.pong.groups["atari"] ?? [:],
    ])
    #expect(Self.pong.differences(from: breakout).isEmpty)
    #expect(
      Self.pong.lines == [
        "ALE/Pong.romMD5 = 60e0", "atari.emulatorVersion = 0.12.1", "atari.rules.frameCap = 108000",
      ])
  }

  @Test("Among runs each group is compared wherever it first stands; runs without a manifest agree")
  func amongRuns() {
    var altered = Self.pong
    altered.groups["ALE/Pong"]?["romMD5"] = "ffff"
    let gridworld = ProtocolManifest(groups: ["SwitchingGridworld": ["actions": "4"]])
    let manifests = [gridworld, Self.pong, nil, Self.pong, altered]
    let runs = manifests.map { Run.fixture(manifest: $0) }
    #expect(
      ProtocolManifest.differences(among: runs) == ["ALE/Pong.romMD5: 60e0 against ffff"])
    #expect(ProtocolManifest.differences(among: Array(runs.dropLast())).isEmpty)
    #expect(ProtocolManifest.differences(among: []).isEmpty)
  }

  @Test("The store and an exported file give a run's manifest back")
  func kept() throws {
    try withTemporaryFolder { folder in
      let store = try Store.open(at: folder.appendingPathComponent("one"))
      let run = Run.fixture(manifest: Self.pong)
      try store.create(run)
      #expect(try store.run(run.id).manifest == Self.pong)
      let other = try Store.open(at: folder.appendingPathComponent("two"))
      try other.importArchive(store.archive(of: run.id), path: "run.json")
      #expect(try other.run(run.id).manifest == Self.pong)
    }
  }
}
