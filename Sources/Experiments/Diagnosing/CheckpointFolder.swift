package import Foundation
import Plasticity
import Texts
import Torch

/// The checkpoints of one training, found in a folder or named one by one: nap's own, files of PyTorch, safetensors,
/// and folders with shards, one a checkpoint.
package struct CheckpointFolder {
  /// The files in order of training; a folder stands for its shards.
  package var files: [URL]
  /// The step of each, rising; `nil` where neither names nor contents tell.
  package var steps: [Int]?
  /// Whether nap wrote them all.
  package var isOwn: Bool

  private static let endings: Set = ["pt", "pth", "bin", "ckpt", "safetensors"]
  /// What trainers write beside a model.
  private static let others: Set = [
    "optimizer.pt", "optimizer.bin", "scheduler.pt", "training_args.bin", "rng_state.pth",
    "scaler.pt",
  ]
  /// Keys under which training programs save how far they are.
  private static let counters = [
    "step", "global_step", "steps", "iteration", "iter", "update", "updates", "epoch",
  ]

  /// Finds checkpoints.
  ///
  /// - Parameter places: files, or one folder.
  /// - Throws: ``UsageError`` where there is none, with what is looked for; `SafetensorsError` for a damaged file.
  package init(_ places: [URL]) throws {
    var found: [URL] = []
    for place in places {
      let isFolder = (try? place.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
      found += isFolder ? Self.files(in: place) : [place]
    }
    guard !found.isEmpty else {
      throw UsageError(
        "\(places.map(\.path).joined(separator: ", ")): expected checkpoints of one training: .pt, .pth, .bin, .ckpt "
          + "or .safetensors, or folders with a model.safetensors; found none")
    }
    isOwn = try Checkpoint.areAll(found)
    let series = CheckpointSeries(found)
    (files, steps) = (series.files, series.steps)
    if isOwn, let updates = try Checkpoint.updates(of: found) {
      sort(found, by: updates.map { $0 })
    } else if steps == nil, let counts = try Self.counts(found) {
      sort(found, by: counts)
    }
  }

  private mutating func sort(_ found: [URL], by steps: [Int]) {
    let sorted = zip(found, steps).sorted { $0.1 < $1.1 }
    guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.1 < $1.1 }) else { return }
    (files, self.steps) = (sorted.map(\.0), sorted.map(\.1))
  }

  /// The numbers that the files themselves give under one of the usual keys.
  private static func counts(_ files: [URL]) throws -> [Int]? {
    let numbers = try files.map { try TensorFile(reading: $0).numbers }
    for key in counters {
      let counts = numbers.compactMap { $0[key].flatMap(Int.init(exactly:)) }
      if counts.count == files.count, Set(counts).count == counts.count { return counts }
    }
    return nil
  }

  private static func files(in folder: URL) -> [URL] {
    let own = Checkpoint.all(in: folder)
    guard own.isEmpty else { return own }
    let entries =
      ((try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.isDirectoryKey])) ?? [])
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    if entries.contains(where: { $0.lastPathComponent == SafetensorsShards.indexName }) {
      return [folder]
    }
    let single = entries.filter {
      endings.contains($0.pathExtension) && !others.contains($0.lastPathComponent)
        && !$0.lastPathComponent.hasPrefix("rng_state")
    }
    guard single.isEmpty else { return single }
    return entries.compactMap { entry in
      guard (try? entry.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true else {
        return nil
      }
      let names = ["model.safetensors", SafetensorsShards.indexName]
      if names.contains(where: {
        FileManager.default.fileExists(atPath: entry.appending(path: $0).path)
      }) {
        return entry
      }
      let pickled = entry.appending(path: "pytorch_model.bin")
      return FileManager.default.fileExists(atPath: pickled.path) ? pickled : nil
    }
  }
}
