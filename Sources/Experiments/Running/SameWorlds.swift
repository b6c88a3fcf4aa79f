import Foundation
import RunStore

/// Whether what a run's numbers depend on is still there as it was: files of data by their sums, worlds by their facts.
enum SameWorlds {
  /// Refuses to go on, or to take a result, where that differs.
  ///
  /// Runs from before manifests were kept have none, and are taken to agree.
  ///
  /// - Parameters:
  ///   - run: keeps what there was.
  ///   - own: what there is.
  ///   - sources: where files lie, by their groups.
  ///   - folder: the run's.
  ///   - remedy: what to do about a file beside putting it back.
  /// - Throws: ``CheckpointError``, which names the file that was replaced, with both sums.
  static func require(
    of run: Run, against own: ProtocolManifest?, sources: [String: String], in folder: URL,
    orElse remedy: String
  ) throws(CheckpointError) {
    try requireFiles(of: run, against: own, sources: sources, orElse: remedy)
    guard let kept = run.manifest, let own else { return }
    let differences = kept.differences(from: own)
    guard differences.isEmpty else {
      throw CheckpointError(
        path: folder.path, expected: "the worlds that run \(run.id) was begun in",
        found: "others (\(differences.joined(separator: "; ")), what it was begun in first)",
        remedy: "install what it was begun with, or train anew")
    }
  }

  /// The part of ``require(of:against:sources:in:orElse:)`` about files.
  static func requireFiles(
    of run: Run, against own: ProtocolManifest?, sources: [String: String], orElse remedy: String
  ) throws(CheckpointError) {
    guard let kept = run.manifest, let own else { return }
    if let group = replaced(kept, own).first {
      func file(_ manifest: ProtocolManifest) -> String {
        let facts = manifest.groups[group] ?? [:]
        return
          "CRC-32 \(facts[ProtocolManifest.checksum] ?? "none"), \(facts["bytes"] ?? "no") bytes"
      }
      throw CheckpointError(
        path: sources[group] ?? group,
        expected: "the file that run \(run.id) was begun with (\(file(kept)))",
        found: "another (\(file(own)))", remedy: "put that file back, or \(remedy)")
    }
  }

  /// The files that both know and that hold other bytes, sorted.
  static func replaced(_ kept: ProtocolManifest, _ own: ProtocolManifest) -> [String] {
    kept.groups.filter { group, facts in
      guard let theirs = own.groups[group] else { return false }
      return facts[ProtocolManifest.checksum] != theirs[ProtocolManifest.checksum]
    }.keys.sorted()
  }
}
