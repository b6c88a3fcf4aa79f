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

  /// Examples of a source.
  public init(_ examples: Examples, subsetSeed: Int = 0) {
    self.examples = examples
    self.subsetSeed = subsetSeed
  }

  /// Images, or a source's defaults.
  ///
  /// - Precondition: a part, a number or a size is given of images alone.
  public init(
    source: Source = .cifar10, split: ImageDataset.Split = .train, imageCount: Int = 0,
    size: Int = 0
  ) {
    self.init(Examples(source))
    let images = Images { ($0.split, $0.imageCount, $0.size) = (split, imageCount, size) }
    if images != Images() { self.images = images }
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
  }

  /// Images of a dataset.
  public struct Images: KindSettings {
    /// Which part of the dataset.
    public var split = ImageDataset.Split.train
    /// The number of images; 0 takes all.
    public var imageCount = 0
    /// The side in pixels that images are area-averaged to; 0 keeps them as they are.
    public var size = 0

    public init() {}
  }

  /// Sums modulo a number.
  public struct Sums: KindSettings {
    /// Which sums.
    public var addition = ModularAdditionConfiguration()

    public init() {}
  }

  /// The name of the source. Another one takes over the settings whose names it has, too.
  public var source: Source {
    get { examples.kind }
    set { examples.kind = newValue }
  }

  /// The images; `nil` for sums.
  public var images: Images? {
    get { examples[Images.self] }
    set { examples[Images.self] = newValue }
  }

  /// The sums; `nil` for images.
  public var addition: ModularAdditionConfiguration? {
    get { examples[Sums.self]?.addition }
    set { examples[Sums.self] = newValue.map { addition in Sums { $0.addition = addition } } }
  }

  /// The number of different tokens; `nil` for images.
  ///
  /// - Throws: `DatasetError` for sums that there are not.
  func vocabulary() throws(DatasetError) -> Int? {
    guard let addition else { return nil }
    return try addition.sums().vocabulary
  }

  /// Checks every field, and that what changes from task to task can change with these examples.
  ///
  /// - Throws: `ConfigurationError` naming the key.
  func validate(_ kind: TaskStreamConfiguration.Kind) throws(ConfigurationError) {
    if let images {
      try ConfigurationError.requireCount(
        images.imageCount, "data.imageCount", from: 0, to: .max, "0 (all) or more")
      try ConfigurationError.requireCount(images.size, "data.size", from: 0)
    }
    guard let addition else { return }
    try addition.validate()
    try ConfigurationError.require(
      [.stationary, .randomLabels].contains(kind), "stream.kind",
      "stationary or randomLabels for data.source \(source.rawValue)", kind.rawValue)
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
