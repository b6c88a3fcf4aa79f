public import Environments
internal import Networks
internal import Foundation
internal import Torch

/// Transitions of up to n steps over frames that are stored once, drawn uniformly or by priority.
///
/// From state s the transition is (s, a, R, γ', s') with R = Σ_{i<m} γ^i r_i, s' the state m steps later and
/// γ' = γ^m. m is n, or less where the episode ends before, or where a step's
/// ``/Environments/Step/isDiscountZero`` says that nothing after it counts; then γ' is 0. An episode that is cut
/// short keeps its discount. A transition can be drawn once its m steps are there, so the newest n−1 steps
/// of a running episode wait.
///
/// States are ``/Environments/ObservationSpace/stack`` frames, rebuilt when drawn; early in an episode zeros follow the
/// frames that there are, as in DQN Zoo. A frame stays as long as a transition that can be drawn needs it.
///
/// Up to 32 streams, such as the actors of one learner, each with an episode of its own, are stored together: they
/// take turns, and no transition and no stack of frames has rows of two. Whatever can be drawn is drawn as if there
/// were one.
///
/// It is a value: a copy shares memory until one of the two changes, and then only what changes is
/// copied, at most one segment of frames and the priorities. So a snapshot may be written from a copy
/// on another thread while the original continues. Memory is taken as transitions come
/// (``ReplayConfiguration/byteCount(for:)``).
///
/// Source: Hessel et al. 2018, "Rainbow"; DQN Zoo at commit 45061f4, `replay.py`. Deviation: DQN Zoo lets
/// an n-step transition run on past a lost life, with discount 0 and rewards that count nothing; here it
/// ends there, which gives the same return and the same discount.
public struct Replay: Sendable {
  /// What it keeps and how it draws.
  public let configuration: ReplayConfiguration
  /// The form of what it is given.
  public let observations: ObservationSpace

  private(set) var rows: ReplayRows
  /// What waits for further steps.
  private(set) var streams = ReplayStreams()
  /// The row in which the transition of each slot begins.
  private(set) var starts: [Int] = []
  /// Transitions ever stored, cleared ones included.
  public private(set) var storedCount = 0
  /// How many of those had been stored at the last clearing; slot 0's first.
  private(set) var origin = 0
  /// p^ω of each slot; empty when sampling is uniform.
  var tree = SumTree()
  /// The largest priority ever set, at least 1; the priority of new transitions.
  public internal(set) var largestPriority = 1.0

  /// An empty replay.
  ///
  /// - Parameter checksMemory: whether it is to be filled; one that is only looked at needs not the memory.
  /// - Throws: `ConfigurationError` for values that mean nothing, and what ``checkMemory()`` throws.
  public init(
    _ configuration: ReplayConfiguration, observations: ObservationSpace, checksMemory: Bool = true
  ) throws {
    try configuration.validate()
    guard !observations.shape.isEmpty, observations.stack >= 1,
      observations.shape.allSatisfy({ $0 >= 1 }), Self.product(observations) != nil
    else {
      throw ConfigurationError(
        option: "observations", expected: "axes and a stack of at least 1, in all below 1 GiB",
        found: "\(observations.shape) with a stack of \(observations.stack)")
    }
    self.configuration = configuration
    self.observations = observations
    rows = ReplayRows(layout: ReplaySegment.Layout(configuration, observations))
    if checksMemory { try checkMemory() }
  }

  /// Refuses to be filled where the machine cannot hold it.
  ///
  /// - Throws: ``ReplayError`` when the machine's memory is less than ``ReplayConfiguration/byteCount(for:)``.
  public func checkMemory() throws {
    let limit = MemoryLimit.current
    let needed = configuration.byteCount(for: observations)
    guard needed <= limit.leftBytes else {
      throw ReplayError(
        .memory, "replay.capacity",
        expected: "what is left of \(limit.words), \(MemoryLimit.gigabytes(limit.leftBytes))",
        found: "\(configuration.capacity) transitions, which take \(MemoryLimit.gigabytes(needed))",
        advice: "choose a smaller capacity, or lz4 as the compression")
    }
  }

  /// Transitions that can be drawn.
  public var count: Int { starts.count }

  /// Bytes of memory in use by frames and steps.
  public var byteCount: Int {
    rows.byteCount + 8 * starts.count + (tree.count == 0 ? 0 : 16 * tree.count)
  }

  /// The oldest row whose transition is not complete yet; the next row when no episode runs.
  var pendingRow: Int { streams.oldest ?? rows.end }
  /// Whether an episode runs.
  var isRunning: Bool { streams.oldest != nil }

  /// Begins an episode with its first frame. One of the same stream that still runs counts as cut short.
  ///
  /// - Parameter stream: whose episode it is, from 0; see ``append(action:step:stream:)``.
  /// - Precondition: the observation has the declared form, and the stream comes in turn.
  public mutating func begin(_ start: EpisodeStart, stream: Int = 0) {
    precondition(
      start.observation.fits(observations),
      "Replay.begin: an observation of \(start.observation.count) elements for "
        + "\(observations.shape) \(observations.element.rawValue)")
    precondition(
      (0..<ReplayStreams.limit).contains(stream) && streams.isInTurn(rows.end, stream: stream),
      "Replay.begin: stream \(stream) is out of turn")
    add(start.observation, action: 0, reward: 0, marks: .start.of(stream: stream))
  }

  /// Stores one step: the action that was taken and what it brought. An end completes what waited.
  ///
  /// - Parameter stream: in whose episode. Streams take turns: between two steps of an episode each other stream may
  ///   have one step, and the beginning before it.
  /// - Throws: ``ReplayError`` for a step outside an episode or out of turn, an observation of another form, a negative
  ///   action or a reward that is not finite; the replay is then as it was.
  public mutating func append(action: Int, step: Step, stream: Int = 0) throws {
    func require(_ condition: Bool, _ expected: String, _ found: String) throws {
      if condition { return }
      throw ReplayError(
        .misuse, "replay", expected: expected, found: found,
        advice: "store each step of an episode once, in order, after its begin(_:)")
    }
    try require(
      streams.isRunning(stream), "a step of an episode that began",
      "one before a start or after an end")
    try require(
      streams.isInTurn(rows.end, stream: stream), "steps of streams in turn",
      "one of stream \(stream) after too many of others")
    try require(
      step.observation.fits(observations),
      "observations of shape \(observations.shape) and type \(observations.element.rawValue)",
      "one of \(step.observation.count) elements")
    try require(step.reward.isFinite, "a finite reward", "\(step.reward)")
    guard let action = Int32(exactly: action), action >= 0 else {
      return try require(false, "an action from 0 to \(Int32.max)", "\(action)")
    }
    var marks: ReplaySegment.Marks = []
    if step.isDiscountZero || step.end == .terminated { marks.insert(.discountZero) }
    if step.end != nil { marks.insert(.end) }
    add(
      step.observation, action: action, reward: step.reward, marks: marks.of(stream: stream))
  }

  /// Forgets every transition, the running episodes and the priorities; ``storedCount`` continues.
  public mutating func clear() {
    rows.removeAll()
    streams.clear()
    starts = []
    origin = storedCount
    tree = SumTree()
    largestPriority = 1
  }

  /// Adds a row and stores the transitions that it completes.
  private mutating func add(
    _ observation: Observation, action: Int32, reward: Double, marks: ReplaySegment.Marks
  ) {
    let completed = streams.add(rows.end, marks, steps: configuration.nStep)
    rows.append(observation, action: action, reward: reward, marks: marks)
    for row in completed {
      let slot = (storedCount - origin) % configuration.capacity
      if slot == starts.count { starts.append(row) } else { starts[slot] = row }
      if configuration.sampling == .prioritized {
        tree.set(slot, to: weight(ofPriority: largestPriority))
      }
      storedCount += 1
    }
    rows.drop(below: min(starts.isEmpty ? rows.end : starts[oldestSlot], pendingRow) - reach)
  }

  /// How many rows before the oldest transition's may be needed. Streams complete their transitions in another order
  /// than they begin them.
  var reach: Int {
    let count = streams.waiting.count
    return count == 1
      ? observations.stack - 1 : 2 * count * (observations.stack + configuration.nStep)
  }

  /// The slot of the oldest transition.
  var oldestSlot: Int {
    starts.count < configuration.capacity ? 0 : (storedCount - origin) % configuration.capacity
  }

  /// Takes over saved parts that fit one another.
  ///
  /// - Parameter begun: the rows in which the kept transitions begin, oldest first.
  mutating func restore(
    _ counters: Counters, rows: ReplayRows, begun: [Int], streams: ReplayStreams, tree: SumTree
  ) {
    self.rows = rows
    self.tree = tree
    self.streams = streams
    (storedCount, origin) = (counters.stored, counters.origin)
    largestPriority = Double(bitPattern: counters.largestPriorityBits)
    starts = begun
    guard begun.count == configuration.capacity else { return }
    let oldest = (storedCount - origin) % configuration.capacity
    for (index, row) in begun.enumerated() { starts[(oldest + index) % begun.count] = row }
  }

  /// p^ω.
  func weight(ofPriority priority: Double) -> Double {
    pow(priority, configuration.priorityExponent)
  }

  private static func product(_ observations: ObservationSpace) -> Int? {
    var product = observations.elementByteCount
    for factor in observations.shape + [observations.stack] {
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      guard !overflows, next < 1 << 30 else { return nil }
      product = next
    }
    return product
  }
}
