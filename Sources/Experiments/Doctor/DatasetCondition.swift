public import Datasets
import Torch

/// A dataset as it lies here.
public struct DatasetCondition: Codable, Hashable, Sendable {
  /// How much of it is here.
  public enum State: String, Codable, Hashable, Sendable {
    /// Needs no files.
    case builtIn = "built in"
    /// Every file, with as many records as the official dataset.
    case complete
    /// Some files can be used.
    case partial = "in part"
    /// Files that are here cannot be used.
    case damaged
    /// No file is here.
    case missing = "not here"
  }

  /// The dataset's name.
  public var name: String
  /// How much of it is here.
  public var state: State
  /// Its folder.
  public var folder: String
  /// Records that can be read: images by split, or the bytes of texts.
  public var records: [String: Int]
  /// Files whose SHA-256 is the known one, of those that have a known one.
  public var verifiedFiles: Int
  /// Files that can be read but for which no SHA-256 is known.
  public var unverifiedFiles: Int
  /// What is wrong with the first file that is here and cannot be used.
  public var problem: String?
  /// The command that fetches what is missing; `nil` when nothing is.
  public var remedy: String?

  /// Every dataset that the program knows. Cost: one reading of every file.
  public static func all(in root: DataFolder) -> [DatasetCondition] {
    DatasetRegistry.all.map { DatasetCondition($0, DatasetInstaller(root: root).verify($0)) }
  }

  init(_ dataset: DatasetDescription, _ report: VerificationReport) {
    name = dataset.name
    folder = report.folder
    records = [:]
    verifiedFiles = report.files.filter { $0.checksum == .matches && $0.isSound }.count
    unverifiedFiles = report.files.filter { $0.checksum == .unknown && $0.isSound }.count
    let broken = report.files.first { !$0.isSound && $0.byteCount != nil }
    problem = broken.map { file in
      if case .differs = file.checksum { return "\(file.path): its checksum is not the known one" }
      return file.problem.map { "\($0)" } ?? file.path
    }
    if dataset.downloads.isEmpty {
      state = .builtIn
    } else if report.isComplete {
      state = .complete
    } else if broken != nil {
      state = .damaged
    } else if report.files.contains(where: \.isSound) {
      state = .partial
    } else {
      state = .missing
    }
    for split in ImageDataset.Split.allCases {
      let counts = report.files.filter { $0.split == split && $0.isSound }.compactMap(\.recordCount)
      guard !counts.isEmpty else { continue }
      // MNIST has the same records in two files; CIFAR different ones in each.
      if case .cifar = dataset.content {
        records[split.rawValue] = counts.reduce(0, +)
      } else {
        records[split.rawValue] = counts.min()
      }
    }
    let texts = report.files.filter { $0.split == nil }.compactMap(\.recordCount)
    if !texts.isEmpty { records["bytes"] = texts.reduce(0, +) }
    let isWhole = state == .complete || state == .builtIn
    remedy = isWhole ? nil : "nap data get \(dataset.name)"
  }
}
