public import Networks
import Torch

/// Rewrites a network into its normalized form: a normalization before every nonlinearity, biases made
/// redundant by it dropped.
///
/// The new network holds the very parameters of the old one, so that arms built from one seed start
/// with the same weights; only dropped biases are gone and learned scales and offsets are new. A place
/// that is normalized already is left as it is, and so is a nonlinearity after the output layer. Biases
/// are dropped in every weighted layer between the last nonlinearity and an inserted normalization.
///
/// In branched layers the branches are rewritten, too, and a sum of branches counts as not normalized, so
/// that a nonlinearity after it gets a normalization. A batch normalization gives its place to what is
/// inserted. Where a network has a ``/Networks/NormalizationSite`` in a branch, that branch is normalized there and
/// not before its nonlinearities. A ``/Networks/InnerNormalizedLayer``, such as attention in front of its softmax, is
/// normalized inside where it asks for it. Causal models over tokens take `axes: .channels`: one mean over an example
/// would let a position see later ones.
///
///     let network = try normalized(plain, inputShape: [3, 32, 32], normalization: .layer)
///
/// - Parameters:
///   - network: known layers, possibly nested sequences; its last weighted layer has the role `output`
///     unless a normalization follows it.
///   - inputShape: of one example, without the batch. Shapes inside are found by running zeros.
///   - normalization: what is inserted; with kind `none` the network comes back as it is.
///   - scaleAndOffset: whether the inserted normalizations learn a scale and an offset.
/// - Throws: ``InsertionError`` naming the layer that cannot be rewritten, and what to try.
/// - Cost: one forward pass of two examples.
public func normalized(
  _ network: Sequential, inputShape: [Int], normalization: Normalization,
  scaleAndOffset: ScaleAndOffset = .none
) throws(InsertionError) -> Sequential {
  guard normalization.kind != .none else { return network }
  let plan = try InsertionPlan(network)
  let shapes = try plan.probe(inputShape: inputShape, dtype: network.floatDType)
  var builder = NormalizationBuilder(
    normalization: normalization, isLearned: scaleAndOffset.isLearned, like: network,
    taken: plan.leaves.map(\.element))
  for leaf in plan.leaves {
    let isReplacement = plan.replacements.contains(leaf.path)
    guard isReplacement || plan.insertions.contains(leaf.path) else { continue }
    try builder.add(at: leaf, shape: shapes[leaf.path] ?? [], isReplacement: isReplacement)
  }
  return plan.rebuilt(
    inserting: builder.made, named: builder.madeNames, makingInside: builder.features)
}

extension NaP {
  /// The network of this configuration's arm; see ``normalized(_:inputShape:normalization:scaleAndOffset:)``.
  ///
  /// - Throws: ``InsertionError``.
  public func normalized(
    _ network: Sequential, inputShape: [Int]
  ) throws(InsertionError) -> Sequential {
    try NormalizeAndProject.normalized(
      network, inputShape: inputShape, normalization: normalization,
      scaleAndOffset: scaleAndOffset)
  }
}

extension Module {
  /// The element type of the first floating-point parameter; float32 when there is none.
  var floatDType: DType {
    parameters.map(\.value.dtype).first { $0.isFloatingPoint } ?? .float32
  }
}
