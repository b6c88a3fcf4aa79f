import Foundation
import RunStore

/// Checks that a run's manifest still holds: checksums of data files, and facts of environments.
enum SameEnvironments {
  /// Refuses to resume a run, or to use its result, if its manifest differs.
  ///
  /// Old runs without a manifest are taken to agree.
  ///
  /// - Parameters:
  ///   - run: the run, with the manifest of its start.
  ///   - own: the manifest of now.
  ///   - sources: the paths of files, by their groups.
  ///   - folder: the run's folder.
  ///   - remedy: what to do if the file cannot be put back.
  /// - Throws: ``CheckpointError``, which names the file that was replaced, with both checksums.
  static func require(
    of run: Run, against own: ProtocolManifest?, sources: [String: String], in folder: URL,
    orElse remedy: String
  ) throws(CheckpointError) {
    try requireFiles(of: run, against: own, sources: sources, orElse: remedy)
    guard let kept = run.manifest, let own else { return }
    let differences = kept.differences(from: own)
    guard differences.isEmpty else {
      throw CheckpointError(
        path: folder.path, expected: "the environments that run \(run.id) was begun with",
        found:
          "others (\(differences.joined(separator: "; ")); the first is what it was begun with)",
        remedy: "install what it was begun with, or train a new run")
    }
  }

  /// The part of ``require(of:against:sources:in:orElse:)`` that checks files.
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

  /// The files that both name but whose bytes differ, sorted.
  static func replaced(_ kept: ProtocolManifest, _ own: ProtocolManifest) -> [String] {
    kept.groups.filter { group, facts in
      guard let theirs = own.groups[group] else { return false }
      return facts[ProtocolManifest.checksum] != theirs[ProtocolManifest.checksum]
    }.keys.sorted()
  }
}
