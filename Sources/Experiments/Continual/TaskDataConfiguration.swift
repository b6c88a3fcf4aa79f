public import Datasets

/// The examples of a run.
///
/// Flat but for the sums, so that each field can be set by its name; fields that a source does not use are kept and
/// ignored.
public struct TaskDataConfiguration: Codable, Hashable, Sendable {
  /// Where the examples come from.
  public enum Source: String, Codable, Hashable, Sendable, CaseIterable {
    case cifar10 = "cifar-10"
    case cifar100 = "cifar-100"
    case mnist
    /// Built-in structured images; need no files.
    case procedural
    /// Sums modulo a number, as rows of tokens.
    case modularAddition = "modular-addition"

    /// Whether an example is a row of tokens, not an image.
    var isTokens: Bool { self == .modularAddition }
  }

  /// Where the examples come from.
  public var source: Source
  /// Which part of the dataset.
  public var split: ImageDataset.Split
  /// The number of images; 0 takes all.
  public var imageCount: Int
  /// The side in pixels that images are area-averaged to; 0 keeps them as they are.
  public var size: Int
  /// Chooses the subset, and for sums what is trained on; the same for every seed of a run, so that seeds
  /// differ in labels, weights and batches alone.
  public var subsetSeed: Int
  /// `modular-addition`: the sums.
  public var addition: ModularAdditionConfiguration

  /// Examples; see the properties.
  public init(
    source: Source = .cifar10, split: ImageDataset.Split = .train, imageCount: Int = 0,
    size: Int = 0, subsetSeed: Int = 0,
    addition: ModularAdditionConfiguration = ModularAdditionConfiguration()
  ) {
    self.source = source
    self.split = split
    self.imageCount = imageCount
    self.size = size
    self.subsetSeed = subsetSeed
    self.addition = addition
  }

  /// The number of different tokens; `nil` for images.
  ///
  /// - Throws: `DatasetError` for sums that there are not.
  func vocabulary() throws(DatasetError) -> Int? {
    source.isTokens ? try addition.sums().vocabulary : nil
  }

  /// Reads a choice; what was not there before has its default.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      source: try values.decode(Source.self, forKey: .source),
      split: try values.decode(ImageDataset.Split.self, forKey: .split),
      imageCount: try values.decode(Int.self, forKey: .imageCount),
      size: try values.decode(Int.self, forKey: .size),
      subsetSeed: try values.decode(Int.self, forKey: .subsetSeed),
      addition: try values.decodeIfPresent(ModularAdditionConfiguration.self, forKey: .addition)
        ?? ModularAdditionConfiguration())
  }
}
