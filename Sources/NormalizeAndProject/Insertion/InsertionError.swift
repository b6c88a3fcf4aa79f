/// Why a network cannot be rewritten into its normalized form.
public enum InsertionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A layer whose inside is not known: it may hold nonlinearities of its own.
  case unknownLayer(layer: String, type: String)
  /// The last weighted layer is not an output layer, and nothing normalizes what it computes.
  case notNormalizedAtTheEnd(layer: String)
  /// A weighted layer follows the output layer.
  case afterTheOutput(layer: String)
  /// Channels cannot be split into so many groups.
  case groupsDoNotDivide(groups: Int, shape: [Int], layer: String)
  /// One element would be normalized by its own statistics.
  case nothingToNormalize(layer: String)
  /// The network does not run on an input of this shape.
  case doesNotRun(inputShape: [Int], reason: String)

  /// One sentence: the layer, what was found, and what to try.
  public var description: String {
    switch self {
    case .unknownLayer(let layer, let type):
      "cannot insert normalizations around \(layer): what \(type) does to the scale of features is not known; state "
        + "its scaleEffect, or put normalizations into it where it is written, and check it with audit"
    case .notNormalizedAtTheEnd(let layer):
      "\(layer) is the last weighted layer and has the role of a hidden weight, but nothing after "
        + "it is normalized; make it with isOutput: true, or end with a nonlinearity"
    case .afterTheOutput(let layer):
      "\(layer) stands after an output layer; only the last weighted layer is made with "
        + "isOutput: true"
    case .groupsDoNotDivide(let groups, let shape, let layer):
      "cannot normalize in \(groups) groups before \(layer): an example there has the shape "
        + "\(shape); group normalization takes (C) or (C, H, W) with C a multiple of \(groups)"
    case .nothingToNormalize(let layer):
      "the features before \(layer) are one element, whose normalization is constant; make the "
        + "layer before it wider, or normalize over more axes"
    case .doesNotRun(let inputShape, let reason):
      "the network does not run on examples of shape \(inputShape): \(reason)"
    }
  }
}
