public import Foundation
internal import Torch

/// A folder of snapshots of one replay, each a generation; a later one writes only what changed.
///
/// Files: a segment of rows that is full never changes, and lies in a file of its own,
/// `segment-ROW-N.safetensors`, shared by every snapshot that needs it; what may change, the newest
/// rows, the priorities and the counters, lies in `generation-G.safetensors`, which names the segments
/// and their checksums. Each file is written under another name, flushed to the disk and renamed, the
/// generation's last, and none is ever written over by another content while a generation names
/// it. So a crash at any moment leaves all earlier generations whole.
///
/// Segments go to the disk on a thread of their own, begun by ``keepUp(with:)``, which a run calls after each step;
/// then ``write(_:generation:)`` has only the newest segment and 8 bytes a transition left. So the learner waits for no
/// disk but at a checkpoint, and what a snapshot holds depends on no thread's timing. An error of the disk comes with
/// the next call. Copies of this value share the thread: use one.
///
/// The order of things, with a checkpoint that names the reference: write the snapshot, write the
/// checkpoint, then ``commit(keeping:)``.
public struct ReplaySnapshots {
  /// The folder.
  public let folder: URL
  /// The files of full segments that lie on the disk. They keep the identities alive, so that no other segment gets
  /// the same one.
  var written: [ObjectIdentifier: ReplaySegmentWriter.Written] = [:]
  let writer = ReplaySegmentWriter()

  /// Opens a folder; unfinished files of a killed writer are cleared away.
  ///
  /// - Parameter creating: whether the folder is made when there is none, which reading does not need.
  /// - Throws: ``ReplayError`` when the folder cannot be made.
  public init(folder: URL, creating: Bool = true) throws {
    self.folder = folder
    guard creating || FileManager.default.fileExists(atPath: folder.path) else { return }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ReplayError(
        .damaged, folder.path, expected: "a folder for snapshots of the replay",
        found: error.localizedDescription, advice: "choose a folder that you may write to")
    }
    DurableFile.removeAbandoned(in: folder)
  }

  /// The generations that the folder has, smallest first, sound or not.
  public var generations: [Int] {
    fileNames.compactMap { Self.number(in: $0, after: "generation-") }.sorted()
  }

  var fileNames: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  func url(ofGeneration generation: Int) -> URL {
    folder.appendingPathComponent("generation-\(generation).\(Self.ending)")
  }

  static let ending = "safetensors"

  static func number(in name: String, after prefix: String) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(".\(ending)") else { return nil }
    return Int(name.dropFirst(prefix.count).dropLast(ending.count + 1))
  }

  /// Removes every generation but those given, and the segments that only they had.
  ///
  /// To be called when a checkpoint that names one of `generations` is on the disk. A crash in between
  /// leaves files too many, which the next call removes.
  ///
  /// - Throws: ``ReplayError`` when one of `generations` is missing or damaged: then nothing is removed.
  public mutating func commit(keeping generations: [Int]) throws {
    // What is finished after the look at the folder would not be named yet.
    try collect(waiting: true)
    var named: Set<String> = Set(written.values.map(\.file.name))
    for generation in generations {
      let manifest = try manifest(ofGeneration: generation).manifest
      named.formUnion(manifest.segments.map(\.name))
    }
    let others = self.generations.filter { !generations.contains($0) }
    for generation in others { try remove(url(ofGeneration: generation)) }
    for name in fileNames where name.hasPrefix("segment-") && name.hasSuffix(".\(Self.ending)") {
      if !named.contains(name) { try remove(folder.appendingPathComponent(name)) }
    }
  }

  private func remove(_ url: URL) throws {
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      throw ReplayError(
        .damaged, url.path, expected: "a file that can be removed",
        found: error.localizedDescription, advice: "check the permissions of the folder")
    }
  }
}
