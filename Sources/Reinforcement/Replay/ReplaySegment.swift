import Environments

/// Consecutive rows of a replay: frames, and the step that led to each.
///
/// A row is one frame with the action and the reward that led to it; an episode's first row has none. A
/// segment that is full never changes again, so a snapshot writes it once, and it goes as a whole when
/// no transition needs any of its rows.
struct ReplaySegment: Sendable {
  /// What is special about a row.
  struct Marks: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    /// An episode's first.
    static let start = Marks(rawValue: 1)
    /// What follows is worth nothing.
    static let discountZero = Marks(rawValue: 2)
    /// An episode's last.
    static let end = Marks(rawValue: 4)

    /// The stream of the row, in the bits above.
    var stream: Int { Int(rawValue >> 3) }

    /// The same of a stream.
    func of(stream: Int) -> Marks { Marks(rawValue: rawValue | UInt8(stream) << 3) }
  }

  /// Tells full segments apart: copies of one share it, and only they.
  final class Identity: Sendable {}

  /// The number of its first row, over the replay's life.
  let firstRow: Int
  /// Frames one after another.
  private(set) var bytes: [UInt8] = []
  /// Where each compressed frame ends in ``bytes``; empty when frames are plain.
  private(set) var ends: [UInt32] = []
  private(set) var actions: [Int32] = []
  private(set) var rewards: [Double] = []
  private(set) var marks: [UInt8] = []
  /// Set once the segment is full.
  private(set) var identity: Identity?

  /// An empty segment.
  init(firstRow: Int) { self.firstRow = firstRow }

  /// A segment as it was saved; ``isSound(shape:)`` tells whether it is one.
  init(
    firstRow: Int, bytes: [UInt8], ends: [UInt32], actions: [Int32], rewards: [Double],
    marks: [UInt8], isFull: Bool
  ) {
    self.firstRow = firstRow
    self.bytes = bytes
    self.ends = ends
    self.actions = actions
    self.rewards = rewards
    self.marks = marks
    identity = isFull ? Identity() : nil
  }

  /// How frames are laid out.
  struct Layout: Hashable, Sendable {
    var frameBytes: Int
    var rows: Int
    var compression: ReplayConfiguration.Compression

    init(_ configuration: ReplayConfiguration, _ observations: ObservationSpace) {
      frameBytes = observations.byteCount
      // Vectors of few numbers would make segments of a million rows.
      rows = min(max(configuration.segmentBytes / max(frameBytes, 1), 1), 1 << 16)
      compression = configuration.compression
    }
  }

  /// Rows held.
  var count: Int { marks.count }

  /// Bytes of memory in use.
  var byteCount: Int { bytes.count + 4 * ends.count + 13 * count }

  /// Adds a row.
  mutating func append(
    _ frame: UnsafeRawBufferPointer, action: Int32, reward: Double, marks: Marks, layout: Layout
  ) {
    switch layout.compression {
    case .none:
      if self.marks.isEmpty { bytes.reserveCapacity(layout.rows * layout.frameBytes) }
      bytes.append(contentsOf: frame)
    case .lz4:
      FrameCompression.append(frame, to: &bytes)
      ends.append(UInt32(bytes.count))
    }
    actions.append(action)
    rewards.append(reward)
    self.marks.append(marks.rawValue)
    guard count == layout.rows else { return }
    identity = Identity()
    // What a growing array holds in reserve is not needed any more.
    if layout.compression == .lz4 { bytes = bytes.withUnsafeBytes { [UInt8]($0) } }
  }

  /// Copies a row's frame into `output`, whose size is a frame's.
  ///
  /// - Returns: false for compressed bytes that are no frame.
  func copyFrame(
    _ index: Int, into output: UnsafeMutableRawBufferPointer, layout: Layout
  ) -> Bool {
    bytes.withUnsafeBytes { bytes in
      switch layout.compression {
      case .none:
        let start = index * layout.frameBytes
        output.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + layout.frameBytes]))
        return true
      case .lz4:
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return FrameCompression.read(
          UnsafeRawBufferPointer(rebasing: bytes[start..<Int(ends[index])]), into: output)
      }
    }
  }

  /// Whether the parts fit one another and the layout, every compressed frame included.
  func isSound(layout: Layout) -> Bool {
    guard count <= layout.rows, (identity != nil) == (count == layout.rows),
      actions.count == count, rewards.count == count, rewards.allSatisfy(\.isFinite),
      actions.allSatisfy({ $0 >= 0 })
    else { return false }
    switch layout.compression {
    case .none: return ends.isEmpty && bytes.count == count * layout.frameBytes
    case .lz4:
      let starts = [0] + ends.dropLast()
      guard ends.count == count, Int(ends.last ?? 0) == bytes.count,
        zip(starts, ends).allSatisfy({ $0 < $1 })
      else { return false }
      return withUnsafeTemporaryAllocation(byteCount: layout.frameBytes, alignment: 16) { space in
        (0..<count).allSatisfy {
          copyFrame($0, into: UnsafeMutableRawBufferPointer(space), layout: layout)
        }
      }
    }
  }
}
