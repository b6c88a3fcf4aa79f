import Environments

/// What the metadata of a snapshot's file say: all of a replay but its numbers in bulk.
struct ReplaySnapshotManifest: Codable, Hashable, Sendable {
  static let format = "nap-replay-snapshot"
  static let segmentFormat = "nap-replay-segment"
  static let version = "1"

  /// A full segment in a file of its own.
  struct SegmentFile: Codable, Hashable, Sendable {
    var name: String
    var firstRow: Int
    /// The file's own checksum, so that a sound file of another moment is not taken for it.
    var checksum: String
  }

  var generation: Int
  var configuration: ReplayConfiguration
  var observations: ObservationSpace
  var counters: Replay.Counters
  /// Full segments, oldest first.
  var segments: [SegmentFile]
  /// The first row of the segment that is not full and lies in the snapshot's own file.
  var tailRow: Int?
}

/// A snapshot by its generation and what it holds: what a checkpoint names, so that the two belong together.
public struct ReplaySnapshotReference: Codable, Hashable, Sendable {
  /// The number that it was written under.
  public var generation: Int
  /// The checksum of its file, which in turn holds those of the segments' files.
  public var checksum: String
}

/// What writing a snapshot took.
public struct ReplaySnapshotReceipt: Hashable, Sendable {
  /// What a checkpoint must name.
  public var reference: ReplaySnapshotReference
  /// Bytes written now.
  public var byteCount: Int
  /// Files written now.
  public var fileCount: Int
}
