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
    /// The number of streams where there are several.
    var streams: Int?
  }

  /// The small numbers.
  var counters: Counters {
    Counters(
      stored: storedCount, origin: origin,
      oldestRow: starts.isEmpty ? pendingRow : starts[oldestSlot], pendingRow: pendingRow,
      endRow: rows.end, isRunning: isRunning, largestPriorityBits: largestPriority.bitPattern,
      streams: streams.waiting.count > 1 ? streams.waiting.count : nil)
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
    let (end, streamCount) = (counters.endRow, counters.streams ?? 1)
    guard counters.stored >= 0, (1...ReplayStreams.limit).contains(streamCount),
      (0...counters.stored).contains(counters.origin),
      (0...1 << 60).contains(end),
      (0...end).contains(counters.pendingRow),
      (0...end).contains(counters.oldestRow),
      Self.areConsecutive(segments, end: end, layout: layout)
    else { return nil }
    let rows = ReplayRows(layout: layout, segments: segments, end: end)
    var (streams, completed): (ReplayStreams, [Int]) = (ReplayStreams(count: streamCount), [])
    for row in rows.start..<end {
      let marks = rows.marks(row)
      guard marks.stream < streamCount, streams.isInTurn(row, stream: marks.stream) else {
        return nil
      }
      completed += streams.add(row, marks, steps: configuration.nStep)
    }
    let kept = min(counters.stored - counters.origin, configuration.capacity)
    let begun = Array(completed.suffix(kept))
    let isSampled = configuration.sampling == .prioritized
    let largest = Double(bitPattern: counters.largestPriorityBits)
    guard begun.count == kept, leaves.count == (isSampled ? kept : 0),
      leaves.allSatisfy({ $0 >= 0 && $0.isFinite }), largest >= 1, largest.isFinite
    else { return nil }
    restore(counters, rows: rows, begun: begun, streams: streams, tree: SumTree(leaves: leaves))
    let first = rows.start + reach
    guard self.counters == counters,
      begun.allSatisfy({ $0 >= first || self.rowsOfState(endingAt: $0) != nil })
    else { return nil }
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
}
