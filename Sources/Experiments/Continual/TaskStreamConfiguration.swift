import Networks

/// What changes from task to task.
///
/// Flat, so that each field can be set by its name; fields that a kind does not use are kept and ignored.
public struct TaskStreamConfiguration: Codable, Hashable, Sendable {
  /// What changes.
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

  /// What changes.
  public var kind: Kind
  /// `classIncremental`: classes that each task adds.
  public var classesPerTask: Int
  /// `warmStart`: the part of the images in the first task, in (0, 1].
  public var firstShare: Double
  /// A task's length in passes over its examples; 0 takes `updatesPerTask` updates instead.
  public var epochsPerTask: Int
  /// Images of the test split that accuracy is measured on at a task's end; 0 measures none. Sums have a test set
  /// of their own.
  public var testCount: Int

  /// A stream; see the properties.
  public init(
    _ kind: Kind = .randomLabels, classesPerTask: Int = 2, firstShare: Double = 0.1,
    epochsPerTask: Int = 0, testCount: Int = 0
  ) {
    self.kind = kind
    self.classesPerTask = classesPerTask
    self.firstShare = firstShare
    self.epochsPerTask = epochsPerTask
    self.testCount = testCount
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
      ("classesPerTask", classesPerTask, 1),
    ] {
      try require(count >= least, key, "\(least) or more", count)
      try require(count <= largest, key, "at most \(largest)", count)
    }
    try require(
      firstShare > 0 && firstShare <= 1, "firstShare", "above 0 and at most 1", firstShare)
    switch kind {
    case .randomLabels:
      try require(
        testCount == 0, "testCount", "0, since random labels have no test set", testCount)
    case .permutedPixels, .stationary: break
    case .classIncremental:
      try require(
        (1...1_000_000).contains(classesPerTask), "classesPerTask", "1 to 1,000,000",
        classesPerTask)
    case .warmStart:
      try require(tasks >= 2, "kind", "two tasks or more for warmStart (set tasks=2)", tasks)
    }
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
