public import Datasets
import Networks

/// Which sums a run trains on: x + y modulo p; see `ModularAddition`.
public struct ModularAdditionConfiguration: Codable, Hashable, Sendable {
  /// p, the number of classes. Source: METHOD 3.7 for 117.
  public var modulus = 117
  /// The share of the p² pairs that are trained on; all others are the test set. Source: METHOD 3.7 for 0.2.
  public var trainingShare = 0.2
  /// What a row of tokens holds. Five tokens are METHOD 3.7's, which tokens is our choice.
  public var layout = ModularAddition.Layout.blank

  /// The sums.
  ///
  /// - Throws: `DatasetError` for a field out of range.
  func sums() throws(DatasetError) -> ModularAddition {
    try ModularAddition(modulus: modulus, trainingShare: trainingShare, layout: layout)
  }

  /// Checks every field.
  ///
  /// - Throws: `ConfigurationError` naming the key.
  func validate() throws(ConfigurationError) {
    try ConfigurationError.requireCount(
      modulus, "data.addition.modulus", from: 2, to: 2_048, "2 to 2,048")
    try ConfigurationError.require(
      trainingShare > 0 && trainingShare < 1, "data.addition.trainingShare",
      "above 0 and below 1", "\(trainingShare)")
  }
}
