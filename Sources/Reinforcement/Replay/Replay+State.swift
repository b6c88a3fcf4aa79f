import Environments

extension Replay {
  /// The small numbers of a replay's state.
  struct Counters: Codable, Hashable, Sendable {
    /// Transitions ever stored.
    var stored: Int
    /// How many of them had been at the last clearing.
    var origin: Int
    /// The row in which the oldest transition that is kept begins, the first waiting row when there is none.
    var oldestRow: Int
    /// The oldest row that waits for more steps.
    var pendingRow: Int
    /// The number of the next row.
    var endRow: Int
    /// Whether an episode runs.
    var isRunning: Bool
    /// The bits of the largest priority seen, which JSON might round.
    var largestPriorityBits: UInt64
  }

  /// The small numbers.
  var counters: Counters {
    Counters(
      stored: storedCount, origin: origin,
      oldestRow: starts.isEmpty ? pendingRow : starts[oldestSlot], pendingRow: pendingRow,
      endRow: rows.end, isRunning: isRunning, largestPriorityBits: largestPriority.bitPattern)
  }

  /// A replay from its saved parts; which row each transition begins in follows from the rows.
  ///
  /// - Parameters:
  ///   - segments: each sound by itself.
  ///   - leaves: p^ω of each slot, none when sampling is uniform.
  /// - Returns: `nil` where the parts do not fit one another.
  init?(
    _ configuration: ReplayConfiguration, observations: ObservationSpace, counters: Counters,
    segments: [ReplaySegment], leaves: [Double]
  ) throws {
    try self.init(configuration, observations: observations)
    let layout = ReplaySegment.Layout(configuration, observations)
    let end = counters.endRow
    guard counters.stored >= 0, (0...counters.stored).contains(counters.origin),
      (0...1 << 60).contains(end),
      (0...end).contains(counters.pendingRow),
      (0...counters.pendingRow).contains(counters.oldestRow),
      let kept = Self.keptCount(counters, capacity: configuration.capacity),
      Self.areConsecutive(segments, end: end, layout: layout)
    else { return nil }
    let rows = ReplayRows(layout: layout, segments: segments, end: end)
    let firstNeeded = max(counters.oldestRow - observations.stack + 1, 0)
    // The rows of a stack may be those of an episode that has gone; then an episode's first row comes first.
    guard rows.start <= counters.oldestRow,
      segments.isEmpty || rows.start <= firstNeeded
        || Self.hasStart(rows, in: rows.start..<min(counters.oldestRow + 1, end))
    else { return nil }
    var begun: [Int] = []
    for row in counters.oldestRow..<counters.pendingRow
    where !rows.marks(row).contains(.end) && row + 1 < end
      && !rows.marks(row + 1).contains(.start)
    {
      begun.append(row)
    }
    let isSampled = configuration.sampling == .prioritized
    let largest = Double(bitPattern: counters.largestPriorityBits)
    guard begun.count == kept, leaves.count == (isSampled ? kept : 0),
      leaves.allSatisfy({ $0 >= 0 && $0.isFinite }), largest >= 1, largest.isFinite,
      !counters.isRunning || (counters.pendingRow < end && rows.start < end)
    else { return nil }
    self.restore(counters, rows: rows, begun: begun, tree: SumTree(leaves: leaves))
  }

  /// How many transitions are kept, `nil` for more than memory has numbers.
  private static func keptCount(_ counters: Counters, capacity: Int) -> Int? {
    let kept = min(counters.stored - counters.origin, capacity)
    return kept <= counters.pendingRow - counters.oldestRow ? kept : nil
  }

  private static func areConsecutive(
    _ segments: [ReplaySegment], end: Int, layout: ReplaySegment.Layout
  ) -> Bool {
    var next = segments.first?.firstRow ?? end
    guard next >= 0 else { return false }
    for (index, segment) in segments.enumerated() {
      let isLast = index == segments.count - 1
      guard segment.firstRow == next,
        isLast ? segment.count > 0 : segment.count == layout.rows
      else { return false }
      next += segment.count
    }
    return next == end
  }

  private static func hasStart(_ rows: ReplayRows, in range: Range<Int>) -> Bool {
    range.contains { rows.marks($0).contains(.start) }
  }
}
