import DequeModule
import Environments
internal import Foundation
internal import Torch

extension ReplaySnapshots {
  /// Begins to write the oldest full segment that is not on the disk yet, on a thread of its own, unless one is being
  /// written.
  ///
  /// - Returns: bytes of segments that came to the disk since the last call. Costs next to nothing.
  /// - Throws: `DurableFileError` from the disk, met by the segment before; the folder's snapshots stay as they were.
  @discardableResult
  public mutating func keepUp(with replay: Replay) throws -> Int {
    let byteCount = try collect(waiting: false)
    // The oldest are written first, so with the newest all are.
    guard !writer.isBusy,
      let newest = replay.rows.segments.last(where: { $0.identity != nil })?.identity,
      written[ObjectIdentifier(newest)] == nil
    else { return byteCount }
    forget(allBut: replay)
    for segment in replay.rows.segments {
      if let identity = segment.identity, written[ObjectIdentifier(identity)] == nil {
        writer.start(job(segment, identity))
        return byteCount
      }
    }
    return byteCount
  }

  /// Takes in what the thread has written, waiting for it to come to an end where that is wanted.
  ///
  /// - Returns: bytes that it wrote.
  @discardableResult
  mutating func collect(waiting: Bool) throws -> Int {
    guard let new = try writer.take(waiting: waiting)?.get() else { return 0 }
    written[ObjectIdentifier(new.identity)] = new
    return new.byteCount
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
    // What the thread could not write is written below, where a disk that still refuses says so.
    let collected = (try? collect(waiting: true)) ?? 0
    forget(allBut: replay)
    var (byteCount, fileCount) = (collected, collected > 0 ? 2 : 1)
    var files: [ReplaySnapshotManifest.SegmentFile] = []
    var tail: ReplaySegment?
    for segment in replay.rows.segments {
      guard let identity = segment.identity else {
        tail = segment
        continue
      }
      if written[ObjectIdentifier(identity)] == nil {
        let new = try ReplaySegmentWriter.write(job(segment, identity))
        written[ObjectIdentifier(identity)] = new
        byteCount += new.byteCount
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
    var tensors = tail.map { ReplaySegmentWriter.tensors(of: $0) } ?? []
    if replay.tree.count > 0 { tensors.append(("weights", Tensor(Array(replay.tree.leaves)))) }
    let url = url(ofGeneration: generation)
    try SafetensorsFile.write(
      tensors,
      metadata: [
        "format": ReplaySnapshotManifest.format, "version": ReplaySnapshotManifest.version,
        "manifest": text,
      ], to: url)
    let (checksum, size) = try ReplaySegmentWriter.sum(of: url)
    return ReplaySnapshotReceipt(
      reference: ReplaySnapshotReference(generation: generation, checksum: checksum),
      byteCount: byteCount + size, fileCount: fileCount)
  }

  /// A full segment and the file of its own that it goes into.
  private func job(
    _ segment: ReplaySegment, _ identity: ReplaySegment.Identity
  ) -> ReplaySegmentWriter.Job {
    // Another run's segment of this row may lie there, named by a generation: never over it.
    let names = Set(fileNames)
    var number = 0
    var name: String { "segment-\(segment.firstRow)-\(number).\(Self.ending)" }
    while names.contains(name) { number += 1 }
    return .init(segment: segment, identity: identity, url: folder.appendingPathComponent(name))
  }

  /// Forgets files of segments that the replay has let go.
  private mutating func forget(allBut replay: Replay) {
    let kept = Set(replay.rows.segments.compactMap { $0.identity.map { ObjectIdentifier($0) } })
    guard written.count > 0, !written.keys.allSatisfy({ kept.contains($0) }) else { return }
    written = written.filter { kept.contains($0.key) }
  }
}
