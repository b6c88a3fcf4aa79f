import Environments
import Foundation
import Reinforcement
import Torch

/// Times a replay of game-like frames, 84 x 84 with four stacked: storing, drawing, and snapshots.
///
/// Lines are `replay COMPRESSION-MEASURE median min max count`, in milliseconds; memory stands beside. The
/// frames are drawn here, not taken from a game: flat areas, rows of bricks, moving sprites and a
/// counter, so what LZ4 makes of them is a guide and no more.
struct ReplayCosts {
  var capacity: Int
  var tries: Int
  /// Where snapshots are timed; nowhere when absent.
  var folder: URL?

  func printed() throws {
    for compression in ReplayConfiguration.Compression.allCases {
      var configuration = ReplayConfiguration()
      configuration.capacity = capacity
      configuration.compression = compression
      try measure(configuration)
      // To a file, lines would wait for the end of a run of minutes.
      fflush(nil)
    }
  }

  private func measure(_ configuration: ReplayConfiguration) throws {
    let name = configuration.compression.rawValue
    let space = ObservationSpace(shape: [1, 84, 84], element: .uint8, stack: 4)
    var replay = try Replay(configuration, observations: space)
    var snapshots = try folder.map {
      try ReplaySnapshots(folder: $0.appending(path: "replay-costs-\(name)"))
    }
    var screen = GameScreen()
    var (stores, writes): ([Double], [Double]) = ([], [])
    replay.begin(EpisodeStart(.bytes(screen.frame(0))))
    for index in 1...capacity + configuration.nStep {
      let isLast = index.isMultiple(of: 1_000)
      let step = Step(
        observation: .bytes(screen.frame(index)), reward: 0, end: isLast ? .terminated : nil)
      stores.append(try milliseconds { try replay.append(action: index % 18, step: step) })
      if isLast { replay.begin(EpisodeStart(.bytes(screen.frame(index)))) }
      let write = try milliseconds { _ = try snapshots?.keepUp(with: replay) }
      if write > 1 { writes.append(write) }
    }
    var generator = SeededGenerator(seed: 1)
    var (draws, priorities): ([Double], [Double]) = ([], [])
    for _ in 0..<max(tries, 1) * 10 {
      var batch: ReplayBatch?
      draws.append(
        try milliseconds {
          batch = try replay.sample(
            32, weightExponent: 0.4, generator: &generator, device: .cpu)
        })
      guard let slots = batch?.slots else { continue }
      let values = slots.map { _ in generator.uniform() }
      priorities.append(milliseconds { replay.setPriorities(values, of: slots) })
    }
    line("\(name)-store", stores)
    line("\(name)-sample", draws)
    line("\(name)-priorities", priorities)
    let gibibyte = Double(1 << 30)
    print(
      "replay \(name)-memory "
        + String(
          format: "%.3f GiB for %d transitions, %.3f GiB for a million",
          Double(replay.byteCount)
            / gibibyte, replay.count,
          Double(replay.byteCount) / gibibyte / Double(replay.count) * 1e6))
    guard snapshots != nil else { return }
    line("\(name)-keep-up", writes)
    // It was filled thousands of times faster than an agent would: the thread may come to an end first, as it does
    // there.
    var lastWritten = ContinuousClock.now
    while ContinuousClock.now - lastWritten < .seconds(3) {
      if try snapshots?.keepUp(with: replay) ?? 0 > 0 { lastWritten = .now }
      usleep(5_000)
    }
    for generation in 0..<3 {
      var receipt: ReplaySnapshotReceipt?
      let time = try milliseconds {
        receipt = try snapshots?.write(replay, generation: generation)
        try snapshots?.commit(keeping: [generation])
      }
      line("\(name)-snapshot", [time])
      print("replay \(name)-snapshot-bytes \(receipt?.byteCount ?? 0)")
      for index in 1...1_000 {
        let step = Step(observation: .bytes(screen.frame(index)), reward: 0)
        try replay.append(action: 0, step: step)
        try snapshots?.keepUp(with: replay)
      }
    }
  }

  private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .milliseconds(1)
  }

  private func line(_ name: String, _ times: [Double]) {
    let sorted = times.sorted()
    guard let first = sorted.first, let last = sorted.last else { return }
    print(
      "replay \(name) "
        + String(
          format: "%.4f %.4f %.4f %d", sorted[sorted.count / 2], first, last, sorted.count))
  }
}

/// Screens of a made-up game of bricks.
struct GameScreen {
  private var random = SeededGenerator(seed: 7)
  private var bricks: [UInt8]

  init() {
    let rows: [UInt8] = [60, 85, 110, 135, 160, 185]
    bricks = rows.flatMap { [UInt8](repeating: $0, count: 14) }
  }

  /// The screen at a moment, row by row.
  mutating func frame(_ index: Int) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: 84 * 84)
    func fill(_ rows: Range<Int>, _ columns: Range<Int>, _ value: UInt8) {
      for row in rows { for column in columns { pixels[row * 84 + column] = value } }
    }
    fill(0..<8, 0..<84, 142)
    for digit in 0..<5 where (index >> digit) & 1 == 1 {
      let left = 8 * digit + 3
      fill(1..<6, left..<left + 4, 200)
    }
    fill(8..<84, 0..<3, 142)
    fill(8..<84, 81..<84, 142)
    if random.index(below: 20) == 0 { bricks[random.index(below: bricks.count)] = 0 }
    if random.index(below: 2_000) == 0 { self = GameScreen(random: random) }
    for (place, brick) in bricks.enumerated() where brick > 0 {
      let row = 20 + 3 * (place / 14)
      let column = 3 + place % 14 * 78 / 14
      fill(row..<row + 3, column..<column + 5, brick)
    }
    let paddle = 3 + (index * 3) % 60
    fill(78..<80, paddle..<paddle + 12, 170)
    let (ballRow, ballColumn) = (20 + index % 55, 4 + index * 5 % 75)
    fill(ballRow..<ballRow + 2, ballColumn..<ballColumn + 2, 230)
    for _ in 0..<12 { pixels[8 * 84 + random.index(below: 76 * 84)] = 90 }
    return pixels
  }

  private init(random: SeededGenerator) {
    self.init()
    self.random = random
  }
}
