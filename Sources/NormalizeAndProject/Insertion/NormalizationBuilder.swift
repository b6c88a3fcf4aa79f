import Networks
import Torch

/// Makes the normalizations of one insertion, each fitting the features it is given.
struct NormalizationBuilder {
  private let normalization: Normalization
  private let isLearned: Bool
  private let dtype: DType
  private let device: Device
  private var names: Set<String>
  /// The normalizations, by the place that each stands in front of or takes.
  private(set) var made: [[Int]: any Layer] = [:]
  /// The names of those that stand in front of a layer, not in its place.
  private(set) var madeNames: [[Int]: String] = [:]

  /// New parameters get the network's element type and device; no name in `taken` is used.
  init(
    normalization: Normalization, isLearned: Bool, like network: Sequential,
    taken: some Sequence<String>
  ) {
    self.normalization = normalization
    self.isLearned = isLearned
    dtype = network.floatDType
    device = network.parameters.first?.value.device ?? .cpu
    names = Set(taken)
  }

  /// Makes the normalization of features of `shape`, batch included: (B, F), (B, T, F) or (B, C, H, W).
  ///
  /// - Parameter isReplacement: whether it takes the leaf's place and name instead of standing before it.
  mutating func add(
    at leaf: InsertionPlan.Leaf, shape: [Int], isReplacement: Bool
  ) throws(InsertionError) {
    let isImage = shape.count == 4
    let channels = (isImage ? shape[1] : shape.last) ?? 1
    let layer: any Layer
    let elements: Int
    switch normalization.kind {
    case .none: return
    case .group(let count):
      guard shape.count == 2 || isImage, channels % count == 0 else {
        throw .groupsDoNotDivide(groups: count, shape: Array(shape.dropFirst()), layer: leaf.name)
      }
      elements = shape.dropFirst().reduce(1, *) / count
      layer = GroupNorm(
        groups: count, learnedChannels: isLearned ? channels : nil,
        epsilon: normalization.epsilon, dtype: dtype, device: device)
    case .layer, .rms:
      let axes: NormalizationAxes =
        switch normalization.axes {
        case .example: .last(shape.count - 1)
        case .channels: isImage ? .channels : .last(1)
        }
      elements = normalization.axes == .example ? shape.dropFirst().reduce(1, *) : channels
      layer = make(axes, affine: affine(shape: shape, channels: channels))
    }
    guard elements > 1 else { throw .nothingToNormalize(layer: leaf.name) }
    made[leaf.path] = layer
    if !isReplacement { madeNames[leaf.path] = unusedName() }
  }

  /// A normalization over a last axis of `count` features, for the inside of a layer.
  func features(_ count: Int) -> any FeatureNormalization {
    make(.last(1), affine: isLearned ? .perElement([count]) : .none)
  }

  private func make(
    _ axes: NormalizationAxes, affine: LearnedAffine
  ) -> any FeatureNormalization {
    normalization.kind == .rms
      ? RMSNorm(
        axes: axes, affine: affine, hasOffset: isLearned && normalization.learnsOffset,
        epsilon: normalization.epsilon, dtype: dtype, device: device)
      : LayerNorm(
        axes: axes, affine: affine, epsilon: normalization.epsilon, dtype: dtype, device: device)
  }

  /// On images one gain a channel, elsewhere one for each element of what is normalized.
  private func affine(shape: [Int], channels: Int) -> LearnedAffine {
    guard isLearned else { return .none }
    if shape.count == 4 { return .perChannel(channels) }
    return .perElement(
      normalization.axes == .example ? Array(shape.dropFirst()) : [channels])
  }

  private mutating func unusedName() -> String {
    var index = madeNames.count
    while !names.insert("normalization\(index)").inserted { index += 1 }
    return "normalization\(index)"
  }
}
