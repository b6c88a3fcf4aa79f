public import Datasets

/// Which sums a run trains on: x + y modulo p; see `ModularAddition`.
public struct ModularAdditionConfiguration: Codable, Hashable, Sendable {
  /// p, the number of classes. Source: METHOD 3.7 for 117.
  public var modulus: Int
  /// The share of the p² pairs that are trained on; all others are the test set. Source: METHOD 3.7 for 0.2.
  public var trainingShare: Double
  /// What a row of tokens holds. Five tokens are METHOD 3.7's, which tokens is our choice.
  public var layout: ModularAddition.Layout

  /// Sums; see the properties.
  public init(
    modulus: Int = 117, trainingShare: Double = 0.2, layout: ModularAddition.Layout = .blank
  ) {
    self.modulus = modulus
    self.trainingShare = trainingShare
    self.layout = layout
  }

  /// The sums.
  ///
  /// - Throws: `DatasetError` for a field out of range.
  func sums() throws(DatasetError) -> ModularAddition {
    try ModularAddition(modulus: modulus, trainingShare: trainingShare, layout: layout)
  }

  /// Checks every field.
  ///
  /// - Throws: ``UsageError`` naming the key.
  func validate() throws(UsageError) {
    func require(
      _ condition: Bool, _ key: String, _ expected: String, _ found: some CustomStringConvertible
    ) throws(UsageError) {
      guard condition else {
        throw UsageError("data.addition.\(key): expected \(expected), found \(found)")
      }
    }
    try require((2...2_048).contains(modulus), "modulus", "2 to 2,048", modulus)
    try require(
      trainingShare > 0 && trainingShare < 1, "trainingShare", "above 0 and below 1",
      trainingShare)
  }
}
