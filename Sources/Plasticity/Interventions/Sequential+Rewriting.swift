import Networks

extension Sequential {
  /// The weighted layers of this sequence and of those inside it, with the indices on the way to them,
  /// in the order in which they run.
  var weightedLayers: [(path: [Int], layer: any WeightedLayer)] {
    elements.enumerated().flatMap { index, element -> [(path: [Int], layer: any WeightedLayer)] in
      if let inner = element.layer as? Sequential {
        return inner.weightedLayers.map { ([index] + $0.path, $0.layer) }
      }
      return (element.layer as? any WeightedLayer).map { [([index], $0)] } ?? []
    }
  }

  /// This sequence with every layer that is no sequence exchanged for what `change` gives, called in
  /// the order in which they run with the indices and the name on the way to it.
  func replacingLayers(
    path: [Int] = [], prefix: String = "",
    _ change: ([Int], String, any Layer) throws -> any Layer
  ) rethrows -> Sequential {
    var result = self
    for (index, element) in elements.enumerated() {
      let place = path + [index]
      let name = prefix + element.name
      if let inner = element.layer as? Sequential {
        result.elements[index].layer = try inner.replacingLayers(
          path: place, prefix: name + ".", change)
      } else {
        result.elements[index].layer = try change(place, name, element.layer)
      }
    }
    return result
  }
}
