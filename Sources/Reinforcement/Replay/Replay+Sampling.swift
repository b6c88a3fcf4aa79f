import Environments
internal import Foundation
public import Torch

// B batch, S the axes of a stacked state.

extension Replay {
  /// Draws transitions, with replacement, each independently of the others.
  ///
  /// Prioritized: with probability u one of the N uniformly, else in proportion to p^ω, so that
  /// P(i) = (1−u) p_i^ω / Σ p^ω + u/N, and the importance weights are w_i = ((1/N) / P(i))^β over the batch's
  /// largest. Where all priorities are 0, and when sampling is uniform, P(i) = 1/N and the weights are 1.
  ///
  /// - Parameters:
  ///   - batchSize: B, at least 1.
  ///   - weightExponent: β; see ``WeightExponentSchedule``.
  ///   - generator: uniform sampling takes one number a transition, prioritized sampling two.
  ///   - device: where the tensors go.
  /// - Throws: ``ReplayError`` when there is nothing to draw from.
  public func sample(
    _ batchSize: Int, weightExponent: Double, generator: inout SeededGenerator, device: Device
  ) throws -> ReplayBatch {
    guard batchSize >= 1, count >= 1 else {
      throw ReplayError(
        .misuse, "replay", expected: "a batch of at least 1 from at least 1 transition",
        found: "a batch of \(batchSize) from \(count)",
        advice: "store transitions before learning begins")
    }
    var slots: [Int] = []
    var weights: [Double] = []
    for _ in 0..<batchSize {
      let slot = draw(&generator)
      slots.append(slot)
      weights.append(pow(1 / Double(count) / probability(of: slot), weightExponent))
    }
    if let largest = weights.max() { weights = weights.map { $0 / largest } }
    return try batch(slots, weights: weights, device: device)
  }

  /// The probability that a draw gives a slot.
  func probability(of slot: Int) -> Double {
    guard configuration.sampling == .prioritized, tree.total > 0 else { return 1 / Double(count) }
    let mixing = configuration.uniformMixing
    return (1 - mixing) * tree[slot] / tree.total + mixing / Double(count)
  }

  private func draw(_ generator: inout SeededGenerator) -> Int {
    guard configuration.sampling == .prioritized else { return generator.index(below: count) }
    guard generator.uniform() >= configuration.uniformMixing, tree.total > 0 else {
      return generator.index(below: count)
    }
    return tree.index(at: generator.uniform() * tree.total)
  }

  /// Gives transitions new priorities, bounded to 0 and ``ReplayConfiguration/priorityLimit``.
  ///
  /// A slot that a later transition has taken meanwhile is left alone. Does nothing when sampling is uniform.
  ///
  /// - Parameter values: one a slot, such as losses.
  /// - Precondition: none is NaN: a loss that is not a number ends training before.
  public mutating func setPriorities(_ values: [Double], of slots: [ReplaySlot]) {
    precondition(
      values.count == slots.count, "setPriorities: \(values.count) values, \(slots.count) slots")
    guard configuration.sampling == .prioritized else { return }
    for (value, slot) in zip(values, slots) {
      precondition(!value.isNaN, "setPriorities: a priority that is not a number")
      guard starts.indices.contains(slot.index), serial(of: slot.index) == slot.serial else {
        continue
      }
      let priority = min(max(value, 0), configuration.priorityLimit)
      largestPriority = max(largestPriority, priority)
      tree.set(slot.index, to: weight(ofPriority: priority))
    }
  }

  /// How many transitions were stored before the one that lies in a slot.
  func serial(of slot: Int) -> Int {
    let newest = storedCount - 1 - origin
    let behind = (newest - slot) % configuration.capacity
    return origin + newest - behind
  }

  /// The tensors of chosen slots.
  private func batch(_ slots: [Int], weights: [Double], device: Device) throws -> ReplayBatch {
    var (actions, nextRows): ([Int64], [Int]) = ([], [])
    var (returns, discounts): ([Float], [Float]) = ([], [])
    for slot in slots {
      let steps = steps(from: starts[slot])
      actions.append(Int64(rows.next(starts[slot]).map(rows.action) ?? 0))
      nextRows.append(steps.last)
      returns.append(Float(steps.sum))
      discounts.append(Float(steps.discount))
    }
    return ReplayBatch(
      states: try states(slots.map { starts[$0] }, device: device),
      actions: Tensor(actions, device: device), returns: Tensor(returns, device: device),
      discounts: Tensor(discounts, device: device),
      nextStates: try states(nextRows, device: device),
      weights: Tensor(weights.map { Float($0) }, device: device),
      slots: slots.map { ReplaySlot(index: $0, serial: serial(of: $0)) })
  }

  /// The steps of a transition: the row of the last one, Σ γ^i r_i, and the discount after them.
  private func steps(from row: Int) -> (last: Int, sum: Double, discount: Double) {
    var (last, sum, discount) = (row, 0.0, 1.0)
    for _ in 0..<configuration.nStep {
      guard let next = rows.next(last) else { break }
      let marks = rows.marks(next)
      if marks.contains(.start) { break }
      last = next
      sum += discount * rows.reward(last)
      discount *= configuration.discount
      if marks.contains(.discountZero) { return (last, sum, 0) }
      if marks.contains(.end) { break }
    }
    return (last, sum, discount)
  }

  /// The rows of the state that ends in one, oldest first; `nil` where one is not kept.
  func rowsOfState(endingAt row: Int) -> [Int]? {
    var found = [row]
    while found.count < observations.stack, !rows.marks(found[0]).contains(.start) {
      guard let previous = rows.previous(found[0]) else { return nil }
      found.insert(previous, at: 0)
    }
    return found
  }

  /// The stacked states that end in rows, (B, S).
  private func states(_ ends: [Int], device: Device) throws -> Tensor {
    let (frame, stack) = (rows.layout.frameBytes, observations.stack)
    let dtype: DType = observations.element == .uint8 ? .uint8 : .float32
    var damaged: Int?
    let states = Tensor(
      shape: [ends.count] + observations.stackedShape, dtype: dtype, device: device
    ) { raw in
      for (index, end) in ends.enumerated() {
        var offset = index * stack * frame
        for row in rowsOfState(endingAt: end) ?? [end] {
          let target = UnsafeMutableRawBufferPointer(rebasing: raw[offset..<offset + frame])
          if !rows.copyFrame(row, into: target) { damaged = row }
          offset += frame
        }
        // What an episode's beginning lacks comes last, as DQN Zoo has it (`trailing_zero_pad` of its processors).
        UnsafeMutableRawBufferPointer(rebasing: raw[offset..<(index + 1) * stack * frame])
          .initializeMemory(as: UInt8.self, repeating: 0)
      }
    }
    if let damaged {
      throw ReplayError(
        .damaged, "replay", expected: "compressed frames as they were stored",
        found: "frame \(damaged) that LZ4 cannot read",
        advice: "the memory was damaged: resume from the last checkpoint")
    }
    return states
  }
}
