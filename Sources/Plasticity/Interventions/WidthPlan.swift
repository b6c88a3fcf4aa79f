import Networks
import Torch

/// The layers of a plain sequence whose units a nonlinearity reads, and how many parameters the sequence has for any
/// number of those units.
struct WidthPlan {
  /// A layer whose units a nonlinearity reads.
  struct Hidden {
    let path: [Int]
    let name: String
    let units: Int
    /// Features that the nonlinearity after it gave for each unit.
    let oldFactor: Int
  }

  /// One weighted layer as far as counting goes.
  private struct Counted {
    /// Its place in ``hidden``; `nil` for one that keeps its units.
    let hidden: Int?
    let units: Int
    /// The layer in ``hidden`` that its inputs come from; `nil` for the network's own inputs and what follows
    /// a layer that keeps its units.
    let source: Int?
    /// Elements of all matrices for one unit, and of all vectors.
    let weightsPerUnit: Int
    let vectorsPerUnit: Int
  }

  let hidden: [Hidden]
  /// Features that the new nonlinearity gives for each unit.
  private let factor: Int
  private let layers: [Counted]
  /// Parameters of layers that nothing changes.
  private let others: Int

  init(_ network: Sequential, factor: Int) {
    self.factor = factor
    let leaves = network.leaves
    let last = leaves.last { $0.layer is any WeightedLayer }?.path
    var hidden: [Hidden] = []
    var layers: [Counted] = []
    var others = 0
    var source: Int?
    for (index, leaf) in leaves.enumerated() {
      guard let layer = leaf.layer as? any WeightedLayer else {
        others += leaf.layer.parameters.reduce(0) { $0 + $1.value.elementCount }
        continue
      }
      var place: Int?
      if leaf.path != last, !layer.isOutput, let old = Self.factor(after: index, in: leaves) {
        place = hidden.count
        hidden.append(
          Hidden(
            path: leaf.path, name: leaf.name, units: layer.outputFeatureCount, oldFactor: old))
      }
      let units = layer.outputFeatureCount
      func elements(_ isCounted: (Tensor) -> Bool) -> Int {
        layer.parameters.map(\.value).filter(isCounted).reduce(0) { $0 + $1.elementCount } / units
      }
      layers.append(
        Counted(
          hidden: place, units: units, source: source,
          weightsPerUnit: elements { $0.dimensionCount > 1 },
          vectorsPerUnit: elements { $0.dimensionCount == 1 }))
      source = place
    }
    self.hidden = hidden
    self.layers = layers
    self.others = others
  }

  /// The features for each unit of the nonlinearity between a leaf and the next weighted layer; `nil` when there is
  /// none.
  private static func factor(after index: Int, in leaves: [Sequential.Leaf]) -> Int? {
    for leaf in leaves[(index + 1)...] {
      if let activation = leaf.layer as? any Activation { return activation.featureFactor }
      if leaf.layer is any WeightedLayer { return nil }
    }
    return nil
  }

  /// The parameters of the network as it is.
  var countAsWritten: Int {
    layers.reduce(others) { $0 + $1.units * ($1.weightsPerUnit + $1.vectorsPerUnit) }
  }

  /// The parameters of the network with the new nonlinearity and so many units in each layer of ``hidden``.
  func count(_ widths: [Int]) -> Int {
    layers.reduce(others) { sum, layer in
      let units = layer.hidden.map { widths[$0] } ?? layer.units
      // Inputs for each unit of the layer before, times that layer's units now.
      let inputs = layer.source.map { source in
        layer.weightsPerUnit / (hidden[source].units * hidden[source].oldFactor) * factor
          * widths[source]
      }
      return sum + units * ((inputs ?? layer.weightsPerUnit) + layer.vectorsPerUnit)
    }
  }

  /// Widths for as many parameters as the network has as written: one share of every layer's units, rounded, and then
  /// a unit more in single layers, first to last, where that comes closer. At least one unit each.
  func widthsOfEqualParameters() -> [[Int]: Int] {
    let target = countAsWritten
    func widths(_ share: Double) -> [Int] {
      hidden.map { max(1, Int((share * Double($0.units)).rounded())) }
    }
    func distance(_ widths: [Int]) -> Int { abs(count(widths) - target) }
    // The count rises with the share: the two neighbours of the target are found by halving.
    var (low, high) = (0.0, 1.0)
    if count(widths(high)) <= target { low = high }
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if count(widths(middle)) <= target { low = middle } else { high = middle }
    }
    var chosen = widths(low)
    for index in chosen.indices {
      var wider = chosen
      wider[index] += 1
      if distance(wider) < distance(chosen) { chosen = wider }
    }
    if distance(widths(high)) < distance(chosen) { chosen = widths(high) }
    return Dictionary(zip(hidden.map(\.path), chosen), uniquingKeysWith: { first, _ in first })
  }
}
