public import Environments
internal import Foundation
internal import Torch

extension ReplaySnapshots {
  /// Reads a snapshot back: the replay that was written, bit for bit.
  ///
  /// - Parameters:
  ///   - reference: what the checkpoint names.
  ///   - configuration: the run's own, which must be the snapshot's.
  ///   - observations: the environment's, which must be the snapshot's.
  /// - Throws: ``ReplayError`` that names the file: one is missing or damaged, or the snapshot belongs to
  ///   another checkpoint, configuration or environment. The folder stays as it is.
  public mutating func restore(
    _ reference: ReplaySnapshotReference, configuration: ReplayConfiguration,
    observations: ObservationSpace
  ) throws -> Replay {
    let unsound = Unsound(reading: reference.generation, of: generations)
    let url = url(ofGeneration: reference.generation)
    let (file, manifest) = try manifest(ofGeneration: reference.generation)
    func mismatch(_ expected: String, _ found: String, _ advice: String) -> ReplayError {
      ReplayError(.mismatched, url.path, expected: expected, found: found, advice: advice)
    }
    guard file.checksum == reference.checksum else {
      throw mismatch(
        "the snapshot that the checkpoint names, with the checksum \(Self.shown(reference.checksum))",
        "one with \(file.checksum ?? "none")", "use the checkpoint that was written with it")
    }
    guard manifest.configuration == configuration else {
      throw mismatch(
        "a replay with the run's settings \(Self.text(configuration))",
        Self.text(manifest.configuration), "resume with the settings of the snapshot")
    }
    guard manifest.observations == observations else {
      throw mismatch(
        "observations of the form \(Self.text(observations))", Self.text(manifest.observations),
        "resume in the environment of the snapshot")
    }
    return try Self.damaged(url.path, unsound) {
      var segments: [ReplaySegment] = []
      var found: [ReplaySegmentWriter.Written] = []
      for entry in manifest.segments {
        let segment = try segment(entry, configuration, observations, unsound)
        segments.append(segment)
        if let identity = segment.identity {
          found.append(.init(identity: identity, file: entry, byteCount: 0))
        }
      }
      if let row = manifest.tailRow {
        let tail = try Self.segment(in: file, firstRow: row, isFull: false)
        guard tail.isSound(layout: .init(configuration, observations)) else {
          throw unsound(url.path, "newest rows that fit one another")
        }
        segments.append(tail)
      }
      let weights = file["weights"] == nil ? [] : try Self.values(file, "weights", Double.self)
      guard
        let replay = try Replay(
          configuration, observations: observations, counters: manifest.counters,
          segments: segments, leaves: weights)
      else {
        throw unsound(url.path, "rows, counters and priorities that fit one another")
      }
      for entry in found { written[ObjectIdentifier(entry.identity)] = entry }
      return replay
    }
  }

  /// A generation's file with its checksum verified, and what it says.
  func manifest(
    ofGeneration generation: Int
  ) throws -> (file: SafetensorsFile, manifest: ReplaySnapshotManifest) {
    let path = url(ofGeneration: generation).path
    let unsound = Unsound(reading: generation, of: generations)
    return try Self.damaged(path, unsound) {
      let file = try Self.verified(
        URL(fileURLWithPath: path), format: ReplaySnapshotManifest.format, unsound)
      guard let text = file.metadata["manifest"],
        let manifest = try? JSONDecoder().decode(
          ReplaySnapshotManifest.self, from: Data(text.utf8)), manifest.generation == generation
      else { throw unsound(path, "the description of snapshot \(generation)") }
      return (file, manifest)
    }
  }

  /// A full segment from its own file.
  private func segment(
    _ entry: ReplaySnapshotManifest.SegmentFile, _ configuration: ReplayConfiguration,
    _ observations: ObservationSpace, _ unsound: Unsound
  ) throws -> ReplaySegment {
    guard !entry.name.contains("/"), entry.name.hasPrefix("segment-") else {
      throw unsound(folder.path, "names of segments in the snapshot")
    }
    let url = folder.appendingPathComponent(entry.name)
    let file = try Self.verified(url, format: ReplaySnapshotManifest.segmentFormat, unsound)
    guard file.checksum == entry.checksum, file.metadata["firstRow"] == "\(entry.firstRow)" else {
      throw unsound(url.path, "the checksum \(Self.shown(entry.checksum))", file.checksum ?? "none")
    }
    let segment = try Self.segment(in: file, firstRow: entry.firstRow, isFull: true)
    guard segment.isSound(layout: .init(configuration, observations)) else {
      throw unsound(url.path, "a segment's rows that fit one another")
    }
    return segment
  }

  private static func segment(
    in file: SafetensorsFile, firstRow: Int, isFull: Bool
  ) throws -> ReplaySegment {
    let ends = file["ends"] == nil ? [] : try values(file, "ends", Int64.self)
    return ReplaySegment(
      firstRow: firstRow, bytes: try values(file, "frames", UInt8.self),
      ends: ends.map { UInt32(clamping: $0) }, actions: try values(file, "actions", Int32.self),
      rewards: try values(file, "rewards", Double.self),
      marks: try values(file, "marks", UInt8.self),
      isFull: isFull)
  }

  private static func values<Element: TensorElement>(
    _ file: SafetensorsFile, _ name: String, _ type: Element.Type
  ) throws -> [Element] {
    let tensor = try file.tensor(name)
    return try withTorchErrors { tensor.array(of: type) }
  }

  /// Opens a file of a format and demands that it carries its checksum.
  private static func verified(
    _ url: URL, format: String, _ unsound: Unsound
  ) throws -> SafetensorsFile {
    let file = try SafetensorsFile(reading: url)
    let found = file.metadata["format"] ?? "none"
    let version = file.metadata["version"] ?? "none"
    guard found == format, version == ReplaySnapshotManifest.version, file.checksum != nil else {
      throw unsound(
        url.path, "\(format) of version \(ReplaySnapshotManifest.version) with a checksum",
        "\(shown(found)) of version \(shown(version)), checksum \(file.checksum ?? "none")")
    }
    return file
  }

  /// Turns what a file's reader throws into one sentence of ours.
  private static func damaged<Result>(
    _ path: String, _ unsound: Unsound, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as SafetensorsError {
      throw unsound(error.path, error.expected, error.found)
    } catch let error as TorchError {
      throw unsound(path, "numbers of a replay's types", "\(error)")
    }
  }

  /// Makes errors about the files of one snapshot, with what the folder has beside it.
  private struct Unsound {
    private let advice: String

    init(reading generation: Int, of all: [Int]) {
      let others = all.filter { $0 != generation }.suffix(8).map(String.init)
        .joined(separator: ", ")
      advice =
        all.isEmpty
        ? "the folder has no snapshot of the replay: put it back, or train a new run"
        : others.isEmpty
          ? "put the file back, or train a new run: the folder has no other snapshot"
          : "put the file back, resume from an older checkpoint (the folder has the snapshots "
            + "\(others)), or train a new run"
    }

    func callAsFunction(_ path: String, _ expected: String, _ found: String = "others")
      -> ReplayError
    {
      ReplayError(.damaged, path, expected: expected, found: found, advice: advice)
    }
  }

  private static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "none"
  }

  /// Text of a file as it may stand in a message.
  private static func shown(_ text: String) -> String {
    String(text.unicodeScalars.prefix(60).map { $0.value < 32 ? " " : Character($0) })
  }
}
