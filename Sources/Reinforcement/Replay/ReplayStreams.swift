/// The rows of running episodes in which transitions begin that are not complete yet, by stream, oldest first.
///
/// A stream is what one actor plays. Its rows lie among those of others, and no transition has rows of two.
struct ReplayStreams: Hashable, Sendable {
  /// The most there can be: a row's marks have five bits for its stream.
  static let limit = 32

  private(set) var waiting: [[Int]]

  /// So many streams without episodes; more come with their first rows.
  init(count: Int = 1) { waiting = Array(repeating: [], count: count) }

  /// Whether an episode of a stream runs.
  func isRunning(_ stream: Int) -> Bool {
    waiting.indices.contains(stream) && !waiting[stream].isEmpty
  }

  /// The oldest of all rows that wait.
  var oldest: Int? { waiting.lazy.compactMap(\.first).min() }

  /// Whether a row of a stream comes in turn: between two rows of an episode, each other stream has at most two, an
  /// episode's first and the one after it. So rows of one transition lie near one another.
  func isInTurn(_ row: Int, stream: Int) -> Bool {
    guard waiting.indices.contains(stream), let newest = waiting[stream].last else { return true }
    return row - newest <= 2 * waiting.count
  }

  /// Takes in a stream's next row.
  ///
  /// - Parameter steps: the most steps of a transition.
  /// - Returns: the rows in which transitions begin that are complete now, oldest first.
  mutating func add(_ row: Int, _ marks: ReplaySegment.Marks, steps: Int) -> ArraySlice<Int> {
    let stream = marks.stream
    while waiting.count <= stream { waiting.append([]) }
    let earlier = waiting[stream]
    if marks.contains(.start) {
      // An episode that still ran was cut short.
      waiting[stream] = [row]
      return earlier.dropLast()
    }
    let all = earlier + [row]
    let kept = marks.contains(.discountZero) || marks.contains(.end) ? 1 : steps
    waiting[stream] = marks.contains(.end) ? [] : all.suffix(kept)
    return all.dropLast(kept)
  }

  /// Forgets running episodes.
  mutating func clear() { waiting = waiting.map { _ in [] } }
}
