public import Foundation
import RunStore
import Texts
public import Torch

/// A run's state in one safetensors file that verifies its checksum on reading.
///
/// The file's metadata have the recipe, arm, seed and configuration of the run. So a checkpoint alone is enough to
/// continue, audit and measure the run.
public struct Checkpoint {
  /// The run that the checkpoint belongs to.
  public struct Identity: Codable, Hashable, Sendable {
    /// The recipe's name.
    public var recipe: String
    /// The preset's name.
    public var preset: String
    /// The arm's name; one of an earlier build's `fresh` is read under its name of today.
    public var arm: String
    /// The run's seed.
    public var seed: Int
    /// The resolved configuration as JSON.
    public var configuration: String
    /// Updates completed.
    public var updates: Int
    /// The run's identifier in the store.
    public var run: String
    /// The program that wrote it.
    public var napVersion: String
    /// Number of values of the run in the store when the checkpoint was written; `nil` without a store, and in
    /// checkpoints of earlier versions.
    public var recordedCount: Int?
  }

  /// The version of the format; a reader refuses other versions.
  public static let version = "1"
  /// The name in a run's folder.
  public static let fileName = "checkpoint.safetensors"
  /// The name in a run's folder of a state that diverged or is not finite. It is saved beside the last good checkpoint.
  public static let divergedFileName = "diverged.safetensors"
  /// The folder of kept checkpoints, in a run's folder.
  public static let keptFolderName = "checkpoints"

  /// The prefix of the names of the network's tensors.
  public static let networkPrefix = "network."

  /// Whether every file is a checkpoint that this program wrote, by its metadata; checksums are left to
  /// whoever reads the tensors.
  ///
  /// - Throws: `SafetensorsError` for a file that is damaged.
  public static func areAll(_ urls: [URL]) throws -> Bool {
    try urls.allSatisfy { try metadata(of: $0) != nil }
  }

  /// The updates of checkpoints; `nil` unless all are checkpoints of the same run.
  ///
  /// - Throws: `SafetensorsError` for a file that is damaged.
  public static func updates(of urls: [URL]) throws -> [Int]? {
    let known = try urls.compactMap { url in
      try metadata(of: url).flatMap {
        try? JSONText.decode(Identity.self, from: $0["identity"] ?? "")
      }
    }
    guard known.count == urls.count, Set(known.map(\.run)).count == 1 else { return nil }
    return known.map(\.updates)
  }

  /// The metadata of one of nap's own checkpoints; `nil` of files of others.
  private static func metadata(of url: URL) throws -> [String: String]? {
    let metadata = try TensorFile(reading: url, verifyingChecksum: false).metadata
    return metadata["format"] == "nap-checkpoint" ? metadata : nil
  }

  /// The path of the kept checkpoint of an update. Names sort in the order of updates.
  static func keptURL(in folder: URL, updates: Int) -> URL {
    let digits = String(updates)
    let zeros = String(repeating: "0", count: max(0, 10 - digits.count))
    return folder.appendingPathComponent(keptFolderName)
      .appendingPathComponent("update-\(zeros)\(digits).safetensors")
  }

  /// The checkpoints in a run's folder in order: the kept ones, and the last one unless it is kept.
  public static func all(in folder: URL) -> [URL] {
    let files = FileManager.default
    let last = folder.appendingPathComponent(fileName)
    let kept =
      (try? files.contentsOfDirectory(
        at: folder.appendingPathComponent(keptFolderName), includingPropertiesForKeys: nil)) ?? []
    let sorted = kept.filter { $0.pathExtension == "safetensors" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
    guard files.fileExists(atPath: last.path) else { return sorted }
    // A kept checkpoint may be of the same update before its evaluation: the files differ, the weights do not.
    let updates = (try? updates(of: [last]))??.first
    let isKept =
      updates.map { keptURL(in: folder, updates: $0).lastPathComponent }
      == sorted.last?.lastPathComponent
    return isKept && !sorted.isEmpty ? sorted : sorted + [last]
  }

  /// The run that the checkpoint belongs to.
  public var identity: Identity
  /// The state.
  public var snapshot: State

  /// A checkpoint to write.
  public init(identity: Identity, snapshot: State) {
    self.identity = identity
    self.snapshot = snapshot
  }

  /// Writes to a temporary file, flushes it to the disk and renames it, so that the file at `url`
  /// is always whole.
  ///
  /// - Throws: `DurableFileError` or `SafetensorsError`; an older checkpoint there is untouched.
  public func write(to url: URL) throws {
    var metadata = ["format": "nap-checkpoint", "version": Self.version]
    metadata["identity"] = try JSONText.encode(identity)
    for (name, value) in snapshot.values { metadata["state.\(name)"] = value }
    try SafetensorsFile.write(snapshot.tensors, metadata: metadata, to: url)
  }

  /// Reads and verifies a checkpoint.
  ///
  /// - Throws: `SafetensorsError` for a damaged file, ``CheckpointError`` for a sound file that is no
  ///   checkpoint or of another version.
  public init(reading url: URL) throws { try self.init(reading: url, requiresChecksum: true) }

  /// The same, optionally without a checksum, for tests with damaged bytes.
  init(reading url: URL, requiresChecksum: Bool) throws {
    let file = try SafetensorsFile(reading: url)
    guard file.metadata["format"] == "nap-checkpoint" else {
      throw CheckpointError(
        path: url.path, expected: "a checkpoint written by nap train",
        found: "a safetensors file without nap's metadata",
        remedy: "give the \(Self.fileName) of a run's folder; nap runs shows them")
    }
    guard file.metadata["version"] == Self.version else {
      throw CheckpointError(
        path: url.path, expected: "version \(Self.version)",
        found: "version \(Excerpt.of(file.metadata["version"] ?? "none"))",
        remedy: "read it with the version of nap that wrote it")
    }
    guard file.checksum != nil || !requiresChecksum else {
      throw CheckpointError(
        path: url.path, expected: "a checkpoint with its checksum", found: "none",
        remedy: "use the file that nap wrote: another program has written this one")
    }
    do {
      identity = try JSONText.decode(Identity.self, from: file.metadata["identity"] ?? "")
      identity.arm = FreshArm.name(identity.arm, ofRun: identity.configuration)
    } catch {
      throw CheckpointError(
        path: url.path, expected: "the run's identity in the metadata",
        found: "none that can be read", remedy: "use an earlier checkpoint of the run")
    }
    var values: [String: String] = [:]
    for (key, value) in file.metadata where key.hasPrefix("state.") {
      values[String(key.dropFirst(6))] = value
    }
    snapshot = State(
      tensors: try file.names.map { ($0, try file.tensor($0)) }, values: values)
    snapshot.folder = url.deletingLastPathComponent()
  }

  /// Restores the state into a run of the same configuration and seed. All or nothing.
  ///
  /// - Parameter path: the checkpoint's path, for errors.
  /// - Throws: ``CheckpointError`` if the state does not fit; errors of environments and state files unchanged.
  func restore(into training: inout some TrainingRun, path: String) throws {
    try fitting(path) { try training.restore(snapshot) }
    try checkPlace(of: training, path: path)
  }

  /// Refuses a state with another number of updates than the checkpoint's metadata.
  func checkPlace(of training: some TrainingRun, path: String) throws(CheckpointError) {
    guard training.updates == identity.updates else {
      throw CheckpointError(
        path: path, expected: "the state after \(identity.updates) updates",
        found: "one after \(training.updates)", remedy: Self.remedy)
    }
  }

  /// Puts the average of weights in the place of the weights.
  ///
  /// - Throws: ``CheckpointError`` for a checkpoint without one.
  mutating func useAverage(_ path: String) throws(CheckpointError) {
    do {
      try snapshot.put(Averaging.scope, inPlaceOf: "network")
    } catch {
      throw CheckpointError(
        path: path, expected: "a checkpoint with an average of weights", found: "none",
        remedy: "leave out --average, or train with --set average.decay=0.999")
    }
  }

  /// Runs `body` and adds the checkpoint to its errors.
  func fitting(_ path: String, _ restore: () throws -> Void) throws {
    do {
      try withTorchErrors(restore)
    } catch let error as OutsideStateError {
      throw error.cause
    } catch {
      throw CheckpointError(
        path: path,
        expected: "the state of \(Excerpt.of(identity.recipe))/\(Excerpt.of(identity.arm)) "
          + "with the settings it names",
        found: Excerpt.of("\(error)", atMost: 600), remedy: Self.remedy)
    }
  }

  private static let remedy =
    "put the run's own checkpoint back, or move the file away to train from the start"
}

/// A file that is not the checkpoint that was asked for.
public struct CheckpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What it should be.
  public let expected: String
  /// What it is.
  public let found: String
  /// What to do.
  public let remedy: String

  /// An error; see the properties.
  public init(path: String, expected: String, found: String, remedy: String) {
    self.path = path
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }

  /// One sentence.
  public var description: String { "\(path): expected \(expected), found \(found); \(remedy)" }
}
