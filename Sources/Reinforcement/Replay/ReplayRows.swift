import DequeModule
import Environments

/// The rows of a replay in order, in segments: the newest are added, the oldest go a segment at a time.
///
/// Rows are numbered over the replay's life, so no number is ever used twice and nothing wraps around.
struct ReplayRows: Sendable {
  let layout: ReplaySegment.Layout
  private(set) var segments: Deque<ReplaySegment> = []
  /// The number of the next row.
  private(set) var end: Int

  init(layout: ReplaySegment.Layout, end: Int = 0) {
    self.layout = layout
    self.end = end
  }

  /// Rows as they were saved: consecutive segments, all but the last full.
  init(layout: ReplaySegment.Layout, segments: [ReplaySegment], end: Int) {
    self.layout = layout
    self.segments = Deque(segments)
    self.end = end
  }

  /// The number of the oldest row that is kept, ``end`` when none is.
  var start: Int { segments.first?.firstRow ?? end }

  /// Bytes of memory in use.
  var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }

  /// Adds a row.
  mutating func append(
    _ observation: Observation, action: Int32, reward: Double, marks: ReplaySegment.Marks
  ) {
    if segments.last.map({ $0.count == layout.rows }) ?? true {
      segments.append(ReplaySegment(firstRow: end))
    }
    let last = segments.count - 1
    observation.withBytes {
      segments[last].append($0, action: action, reward: reward, marks: marks, layout: layout)
    }
    end += 1
  }

  /// Lets go of rows below a number, as far as whole segments allow.
  mutating func drop(below row: Int) {
    while let first = segments.first, first.count == layout.rows,
      first.firstRow + first.count <= row
    {
      segments.removeFirst()
    }
  }

  /// Lets go of all rows; the numbers continue.
  mutating func removeAll() { segments = [] }

  /// What is special about a row.
  func marks(_ row: Int) -> ReplaySegment.Marks {
    let (segment, index) = place(row)
    return ReplaySegment.Marks(rawValue: segments[segment].marks[index])
  }

  /// The row before one in its stream; `nil` where none is kept.
  func previous(_ row: Int) -> Int? {
    let stream = marks(row).stream
    var found = row - 1
    while found >= start, marks(found).stream != stream { found -= 1 }
    return found >= start ? found : nil
  }

  /// The row after one in its stream; `nil` where there is none yet.
  func next(_ row: Int) -> Int? {
    let stream = marks(row).stream
    var found = row + 1
    while found < end, marks(found).stream != stream { found += 1 }
    return found < end ? found : nil
  }

  /// The reward that came with a row.
  func reward(_ row: Int) -> Double {
    let (segment, index) = place(row)
    return segments[segment].rewards[index]
  }

  /// The action that led to a row.
  func action(_ row: Int) -> Int {
    let (segment, index) = place(row)
    return Int(segments[segment].actions[index])
  }

  /// Copies a row's frame; false when its compressed bytes are damaged.
  func copyFrame(_ row: Int, into output: UnsafeMutableRawBufferPointer) -> Bool {
    let (segment, index) = place(row)
    return segments[segment].copyFrame(index, into: output, layout: layout)
  }

  /// Every segment but the last is full, so places follow from the first one's number.
  private func place(_ row: Int) -> (segment: Int, index: Int) {
    let (segment, index) = (row - start).quotientAndRemainder(dividingBy: layout.rows)
    return (segment, index)
  }
}

extension Observation {
  /// The elements' bytes, as they lie in memory.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .bytes(let values): values.withUnsafeBytes(body)
    case .floats(let values): values.withUnsafeBytes(body)
    }
  }

  /// Whether it has the declared form.
  func fits(_ space: ObservationSpace) -> Bool {
    switch (self, space.element) {
    case (.bytes, .uint8), (.floats, .float32): count == space.count
    default: false
    }
  }
}
