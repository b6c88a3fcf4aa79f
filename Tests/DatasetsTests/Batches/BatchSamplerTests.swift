import Foundation
import Testing

@testable import Datasets

@Suite struct BatchSamplerTests {
  @Test("Without replacement every epoch holds each example once, in another order")
  func epochs() throws {
    let plan = try BatchPlan(exampleCount: 10, batchSize: 4)
    #expect(plan.batchesPerEpoch == 3)
    var sampler = BatchSampler(plan, seed: 5)
    var orders: [[Int]] = []
    for epoch in 0..<3 {
      let batches = (0..<3).map { _ in sampler.nextBatch() }
      #expect(batches.map(\.indices.count) == [4, 4, 2])
      #expect(batches.map(\.epoch) == [epoch, epoch, epoch])
      #expect(batches.map(\.endsEpoch) == [false, false, true])
      orders.append(batches.flatMap(\.indices))
    }
    for order in orders { #expect(order.sorted() == Array(0..<10)) }
    #expect(Set(orders).count == 3)
  }

  @Test("Dropping the last batch leaves whole ones only")
  func dropsLast() throws {
    let plan = try BatchPlan(exampleCount: 10, batchSize: 4, dropsLast: true)
    let batches = Array(BatchSampler(plan, seed: 5).prefix(6))
    #expect(plan.batchesPerEpoch == 2)
    #expect(batches.allSatisfy { $0.indices.count == 4 })
    #expect(batches.map(\.epoch) == [0, 0, 1, 1, 2, 2])
    #expect(Set(batches.flatMap(\.indices)).isSubset(of: 0..<10))
  }

  @Test("Sequential order is the dataset's; with replacement examples repeat")
  func otherOrders() throws {
    let sequential = try BatchPlan(exampleCount: 5, batchSize: 2, order: .sequential)
    #expect(
      BatchSampler(sequential, seed: 1).prefix(4).map(\.indices) == [
        [0, 1], [2, 3], [4], [0, 1],
      ])
    let drawn = try BatchPlan(exampleCount: 50, batchSize: 50, order: .withReplacement)
    let batch = BatchSampler(drawn, seed: 1).prefix(1).flatMap(\.indices)
    #expect(batch.count == 50)
    #expect(Set(batch).count < 45)
    #expect(Set(batch).isSubset(of: 0..<50))
  }

  @Test(
    "A position saved at any batch gives every later batch again, bit for bit",
    arguments: BatchPlan.Order.allCases, [false, true])
  func resume(order: BatchPlan.Order, dropsLast: Bool) throws {
    let plan = try BatchPlan(exampleCount: 11, batchSize: 4, order: order, dropsLast: dropsLast)
    let whole = Array(BatchSampler(plan, seed: 9).prefix(20))
    for stop in 0..<12 {
      var sampler = BatchSampler(plan, seed: 9)
      for _ in 0..<stop { _ = sampler.nextBatch() }
      let data = try JSONEncoder().encode(sampler.position)
      let position = try JSONDecoder().decode(BatchPosition.self, from: data)
      let resumed = try BatchSampler(plan, position: position)
      #expect(resumed.position == sampler.position)
      #expect(Array(resumed.prefix(20 - stop)) == Array(whole[stop...]), "stopped at \(stop)")
    }
  }

  @Test("Other seeds give other batches, the same seed the same")
  func seeds() throws {
    let plan = try BatchPlan(exampleCount: 100, batchSize: 10)
    let first = Array(BatchSampler(plan, seed: 1).prefix(10))
    #expect(first == Array(BatchSampler(plan, seed: 1).prefix(10)))
    #expect(first != Array(BatchSampler(plan, seed: 2).prefix(10)))
  }

  @Test("A position of another plan is refused with both")
  func foreignPosition() throws {
    let plan = try BatchPlan(exampleCount: 10, batchSize: 5)
    var sampler = BatchSampler(plan, seed: 1)
    _ = sampler.nextBatch()
    let position = sampler.position
    for other in [
      try BatchPlan(exampleCount: 10, batchSize: 4), try BatchPlan(exampleCount: 5, batchSize: 5),
      try BatchPlan(exampleCount: 12, batchSize: 5),
      try BatchPlan(exampleCount: 10, batchSize: 5, order: .sequential),
    ] {
      let error = try datasetError { _ = try BatchSampler(other, position: position) }
      #expect(error.kind == .invalidRequest)
      #expect(error.found.contains("offset 5"))
    }
    let negative = BatchPosition(
      epoch: -1, offset: 0, epochStart: position.epochStart, generator: position.generator)
    #expect(
      try datasetError { _ = try BatchSampler(plan, position: negative) }.kind == .invalidRequest)
  }

  @Test("A plan without batches is refused, from JSON too")
  func emptyPlans() throws {
    for (count, size, drops) in [(0, 1, false), (1, 0, false), (3, 4, true), (-1, 1, false)] {
      let error = try datasetError {
        _ = try BatchPlan(exampleCount: count, batchSize: size, dropsLast: drops)
      }
      #expect(error.kind == .invalidRequest)
    }
    let text = #"{"exampleCount":0,"batchSize":1,"order":"sequential","dropsLast":false}"#
    #expect(throws: DatasetError.self) {
      try JSONDecoder().decode(BatchPlan.self, from: Data(text.utf8))
    }
    let plan = try BatchPlan(exampleCount: 3, batchSize: 8)
    let read = try JSONDecoder().decode(BatchPlan.self, from: JSONEncoder().encode(plan))
    #expect(read == plan)
  }
}
