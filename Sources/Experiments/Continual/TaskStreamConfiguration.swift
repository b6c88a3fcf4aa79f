public import Networks

/// What changes from task to task.
///
/// Written flat: the word of the change under `kind` beside the settings of this change.
public struct TaskStreamConfiguration: Codable, Hashable, Sendable {
  /// What changes, with its settings.
  public var change: Change
  /// A task's length in passes over its examples; 0 takes `updatesPerTask` updates instead.
  public var epochsPerTask: Int

  /// A stream in which something changes.
  public init(_ change: Change, epochsPerTask: Int = 0) {
    self.change = change
    self.epochsPerTask = epochsPerTask
  }

  /// A stream with its kind's defaults.
  public init(_ kind: Kind = .randomLabels, epochsPerTask: Int = 0) {
    self.init(Change(kind), epochsPerTask: epochsPerTask)
  }

  /// What changes, with its settings.
  public enum Change: KindChoice, Hashable, Sendable {
    /// A share of the labels.
    case randomLabels(Relabeling)
    /// The order of the pixels.
    case permutedPixels(Tested)
    /// The number of classes.
    case classIncremental(MoreClasses)
    /// The number of images, after the first task.
    case warmStart(MoreImages)
    /// Nothing.
    case stationary(Tested)

    package init(_ kind: Kind, _ source: SettingsSource) throws {
      self =
        switch kind {
        case .randomLabels: .randomLabels(try source.settings())
        case .permutedPixels: .permutedPixels(try source.settings())
        case .classIncremental: .classIncremental(try source.settings())
        case .warmStart: .warmStart(try source.settings())
        case .stationary: .stationary(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .randomLabels(let settings): (.randomLabels, settings)
      case .permutedPixels(let settings): (.permutedPixels, settings)
      case .classIncremental(let settings): (.classIncremental, settings)
      case .warmStart(let settings): (.warmStart, settings)
      case .stationary(let settings): (.stationary, settings)
      }
    }
  }

  /// The name of a change.
  public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
    /// The same images, a share of the labels drawn again.
    case randomLabels
    /// True labels, the pixels of all images rearranged by a permutation drawn for the task.
    case permutedPixels
    /// True labels, more classes with every task: those of earlier tasks stay.
    case classIncremental
    /// True labels, a part of the images in the first task and all of them from the second on.
    case warmStart
    /// True labels and the same examples in every task.
    case stationary
  }

  /// Labels drawn again.
  public struct Relabeling: KindSettings {
    /// The share of labels drawn again at a task's start, in (0, 1].
    public var relabeledShare = 1.0

    public init() {}
  }

  /// True labels, with a test set.
  public struct Tested: KindSettings {
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    public init() {}
  }

  /// More classes with every task.
  public struct MoreClasses: KindSettings {
    /// Classes that each task adds.
    public var classesPerTask = 2
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    public init() {}
  }

  /// A part of the images, then all of them.
  public struct MoreImages: KindSettings {
    /// The part of the images in the first task, in (0, 1].
    public var firstShare = 0.1
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    public init() {}
  }

  /// The name of what changes. Another kind takes over the settings whose names it has, too.
  public var kind: Kind {
    get { change.kind }
    set { change.kind = newValue }
  }

  /// Images of the test split to measure accuracy on; 0 for random labels.
  public var testCount: Int {
    change.value(\Tested.testCount, \MoreClasses.testCount, \MoreImages.testCount) ?? 0
  }

  /// Checks every field against the number of tasks.
  ///
  /// - Throws: `ConfigurationError` naming the key.
  func validate(tasks: Int) throws(ConfigurationError) {
    try ConfigurationError.requireCount(epochsPerTask, "stream.epochsPerTask", from: 0)
    try ConfigurationError.requireCount(testCount, "stream.testCount", from: 0)
    switch change {
    case .permutedPixels, .stationary: break
    case .randomLabels(let settings):
      try ConfigurationError.require(
        settings.relabeledShare > 0 && settings.relabeledShare <= 1, "stream.relabeledShare",
        "above 0 and at most 1", "\(settings.relabeledShare)")
    case .classIncremental(let settings):
      try ConfigurationError.requireCount(
        settings.classesPerTask, "stream.classesPerTask", from: 1, to: 1_000_000,
        "1 to 1,000,000")
    case .warmStart(let settings):
      try ConfigurationError.require(
        settings.firstShare > 0 && settings.firstShare <= 1, "stream.firstShare",
        "above 0 and at most 1", "\(settings.firstShare)")
      try ConfigurationError.requireCount(
        tasks, "tasks", from: 2, "two or more for stream.kind warmStart (set tasks=2)")
    }
  }

  private enum CodingKeys: String, CodingKey { case epochsPerTask }

  /// Reads a stream; what is not there has its default, and settings of other kinds are left out.
  public init(from decoder: any Decoder) throws {
    change = try Change(from: decoder)
    epochsPerTask = try decoder.container(keyedBy: CodingKeys.self)
      .decode(Int.self, forKey: .epochsPerTask)
  }

  /// Writes the settings that the kind has.
  public func encode(to encoder: any Encoder) throws {
    try change.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(epochsPerTask, forKey: .epochsPerTask)
  }
}

extension KeyedDecodingContainer {
  /// Random labels when the key is absent: configurations stored before there were other streams.
  public func decode(
    _ type: TaskStreamConfiguration.Type, forKey key: Key
  ) throws -> TaskStreamConfiguration {
    try decodeIfPresent(type, forKey: key) ?? TaskStreamConfiguration()
  }
}
