import Foundation
import TestSupport
import Testing
import Torch

@testable import Datasets

@Suite("Sources of batches")
struct BatchSourceTests {
  @Test("Indices, in every order", arguments: BatchPlan.Order.allCases, [false, true])
  func indices(order: BatchPlan.Order, dropsLast: Bool) throws {
    let plan = try BatchPlan(exampleCount: 23, batchSize: 5, order: order, dropsLast: dropsLast)
    var other = BatchSampler(try BatchPlan(exampleCount: 19, batchSize: 5, order: order), seed: 1)
    _ = other.nextBatch()
    let isDrawn = order == .bijection || order == .withoutReplacement
    try BatchSourceLaws.check(
      count: 12,
      epoch: order == .withReplacement
        ? nil : dropsLast ? (batches: 4, examples: 20) : (batches: 5, examples: 23),
      foreign: isDrawn ? [other.position] : [],
      { BatchSampler(plan, seed: 3, share: $0) }, { $0.indices })
  }

  @Test("Indices of examples that lie in blocks")
  func blocks() throws {
    let blocks = ExampleBlocks(counts: [7, 1, 4, 9, 2, 8], together: 2)
    let plan = try BatchPlan(exampleCount: 31, batchSize: 4, order: .bijection, blocks: blocks)
    try BatchSourceLaws.check(
      count: 18, epoch: (batches: 8, examples: 31), { BatchSampler(plan, seed: 3, share: $0) },
      { $0.indices })
    // Two blocks at a time, whole, before others come.
    let epoch = BatchSampler(plan, seed: 3).prefix(8).flatMap(\.indices)
    let starts = [0, 7, 8, 12, 21, 23, 31]
    let order = epoch.map { index in starts.lastIndex { $0 <= index } ?? 0 }
    var (rest, windows) = (order[...], [Set<Int>]())
    while !rest.isEmpty {
      let two = Set(
        rest.reduce(into: [Int]()) { if $0.count < 2, !$0.contains($1) { $0.append($1) } })
      windows.append(two)
      rest = rest.dropFirst(two.reduce(0) { $0 + blocks.counts[$1] })
    }
    #expect(windows.count == 3 && windows.reduce(into: Set<Int>()) { $0.formUnion($1) }.count == 6)
    #expect(order != order.sorted())
    for (counts, total) in [([3, 0], 3), ([3, 2], 6), ([-1, 4], 3)] {
      #expect(throws: DatasetError.self) {
        try BatchPlan(
          exampleCount: total, batchSize: 1, order: .bijection,
          blocks: ExampleBlocks(counts: counts, together: 1))
      }
    }
  }

  @Test("Arrays in memory: tensors, and resident images that are cropped and mirrored")
  func arrays() throws {
    let training = try ProceduralImages().dataset(.train, count: 13)
    let tensors = try training.tensors()
    let plan = try BatchPlan(exampleCount: 13, batchSize: 4)
    try BatchSourceLaws.check(
      count: 7, epoch: (batches: 4, examples: 13),
      { ExampleBatches(BatchSampler(plan, seed: 5, share: $0)) { tensors.batch($0).images } },
      Self.rows)
    let resident = try ResidentImages(
      training, test: training, augmentation: CropAndFlip(), device: .cpu)
    try BatchSourceLaws.check(
      count: 5,
      { Erased(try resident.training(batchSize: 6, draws: SeededGenerator(seed: 2), share: $0)) },
      { Self.rows($0.images) })
  }

  /// The bytes of each example.
  static func rows(_ tensor: Tensor) -> [[Float]] {
    let (count, values) = (tensor.shape[0], tensor.floats)
    return (0..<count).map {
      Array(values[values.count / count * $0..<values.count / count * ($0 + 1)])
    }
  }

  /// A source of images as a type of its own.
  struct Erased: BatchSource {
    var source: ImageBatches.Source
    init(_ source: ImageBatches.Source) { self.source = source }
    var position: BatchPosition { source.position }
    var share: ProcessShare { source.share }
    mutating func nextBatch() throws -> ImageBatches.Examples { try source.nextBatch() }
    mutating func seek(_ position: BatchPosition) throws { try source.seek(position) }
  }

  @Test("Windows of a text are those of the same update before there were sources")
  func tokens() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("text", (0..<500).map { UInt8($0 % 251) })
    let windows = try TokenWindows(TextDataset(name: "text", path: path), length: 8)
    let draws = SeededGenerator(seed: 4)
    try BatchSourceLaws.check(
      count: 6, foreign: [-1], { try TokenBatches(windows, of: 5, generator: draws, share: $0) },
      { batch in (0..<batch.inputs.shape[0]).map { batch.inputs[$0].array(of: Int.self) } })
    var source = try TokenBatches(windows, of: 5, generator: draws)
    try source.seek(9)
    let direct = windows.trainingBatch(of: 5, update: 9, generator: draws)
    #expect(source.nextBatch().targets.isIdentical(to: direct.targets))
    #expect(throws: DatasetError.self) { try TokenBatches(windows, of: 0, generator: draws) }
  }

  @Test("A share that cannot be is refused")
  func shares() {
    for (rank, count) in [(0, 0), (2, 2), (-1, 3)] {
      #expect(throws: DatasetError.self) { try ProcessShare(rank: rank, of: count) }
    }
  }
}

@Suite("Orders that are computed on the fly")
struct BijectionTests {
  @Test(
    "Every number comes once, for any count and key",
    arguments: [1, 2, 3, 63, 64, 65, 1_000, 4_097])
  func permutes(count: Int) {
    for key in [0, 1, .max] as [UInt64] {
      let order = Bijection(count: count, key: key)
      #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
    }
  }

  @Test("Orders of few are nearly equally likely, and neighbours are spread")
  func mixes() {
    var seen: [[Int]: Int] = [:]
    for key in 0..<6_000 as Range<UInt64> {
      let order = Bijection(count: 4, key: key)
      seen[(0..<4).map { order[$0] }, default: 0] += 1
    }
    // 250 of each on average; five standard deviations are 77.
    #expect(seen.count == 24 && seen.values.allSatisfy { (170...330).contains($0) }, "\(seen)")
    let order = Bijection(count: 1_000_003, key: 7)
    let steps = (0..<2_000).map { Double(abs(order[$0 + 1] - order[$0])) / 1_000_003 }
    // The mean distance of two uniform numbers is 1/3, its deviation over 2,000 of them 0.0053.
    let mean: Double = steps.reduce(0, +) / 2_000
    #expect((0.306...0.360).contains(mean), "\(mean)")
    let fixed = (0..<2_000).filter { order[$0] == $0 }
    #expect(fixed.count < 3)
  }
}
