import Foundation
import Networks
import TestSupport
import Testing
import Texts
import Training

@testable import Experiments

/// What people and other processes write as text, damaged; see `ParserLaw`.
@Suite(.serialized, .timeLimit(.minutes(60))) struct ConfigurationFuzzTests {
  private static let base = RandomLabels.presets[0].configuration

  private static let words = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "=", ".", "null", "true", "-", "1e9", " ", "\n",
    "tasks", "optimizer.", "network.hidden", "nap", "\u{301}", "é",
  ]

  /// The configuration's encoded form is rebuilt for each override, so a constant decides.
  private static func overrideLaw() -> ParserLaw {
    let texts = [
      "tasks=7", "optimizer.learningRate=1e-2", "network.hidden=64,32", "data.source=mnist",
      "schedule.restartsAtTask=true", "optimizer.gradientClip=3", "network.hidden=[1,2,3]",
    ]
    return ParserLaw("override", seeds: texts.map { Array($0.utf8) }, words: words, factor: 100)
  }

  @Test func `a damaged --set is a sentence, or a configuration whose ranges hold`() async {
    let end = await #expect(processExitsWith: .success) {
      Self.overrideLaw().check(
        isRefusal: { $0 is UsageError || $0 is Networks.ConfigurationError }, naming: { _ in nil }
      ) { input in
        let text = String(decoding: input.bytes, as: UTF8.self)
        let override = try ConfigurationOverride(parsing: text)
        let changed = try [override].applied(to: Self.base)
        _ = try RandomLabels.validate(changed)
        try Self.use(changed)
      }
    }
    Self.overrideLaw().explain(end == nil)
  }

  /// The decoder's index and one value a token.
  private static func configurationLaw() throws -> ParserLaw {
    var other = base
    other.optimizer.gradientClip = 3
    other.schedule.kind = .cosine
    other.schedule.curve[Schedule.Decay.self]?.decayUpdates = 100
    let seeds = try [base, other].map { Array(try JSONText.encode($0).utf8) }
    var wide = base
    wide.network.hidden = [Int](repeating: 7, count: 40_000)
    return ParserLaw(
      "configuration", seeds: seeds, words: words, factor: 100,
      large: Array(try JSONText.encode(wide).utf8))
  }

  @Test func `a damaged stored configuration is refused by its owner's name, or its ranges hold`()
    async throws
  {
    let end = await #expect(processExitsWith: .success) {
      try Self.configurationLaw().check(isRefusal: { $0 is StoredConfigurationError }) { input in
        try Self.use(
          StoredConfiguration.read(
            RandomLabels.self, from: String(decoding: input.bytes, as: UTF8.self), of: input.path))
      }
    }
    try Self.configurationLaw().explain(end == nil)
  }

  /// Whatever passed must be usable without a trap: arms, schedules, listing.
  private static func use(_ configuration: ContinualConfiguration) throws {
    for arm in Arm.all {
      let changed = configuration.applying(arm)
      guard (try? changed.schedule.validate()) != nil else { continue }
      for update in [0, 1, configuration.updatesPerTask - 1] {
        _ = changed.schedule.rate(
          update: update, updateInTask: update, base: changed.optimizer.learningRate)
      }
    }
    #expect(try !ConfigurationListing.rows(configuration).isEmpty)
    try configuration.network.validate(inputShape: [3, 8, 8], classes: 10)
  }

  private struct NotALine: Error {}
  private struct WrongLines: Error, CustomStringConvertible {
    var description: String
  }

  /// A line at a time, split and decoded.
  private static func lineLaw() throws -> ParserLaw {
    let line = try JSONText.encode(ProgressLine(updates: 3, total: 10, task: 1))
    let task = #"{"event":"task","measurements":{"task_end_loss":0.5},"task":1,"updates":3}"#
    return ParserLaw(
      "progress-line", seeds: [Array("\(line)\n\(task)\n\(line)\n".utf8), Array(line.utf8)],
      words: words, factor: 100, share: 0.7)
  }

  @Test func `damaged lines of a run are passed over, and counts that cannot be are not believed`()
    async throws
  {
    let end = await #expect(processExitsWith: .success) {
      try Self.lineLaw().check(isRefusal: { $0 is NotALine }, naming: { _ in nil }) { input in
        let buffer = LineBuffer()
        try buffer.pipe.fileHandleForWriting.write(contentsOf: Data(input.bytes))
        try buffer.pipe.fileHandleForWriting.close()
        buffer.drain()
        let lines = buffer.takeLines()
        let count = input.bytes.split(separator: 10, omittingEmptySubsequences: false).count
        let expected = count - (input.bytes.last == 10 || input.bytes.isEmpty ? 1 : 0)
        guard lines.count == expected else {
          throw WrongLines(description: "\(lines.count) lines of \(expected)")
        }
        let progress = lines.compactMap(ProgressLine.init)
        for line in progress {
          #expect((0...line.total).contains(line.updates) && line.task >= 0)
        }
        if progress.isEmpty { throw NotALine() }
      }
    }
    try Self.lineLaw().explain(end == nil)
  }
}
