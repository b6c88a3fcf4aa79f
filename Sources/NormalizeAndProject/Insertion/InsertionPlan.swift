import Networks
import Torch

/// What an insertion does to a network: found by one walk over its layers, carried out by another.
struct InsertionPlan {
  typealias Leaf = Sequential.Leaf

  /// The layers in the order in which they run.
  let leaves: [Leaf]
  private let network: Sequential
  /// Places in front of which a normalization goes.
  private(set) var insertions: Set<[Int]> = []
  /// Places of sites and batch normalizations, which a normalization takes.
  private(set) var replacements: Set<[Int]> = []
  /// Places of layers that are normalized inside.
  private(set) var inside: Set<[Int]> = []
  /// Places of weighted layers that lose their bias.
  private(set) var droppedBiases: Set<[Int]> = []

  /// What the walk knows of the features at the point where it stands.
  private enum Features {
    case input, normalized, activated, output
    /// Computed by weighted layers, at these places, since the last nonlinearity; a sum of branches may
    /// have none.
    case weighted([[Int]])
  }

  init(_ network: Sequential) throws(InsertionError) {
    self.network = network
    leaves = network.leaves
    let features = try walk(network, path: [], from: .input, hasSites: false)
    if case .weighted(let paths) = features,
      let last = leaves.last(where: { paths.contains($0.path) })
    {
      throw .notNormalizedAtTheEnd(layer: last.name)
    }
  }

  private mutating func walk(
    _ sequence: Sequential, path: [Int], from start: Features, hasSites: Bool
  ) throws(InsertionError) -> Features {
    var features = start
    for (index, element) in sequence.elements.enumerated() {
      let place = path + [index]
      if let inner = element.layer as? Sequential {
        features = try walk(inner, path: place, from: features, hasSites: hasSites)
      } else if let branched = element.layer as? any BranchedLayer {
        var ends: [Features] = branched.passesInputOn ? [features] : []
        for (number, branch) in branched.branches.enumerated() {
          ends.append(
            try walk(
              branch.sequence, path: place + [number], from: features,
              hasSites: hasSites || branch.sequence.hasSite))
        }
        features = Self.joined(ends)
      } else if let leaf = leaves.first(where: { $0.path == place }) {
        features = try advance(features, over: leaf, hasSites: hasSites)
      }
    }
    return features
  }

  /// What a sum of branches is: never normalized, whatever its terms are.
  private static func joined(_ ends: [Features]) -> Features {
    var paths: [[Int]] = []
    for end in ends {
      switch end {
      case .output: return .output
      case .weighted(let own): paths += own
      case .input, .normalized, .activated: break
      }
    }
    return .weighted(paths)
  }

  private mutating func advance(
    _ features: Features, over leaf: Leaf, hasSites: Bool
  ) throws(InsertionError) -> Features {
    if leaf.layer is NormalizationSite || leaf.layer is BatchNorm2D {
      replacements.insert(leaf.path)
      return .normalized
    }
    if let layer = leaf.layer as? any InnerNormalizedLayer, layer.innerFeatures != nil {
      inside.insert(leaf.path)
    }
    switch (leaf.layer.scaleEffect, features) {
    case (nil, _): throw .unknownLayer(layer: leaf.name, type: "\(type(of: leaf.layer))")
    case (.startsAnew, _): return .input
    case (.normalizes, _): return .normalized
    case (.preserves, _) where leaf.layer.parameters.isEmpty: return features
    case (.preserves, .output), (.isOutput, .output): throw .afterTheOutput(layer: leaf.name)
    case (.isOutput, _): return .output
    case (.preserves, .weighted(let paths)): return .weighted(paths + [leaf.path])
    case (.preserves, _): return .weighted([leaf.path])
    case (.breaks, _) where hasSites: return .activated
    case (.breaks, .output): return .output
    case (.breaks, .normalized): return .activated
    case (.breaks, .weighted(let paths)): droppedBiases.formUnion(paths)
    case (.breaks, .input), (.breaks, .activated): break
    }
    insertions.insert(leaf.path)
    return .activated
  }

  /// The shape of what each layer is given, batch included.
  func probe(inputShape: [Int], dtype: DType) throws(InsertionError) -> [[Int]: [Int]] {
    do {
      return try network.leafShapes(inputShape: inputShape, dtype: dtype)
    } catch {
      throw .doesNotRun(inputShape: inputShape, reason: "\(error)")
    }
  }

  /// The network with `normalizations` put in front of the places they are given for, or there, and those of
  /// `makingInside` inside.
  func rebuilt(
    inserting normalizations: [[Int]: any Layer], named names: [[Int]: String],
    makingInside make: (Int) -> any FeatureNormalization
  ) -> Sequential {
    network.replacingLeaves { leaf in
      var element = Sequential.Element(leaf.element, leaf.layer)
      if inside.contains(leaf.path), let layer = leaf.layer as? any InnerNormalizedLayer,
        let features = layer.innerFeatures
      {
        element.layer = layer.normalizedInside { make(features) }
      }
      let normalization = normalizations[leaf.path]
      if replacements.contains(leaf.path), let normalization {
        return [Sequential.Element(leaf.element, normalization)]
      }
      if droppedBiases.contains(leaf.path), let layer = leaf.layer as? any WeightedLayer {
        element.layer = layer.droppingBias()
      }
      guard let normalization, let name = names[leaf.path] else { return [element] }
      return [Sequential.Element(name, normalization), element]
    }
  }
}

extension Sequential {
  /// Whether the sequence says itself where its normalizations stand.
  fileprivate var hasSite: Bool { leaves.contains { $0.layer is NormalizationSite } }
}
