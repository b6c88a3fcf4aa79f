import Foundation
import Torch

/// Puts full segments of a replay on the disk, one at a time, on a thread of their own, so that a learner never waits
/// for a disk that is busy.
final class ReplaySegmentWriter: @unchecked Sendable {
  /// A segment and where it goes.
  struct Job: Sendable {
    var segment: ReplaySegment
    var identity: ReplaySegment.Identity
    var url: URL
  }

  /// What lies on the disk.
  struct Written: Sendable {
    var identity: ReplaySegment.Identity
    var file: ReplaySnapshotManifest.SegmentFile
    var byteCount: Int
  }

  // What the condition guards.
  private let condition = NSCondition()
  private var isWriting = false
  private var outcome: Result<Written, any Error>?

  /// Begins to write.
  ///
  /// - Precondition: the last outcome has been taken.
  func start(_ job: Job) {
    condition.withLock {
      precondition(!isWriting && outcome == nil, "ReplaySegmentWriter: it is busy")
      isWriting = true
    }
    let thread = Thread { [self] in
      let result = Result { try Self.write(job) }
      condition.withLock {
        outcome = result
        isWriting = false
        condition.broadcast()
      }
    }
    thread.name = "replay segments"
    thread.start()
  }

  /// Whether a segment is being written, or its outcome waits to be taken.
  var isBusy: Bool { condition.withLock { isWriting || outcome != nil } }

  /// Takes the outcome of the last segment; `nil` when none was begun, or it continues and `waiting` is false.
  func take(waiting: Bool) -> Result<Written, any Error>? {
    condition.withLock {
      while waiting, isWriting { condition.wait() }
      defer { outcome = nil }
      return outcome
    }
  }

  /// Puts a segment in its file and flushes it to the disk, on the caller's thread.
  static func write(_ job: Job) throws -> Written {
    let segment = job.segment
    try SafetensorsFile.write(
      tensors(of: segment),
      metadata: [
        "format": ReplaySnapshotManifest.segmentFormat, "version": ReplaySnapshotManifest.version,
        "firstRow": "\(segment.firstRow)",
      ], to: job.url)
    let (checksum, size) = try sum(of: job.url)
    return Written(
      identity: job.identity,
      file: .init(
        name: job.url.lastPathComponent, firstRow: segment.firstRow, checksum: checksum),
      byteCount: size)
  }

  static func tensors(of segment: ReplaySegment) -> [(name: String, tensor: Tensor)] {
    var tensors = [
      ("frames", Tensor(segment.bytes)), ("actions", Tensor(segment.actions)),
      ("rewards", Tensor(segment.rewards)), ("marks", Tensor(segment.marks)),
    ]
    if !segment.ends.isEmpty { tensors.append(("ends", Tensor(segment.ends.map { Int64($0) }))) }
    return tensors
  }

  /// A file's own checksum and its size.
  static func sum(of url: URL) throws -> (checksum: String, byteCount: Int) {
    let file = try SafetensorsFile(reading: url, verifyingChecksum: false)
    let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    return (file.checksum ?? "", size)
  }
}
