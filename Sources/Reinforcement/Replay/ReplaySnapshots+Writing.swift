internal import Foundation
internal import Torch

extension ReplaySnapshots {
  /// Writes at most one full segment that is not on the disk yet, the oldest.
  ///
  /// - Returns: bytes written; 0 when there was nothing to do, which costs next to nothing.
  /// - Throws: `DurableFileError` from the disk; the folder's snapshots stay as they were.
  @discardableResult
  public mutating func keepUp(with replay: Replay) throws -> Int {
    // The oldest are written first, so with the newest all are.
    guard let newest = replay.rows.segments.last(where: { $0.identity != nil })?.identity,
      written[ObjectIdentifier(newest)] == nil
    else { return 0 }
    forget(allBut: replay)
    for segment in replay.rows.segments {
      if let identity = segment.identity, written[ObjectIdentifier(identity)] == nil {
        return try write(segment, identity, of: replay)
      }
    }
    return 0
  }

  /// Writes a snapshot: what is not on the disk yet.
  ///
  /// A generation of this number that is there already is replaced.
  ///
  /// - Parameter generation: names the snapshot; at least 0, such as the updates done.
  /// - Returns: the reference that belongs into the checkpoint, and what was written.
  /// - Throws: `DurableFileError` from the disk; the folder's snapshots stay as they were.
  public mutating func write(_ replay: Replay, generation: Int) throws -> ReplaySnapshotReceipt {
    precondition(generation >= 0, "write(_:generation:): a generation of \(generation)")
    forget(allBut: replay)
    var (byteCount, fileCount) = (0, 1)
    var files: [ReplaySnapshotManifest.SegmentFile] = []
    var tail: ReplaySegment?
    for segment in replay.rows.segments {
      guard let identity = segment.identity else {
        tail = segment
        continue
      }
      if written[ObjectIdentifier(identity)] == nil {
        byteCount += try write(segment, identity, of: replay)
        fileCount += 1
      }
      if let file = written[ObjectIdentifier(identity)]?.file { files.append(file) }
    }
    let manifest = ReplaySnapshotManifest(
      generation: generation, configuration: replay.configuration,
      observations: replay.observations, counters: replay.counters, segments: files,
      tailRow: tail?.firstRow)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(manifest), as: UTF8.self)
    var tensors = tail.map { Self.tensors(of: $0) } ?? []
    if replay.tree.count > 0 { tensors.append(("weights", Tensor(Array(replay.tree.leaves)))) }
    let url = url(ofGeneration: generation)
    try SafetensorsFile.write(
      tensors,
      metadata: [
        "format": ReplaySnapshotManifest.format, "version": ReplaySnapshotManifest.version,
        "manifest": text,
      ], to: url)
    let (checksum, size) = try Self.sum(of: url)
    return ReplaySnapshotReceipt(
      reference: ReplaySnapshotReference(generation: generation, checksum: checksum),
      byteCount: byteCount + size, fileCount: fileCount)
  }

  /// Puts a full segment into a file of its own.
  private mutating func write(
    _ segment: ReplaySegment, _ identity: ReplaySegment.Identity, of replay: Replay
  ) throws -> Int {
    // Another run's segment of this row may lie there, named by a generation: never over it.
    let names = Set(fileNames)
    var number = 0
    var name: String { "segment-\(segment.firstRow)-\(number).\(Self.ending)" }
    while names.contains(name) { number += 1 }
    let url = folder.appendingPathComponent(name)
    try SafetensorsFile.write(
      Self.tensors(of: segment),
      metadata: [
        "format": ReplaySnapshotManifest.segmentFormat, "version": ReplaySnapshotManifest.version,
        "firstRow": "\(segment.firstRow)",
      ], to: url)
    let (checksum, size) = try Self.sum(of: url)
    written[ObjectIdentifier(identity)] = Written(
      identity: identity,
      file: .init(name: name, firstRow: segment.firstRow, checksum: checksum))
    return size
  }

  /// Forgets files of segments that the replay has let go.
  private mutating func forget(allBut replay: Replay) {
    let kept = Set(replay.rows.segments.compactMap { $0.identity.map { ObjectIdentifier($0) } })
    guard written.count > 0, !written.keys.allSatisfy({ kept.contains($0) }) else { return }
    written = written.filter { kept.contains($0.key) }
  }

  private static func tensors(of segment: ReplaySegment) -> [(name: String, tensor: Tensor)] {
    var tensors = [
      ("frames", Tensor(segment.bytes)), ("actions", Tensor(segment.actions)),
      ("rewards", Tensor(segment.rewards)), ("marks", Tensor(segment.marks)),
    ]
    if !segment.ends.isEmpty { tensors.append(("ends", Tensor(segment.ends.map { Int64($0) }))) }
    return tensors
  }

  /// A file's own checksum and its size.
  private static func sum(of url: URL) throws -> (checksum: String, byteCount: Int) {
    let file = try SafetensorsFile(reading: url, verifyingChecksum: false)
    let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
    return (file.checksum ?? "", size)
  }
}
