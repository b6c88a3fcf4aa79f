import Foundation
import TestSupport
import Testing

@Suite struct KillTests {
  @Test func `runs killed at random moments end with the bytes of an undisturbed run`() throws {
    var harness = KillHarness(arms: ["nap", "fresh"], seed: 20_261_124)
    try harness.kill(10)
    #expect(harness.tally.kills == 10)
    #expect(harness.tally.whileWriting > 0, "no kill hit the writing of a checkpoint")
    #expect(harness.tally.ofResumedRuns > 0, "no resumed run was killed")
  }

  @Test(.enabled(if: isNightly, "200 kills take minutes: make nightly"))
  func `200 random moments, every arm`() throws {
    let seed = UInt64.random(in: 0..<1_000_000)
    var harness = KillHarness(
      arms: ["nap", "plain", "norm", "project", "fresh", "nap+restart", "norm+cyclic"], seed: seed)
    try harness.kill(200)
    print("kills with seed \(seed): \(harness.tally)")
    #expect(harness.tally.kills == 200)
    #expect(harness.tally.whileWriting > 20)
    #expect(harness.tally.betweenSeriesAndCheckpoint > 20)
    #expect(harness.tally.ofResumedRuns > 20)
  }
}
