public import Networks

/// What changes from task to task.
///
/// Written flat: the word of the change under `kind` beside the settings of this change.
public struct TaskStreamConfiguration: Codable, Hashable, Sendable {
  /// What changes, with its settings.
  public var change: Change
  /// A task's length in passes over its examples; 0 takes `updatesPerTask` updates instead.
  public var epochsPerTask: Int

  /// A stream; what is not given has the kind's default.
  ///
  /// - Precondition: the kind has every setting that is given.
  public init(
    _ kind: Kind = .randomLabels, classesPerTask: Int? = nil, firstShare: Double? = nil,
    epochsPerTask: Int = 0, testCount: Int? = nil
  ) {
    change = Change(kind)
    self.epochsPerTask = epochsPerTask
    if let classesPerTask { self.classesPerTask = classesPerTask }
    if let firstShare { self.firstShare = firstShare }
    if let testCount { self.testCount = testCount }
  }

  /// What changes, with its settings.
  public enum Change: KindChoice, Hashable, Sendable {
    case randomLabels
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
        case .randomLabels: .randomLabels
        case .permutedPixels: .permutedPixels(try source.settings())
        case .classIncremental: .classIncremental(try source.settings())
        case .warmStart: .warmStart(try source.settings())
        case .stationary: .stationary(try source.settings())
        }
    }

    package var content: (kind: Kind, settings: any KindSettings) {
      switch self {
      case .randomLabels: (.randomLabels, NoKindSettings())
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

  /// True labels, with a test set.
  public struct Tested: KindSettings, Codable, Hashable, Sendable {
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    /// The defaults.
    public init() {}
  }

  /// More classes with every task.
  public struct MoreClasses: KindSettings, Codable, Hashable, Sendable {
    /// Classes that each task adds.
    public var classesPerTask = 2
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    /// The defaults.
    public init() {}
  }

  /// A part of the images, then all of them.
  public struct MoreImages: KindSettings, Codable, Hashable, Sendable {
    /// The part of the images in the first task, in (0, 1].
    public var firstShare = 0.1
    /// Images of the test split to measure accuracy on at a task's end; 0 for none. Sums have a test set of their own.
    public var testCount = 0

    /// The defaults.
    public init() {}
  }

  /// Checks every field against the number of tasks.
  ///
  /// - Throws: ``UsageError`` naming the key.
  func validate(tasks: Int) throws(UsageError) {
    func require(
      _ condition: Bool, _ key: String, _ expected: String, _ found: some CustomStringConvertible
    ) throws(UsageError) {
      guard condition else {
        throw UsageError("stream.\(key): expected \(expected), found \(found)")
      }
    }
    let largest = ConfigurationError.largestCount
    for (key, count, least) in [
      ("epochsPerTask", epochsPerTask, 0), ("testCount", testCount, 0),
    ] {
      try require(count >= least, key, "\(least) or more", count)
      try require(count <= largest, key, "at most \(largest)", count)
    }
    switch change {
    case .randomLabels, .permutedPixels, .stationary: break
    case .classIncremental(let settings):
      try require(
        (1...1_000_000).contains(settings.classesPerTask), "classesPerTask", "1 to 1,000,000",
        settings.classesPerTask)
    case .warmStart(let settings):
      try require(
        settings.firstShare > 0 && settings.firstShare <= 1, "firstShare", "above 0 and at most 1",
        settings.firstShare)
      try require(tasks >= 2, "kind", "two tasks or more for warmStart (set tasks=2)", tasks)
    }
  }
}

/// Settings by name, whatever changes: none where a kind does not have them.
///
/// - Precondition: a setting is set of a kind that has it.
extension TaskStreamConfiguration {
  /// The name of what changes. Another kind takes over the settings whose names it has, too.
  public var kind: Kind {
    get { change.kind }
    set { change.kind = newValue }
  }

  /// `classIncremental`: classes that each task adds.
  public var classesPerTask: Int {
    get { change.value(\MoreClasses.classesPerTask) ?? 0 }
    set { change.set("classesPerTask", to: newValue, \MoreClasses.classesPerTask) }
  }

  /// `warmStart`: the part of the images in the first task, in (0, 1].
  public var firstShare: Double {
    get { change.value(\MoreImages.firstShare) ?? 1 }
    set { change.set("firstShare", to: newValue, \MoreImages.firstShare) }
  }

  /// All but `randomLabels`: images of the test split to measure accuracy on.
  public var testCount: Int {
    get { change.value(\Tested.testCount, \MoreClasses.testCount, \MoreImages.testCount) ?? 0 }
    set {
      change.set(
        "testCount", to: newValue, \Tested.testCount, \MoreClasses.testCount, \MoreImages.testCount)
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
