/// A network of the literature as a configuration, exact to a published implementation.
///
/// What it builds is a sequence of known layers: normalizations can be inserted, matrices projected, and the audit,
/// diagnostics, export and checkpoints know it. `docs/models.md` has the arms of each with the audit's verdicts.
public protocol ReferenceModel: NetworkBlueprint, Codable, Hashable {
  /// Checks every field against one another and against the input.
  ///
  /// - Throws: ``ConfigurationError`` naming the first field that cannot be used.
  func validate(inputShape: [Int], outputs: Int) throws(ConfigurationError)

  /// The elements of all parameters of the network as built, a shared one counted once.
  func parameterCount(inputShape: [Int], outputs: Int) -> Int

  /// Floating-point operations of one forward pass of one example: two for each multiplication with its addition in
  /// convolutions, matrix products and attention; nothing else is counted. Training takes three times as many.
  func forwardOperations(inputShape: [Int], outputs: Int) -> Double

  /// The names and layouts of the reference's own weights; see ``WeightLayout``.
  ///
  /// - Throws: ``ConfigurationError`` naming a field that the reference has no counterpart for.
  func referenceLayout() throws(ConfigurationError) -> WeightLayout
}
