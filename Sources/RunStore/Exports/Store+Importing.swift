public import Foundation
import OrderedCollections
import Texts

extension Store {
  /// Takes in the runs of a file or folder that is no archive: a table (``SeriesCSV``, or a column `step` and columns
  /// of numbers), TensorBoard's event file, or a folder with event files, each folder in it being a run.
  ///
  /// Runs are marked as ``Run/Purpose/imported``. One whose source names an identifier keeps it.
  ///
  /// - Parameter provenance: of the import.
  /// - Throws: ``StoreError/unreadableImport(path:expected:reason:)``, and ``StoreError/exists(identifier:path:)`` when
  ///   a run is already here. Nothing is then taken in.
  public func importRuns(
    from url: URL, labels: RunLabels = RunLabels(), provenance: Provenance
  ) throws -> [Run] {
    let found =
      try url.pathExtension.lowercased() == "csv"
      ? Self.tableRuns(Data(contentsOf: url), url.path, labels, provenance)
      : Self.boardRuns(url, labels, provenance)
    return try take(found)
  }

  /// Takes all of these runs in, or none.
  func take(_ found: [ImportedRun]) throws -> [Run] {
    let known = Set(try runs().map(\.id))
    if let double = found.first(where: { known.contains($0.run.id) }) {
      throw StoreError.exists(identifier: double.run.id.text, path: folder.path)
    }
    for one in found { try insert(one.run, points: one.values) }
    return found.map(\.run)
  }

  // MARK: Event files

  private static func boardRuns(
    _ url: URL, _ labels: RunLabels, _ provenance: Provenance
  ) throws -> [ImportedRun] {
    var isFolder: ObjCBool = false
    let files = FileManager.default
    guard files.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw StoreError.unreadableImport(
        path: url.path, expected: "a file or folder", reason: "there is none")
    }
    var byFolder: [URL: [URL]] = [:]
    if isFolder.boolValue {
      let all = files.enumerator(at: url, includingPropertiesForKeys: nil)
      while let file = all?.nextObject() as? URL {
        guard file.lastPathComponent.contains("tfevents") else { continue }
        byFolder[file.deletingLastPathComponent(), default: []].append(file)
      }
    } else {
      byFolder[url] = [url]
    }
    guard !byFolder.isEmpty else {
      throw StoreError.unreadableImport(
        path: url.path, expected: "a folder with TensorBoard event files",
        reason: "no file in it has tfevents in its name")
    }
    return try byFolder.sorted { $0.key.path < $1.key.path }.map { folder, found in
      let sources = try found.sorted { $0.lastPathComponent < $1.lastPathComponent }.map {
        (path: $0.path, bytes: try Data(contentsOf: $0))
      }
      return try boardRun(sources, name: folder.lastPathComponent, labels, provenance)
    }
  }

  /// The run of some event files.
  static func boardRun(
    _ files: [(path: String, bytes: Data)], name: String, _ labels: RunLabels,
    _ provenance: Provenance
  ) throws -> ImportedRun {
    let reader = try EventReader(files)
    // Only nap names the part of a network after a slash, and the task.
    let isOwn = reader.settings["run"] != nil && reader.settings["recipe"] != nil
    let tasks = isOwn ? (reader.scalars[EventStream.taskTag] ?? [:]) : [:]
    let changes = tasks.sorted { $0.key < $1.key }
    func task(_ step: Int) -> Int {
      changes.last { $0.key <= step }.flatMap { Int(exactly: $0.value) }.map { max(0, $0) } ?? 0
    }
    var values: [MetricValue] = []
    for (tag, points) in reader.scalars where !isOwn || tag != EventStream.taskTag {
      let parts = tag.split(separator: "/", maxSplits: 1).map(String.init)
      let key = isOwn && parts.count == 2 ? (parts[0], parts[1]) : (tag, "")
      for (step, value) in points {
        values.append(
          MetricValue(
            Metric(labels.metrics[key.0] ?? key.0), scope: key.1, task: task(step), updates: step,
            value: value))
      }
    }
    var provenance = provenance
    if let first = reader.wallTimes?.lowerBound, (0...253_402_300_799).contains(first) {
      provenance.started = Date(timeIntervalSince1970: first).inWholeSeconds
    }
    let seconds = reader.wallTimes.map { $0.upperBound - $0.lowerBound } ?? 0
    return try ImportedRun(
      name: name, labels: labels, settings: reader.settings, values: values,
      provenance: provenance, status: reader.status, seconds: seconds)
  }
}

/// A run from elsewhere, before it is in the store.
struct ImportedRun {
  let run: Run
  let values: [MetricValue]

  /// Puts a run together from what its source says, and what it is to be called.
  ///
  /// - Parameter settings: labels (`recipe`, `arm`, …) and settings by name.
  init(
    name: String, labels: RunLabels, settings: [String: JSON], values: [MetricValue],
    manifest: ProtocolManifest? = nil, provenance: Provenance, status: RunStatus = .finished,
    seconds: Double = 0
  ) throws {
    func text(_ key: String) -> String? {
      if case .string(let text)? = settings[key], !text.isEmpty { text } else { nil }
    }
    var seed: Int?
    switch settings["seed"] {
    case .integer(let value)?: seed = value
    case .number(let value)?: seed = Int(exactly: value)
    case .string(let value)?: seed = Int(value)
    default: break
    }
    let own = settings.filter { !Self.labels.contains($0.key) }
    run = Run(
      id: text("run").flatMap { try? StoreIdentifier($0) } ?? .make(), name: text("name") ?? name,
      recipe: labels.recipe ?? text("recipe") ?? "imported",
      preset: labels.preset ?? text("preset") ?? "imported", arm: labels.arm ?? text("arm") ?? name,
      seed: labels.seed ?? seed ?? 0, purpose: .imported,
      configuration: try JSONText.encode(JSON.object(own)), provenance: provenance,
      manifest: manifest, status: status, ended: provenance.started,
      wallSeconds: max(0, values.last { $0.metric == .seconds }?.value ?? seconds))
    self.values = values
  }

  private static let labels: Set<String> = [
    "run", "name", "recipe", "preset", "arm", "seed", "parent",
  ]
}
