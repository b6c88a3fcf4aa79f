public import Datasets
public import Networks

/// The examples of a run.
///
/// Written flat but for the sums: the source's word under `source` beside the settings of this source.
public struct TaskDataConfiguration: Codable, Hashable, Sendable {
  /// Where the examples come from, with the settings of this source.
  public var examples: Examples
  /// Chooses the subset, and for sums what is trained on; the same for every seed of a run, so that seeds
  /// differ in labels, weights and batches alone.
  public var subsetSeed: Int

  /// Examples; what is not given has the source's default.
  ///
  /// - Precondition: the source has every setting that is given.
  public init(
    source: Source = .cifar10, split: ImageDataset.Split? = nil, imageCount: Int? = nil,
    size: Int? = nil, subsetSeed: Int = 0, addition: ModularAdditionConfiguration? = nil
  ) {
    examples = Examples(source)
    self.subsetSeed = subsetSeed
    if let split { self.split = split }
    if let imageCount { self.imageCount = imageCount }
    if let size { self.size = size }
    if let addition { self.addition = addition }
  }

  /// A source with its settings.
  public enum Examples: KindChoice, Hashable, Sendable {
    /// CIFAR-10.
    case cifar10(Images)
    /// CIFAR-100.
    case cifar100(Images)
    /// MNIST.
    case mnist(Images)
    /// Built-in structured images.
    case procedural(Images)
    /// Sums modulo a number.
    case modularAddition(Sums)

    package init(_ kind: Source, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .cifar10: .cifar10(try source.settings())
        case .cifar100: .cifar100(try source.settings())
        case .mnist: .mnist(try source.settings())
        case .procedural: .procedural(try source.settings())
        case .modularAddition: .modularAddition(try source.settings())
        }
    }

    package var content: (kind: Source, settings: any KindSettings) {
      switch self {
      case .cifar10(let settings): (.cifar10, settings)
      case .cifar100(let settings): (.cifar100, settings)
      case .mnist(let settings): (.mnist, settings)
      case .procedural(let settings): (.procedural, settings)
      case .modularAddition(let settings): (.modularAddition, settings)
      }
    }
  }

  /// The name of a source.
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

  /// Images of a dataset.
  public struct Images: KindSettings, Codable, Hashable, Sendable {
    /// Which part of the dataset.
    public var split = ImageDataset.Split.train
    /// The number of images; 0 takes all.
    public var imageCount = 0
    /// The side in pixels that images are area-averaged to; 0 keeps them as they are.
    public var size = 0

    /// The defaults.
    public init() {}
  }

  /// Sums modulo a number.
  public struct Sums: KindSettings, Codable, Hashable, Sendable {
    /// Which sums.
    public var addition = ModularAdditionConfiguration()

    /// The defaults.
    public init() {}
  }

  /// The number of different tokens; `nil` for images.
  ///
  /// - Throws: `DatasetError` for sums that there are not.
  func vocabulary() throws(DatasetError) -> Int? {
    source.isTokens ? try addition.sums().vocabulary : nil
  }
}

/// Settings by name, whatever the source: the defaults where a source does not have them.
///
/// - Precondition: a setting is set of a source that has it.
extension TaskDataConfiguration {
  /// The name of the source. Another one takes over the settings whose names it has, too.
  public var source: Source {
    get { examples.kind }
    set { examples.kind = newValue }
  }

  /// Images: which part of the dataset.
  public var split: ImageDataset.Split {
    get { examples.value(\Images.split) ?? .train }
    set { examples.set("split", to: newValue, \Images.split) }
  }

  /// Images: their number; 0 takes all.
  public var imageCount: Int {
    get { examples.value(\Images.imageCount) ?? 0 }
    set { examples.set("imageCount", to: newValue, \Images.imageCount) }
  }

  /// Images: the side in pixels that they are area-averaged to; 0 keeps them as they are.
  public var size: Int {
    get { examples.value(\Images.size) ?? 0 }
    set { examples.set("size", to: newValue, \Images.size) }
  }

  /// `modular-addition`: the sums.
  public var addition: ModularAdditionConfiguration {
    get { examples.value(\Sums.addition) ?? ModularAdditionConfiguration() }
    set { examples.set("addition", to: newValue, \Sums.addition) }
  }

  private enum CodingKeys: String, CodingKey { case subsetSeed }

  /// Reads a choice; what is not there has its default, and settings of other sources are left out.
  public init(from decoder: any Decoder) throws {
    examples = try Examples(from: decoder, key: "source")
    subsetSeed = try decoder.container(keyedBy: CodingKeys.self)
      .decode(Int.self, forKey: .subsetSeed)
  }

  /// Writes the settings that the source has.
  public func encode(to encoder: any Encoder) throws {
    try examples.encode(to: encoder, key: "source")
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(subsetSeed, forKey: .subsetSeed)
  }
}
