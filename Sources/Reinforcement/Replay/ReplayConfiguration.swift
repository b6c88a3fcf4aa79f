public import Environments
internal import Networks

/// What a replay keeps and how it draws from it.
///
/// The defaults are Rainbow's as DQN Zoo has them, except where a property says that the choice is ours.
/// Source: https://github.com/google-deepmind/dqn_zoo, commit 45061f4, `dqn_zoo/rainbow/run_atari.py`
/// and `dqn_zoo/replay.py`.
public struct ReplayConfiguration: Codable, Hashable, Sendable {
  /// How transitions are drawn.
  public enum Sampling: String, Codable, Sendable, CaseIterable {
    /// Each equally often.
    case uniform
    /// In proportion to a power of their priorities.
    case prioritized
  }

  /// How frames are kept in memory.
  public enum Compression: String, Codable, Sendable, CaseIterable {
    /// As they are.
    case none
    /// Each frame by itself by LZ4. Batches are the same, bit for bit.
    case lz4
  }

  /// The most transitions that are kept; then each new one takes the oldest one's place.
  public var capacity = 1_000_000
  /// The most steps of a transition.
  public var nStep = 3
  /// γ, the discount of one step.
  public var discount = 0.99
  /// How transitions are drawn.
  public var sampling = Sampling.prioritized
  /// ω in P(i) ∝ p_i^ω, applied before sums are taken.
  public var priorityExponent = 0.5
  /// The share of draws that are uniform whatever the priorities.
  public var uniformMixing = 1e-3
  /// Priorities above it count as this much; below 0 as 0.
  public var priorityLimit = 100.0
  /// How frames are kept in memory. Plain unless said otherwise (our choice; DQN Zoo compresses by snappy).
  public var compression = Compression.none
  /// Bytes of plain frames that are kept and written together (our choice). Smaller ones make
  /// snapshots of more files, larger ones repeat more at each snapshot.
  public var segmentBytes = 8 << 20

  /// The defaults.
  public init() {}

  /// Refuses values that mean nothing.
  ///
  /// - Throws: `ConfigurationError` that names the first of them, as in `replay.capacity`.
  public func validate() throws {
    func require(
      _ condition: Bool, _ option: String, _ expected: String, _ found: some CustomStringConvertible
    ) throws {
      if condition { return }
      throw ConfigurationError(
        option: "replay.\(option)", expected: expected, found: found.description)
    }
    let most = 1 << 40
    try require((1...most).contains(capacity), "capacity", "from 1 to \(most)", capacity)
    try require((1...10_000).contains(nStep), "nStep", "from 1 to 10000", nStep)
    try require((0...1).contains(discount), "discount", "from 0 to 1", discount)
    // Powers of priorities, and sums of them, stay finite.
    try require(
      (0...10).contains(priorityExponent), "priorityExponent", "from 0 to 10", priorityExponent)
    try require((0...1).contains(uniformMixing), "uniformMixing", "from 0 to 1", uniformMixing)
    try ConfigurationError.requireNumber(priorityLimit, "replay.priorityLimit", isOpen: true)
    try require(
      (1...(1 << 30)).contains(segmentBytes), "segmentBytes", "from 1 to \(1 << 30)", segmentBytes)
  }

  /// Bytes of memory of a full replay of long episodes: an episode's last frame comes on top of one frame
  /// a transition, so episodes of one step take twice as many.
  ///
  /// Cost of a transition beside its frame: 13 bytes of action, reward and marks, 8 bytes of its place,
  /// 16 bytes of the sum tree when sampling is prioritized. Compressed frames are counted as nothing,
  /// since their size depends on what they show.
  public func byteCount(for observations: ObservationSpace) -> Double {
    let frame = compression == .none ? Double(observations.byteCount) : 4
    var leaves = 1.0
    while leaves < Double(capacity) { leaves *= 2 }
    let tree = sampling == .prioritized ? 16 * leaves : 0
    return Double(capacity) * (frame + 13 + 8) + tree
  }
}

extension ObservationSpace {
  /// Bytes of one element.
  var elementByteCount: Int { element == .uint8 ? 1 : 4 }

  /// Bytes of one observation, the stack not counted.
  var byteCount: Int { count * elementByteCount }
}
