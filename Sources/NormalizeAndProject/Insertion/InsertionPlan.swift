import Networks
import Torch

/// What an insertion does to a network: found by one walk over its layers, carried out by another.
struct InsertionPlan {
  typealias Leaf = SequenceLeaves.Leaf

  /// The layers in the order in which they run.
  var leaves: [Leaf] { sequence.leaves }
  private let sequence: SequenceLeaves
  /// Places in front of which a normalization goes.
  private(set) var insertions: Set<[Int]> = []
  /// Places of weighted layers that lose their bias.
  private(set) var droppedBiases: Set<[Int]> = []

  /// What the walk knows of the features at the point where it stands.
  private enum Features {
    case input, normalized, activated, output
    /// Computed by weighted layers, at these places, since the last nonlinearity.
    case weighted([[Int]])
  }

  init(_ network: Sequential) throws(InsertionError) {
    sequence = SequenceLeaves(network)
    var features = Features.input
    for leaf in sequence.leaves { features = try advance(features, over: leaf) }
    if case .weighted(let paths) = features,
      let last = sequence.leaves.last(where: { $0.path == paths.last })
    {
      throw .notNormalizedAtTheEnd(layer: last.name)
    }
  }

  private mutating func advance(
    _ features: Features, over leaf: Leaf
  ) throws(InsertionError) -> Features {
    switch leaf.layer {
    case let weighted as any WeightedLayer:
      switch features {
      case .output: throw .afterTheOutput(layer: leaf.name)
      case _ where weighted.isOutput: return .output
      case .weighted(let paths): return .weighted(paths + [leaf.path])
      default: return .weighted([leaf.path])
      }
    case is any Activation:
      switch features {
      case .output: return .output
      case .normalized: return .activated
      case .weighted(let paths): droppedBiases.formUnion(paths)
      case .input, .activated: break
      }
      insertions.insert(leaf.path)
      return .activated
    case is any FeatureNormalization, is GroupNorm: return .normalized
    case is Embedding: return .input
    case is MaximumPool2D, is AveragePool2D, is GlobalAveragePool, is Flatten: return features
    default: throw .unknownLayer(layer: leaf.name, type: "\(type(of: leaf.layer))")
    }
  }

  /// The shape of what each layer is given, batch included.
  func probe(inputShape: [Int], dtype: DType) throws(InsertionError) -> [[Int]: [Int]] {
    do {
      return try sequence.shapes(inputShape: inputShape, dtype: dtype)
    } catch {
      throw .doesNotRun(inputShape: inputShape, reason: "\(error)")
    }
  }

  /// The network with `normalizations` put in front of the places they are given for.
  func rebuilt(
    _ sequence: Sequential, inserting normalizations: [[Int]: Sequential.Element],
    path: [Int] = []
  ) -> Sequential {
    Sequential(
      sequence.elements.enumerated().flatMap { index, element -> [Sequential.Element] in
        let place = path + [index]
        var element = element
        if let inner = element.layer as? Sequential {
          element.layer = rebuilt(inner, inserting: normalizations, path: place)
        } else if droppedBiases.contains(place), let layer = element.layer as? any WeightedLayer {
          element.layer = layer.droppingBias()
        }
        return (normalizations[place].map { [$0] } ?? []) + [element]
      })
  }
}
