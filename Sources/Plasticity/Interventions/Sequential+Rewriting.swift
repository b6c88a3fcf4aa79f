import Networks

extension Sequential {
  /// The weighted layers among the leaves, with the indices on the way to them, in the order in which they
  /// run.
  var weightedLayers: [(path: [Int], layer: any WeightedLayer)] {
    leaves.compactMap { leaf in (leaf.layer as? any WeightedLayer).map { (leaf.path, $0) } }
  }

  /// This sequence with every leaf exchanged for what `change` gives, called in the order in which they
  /// run.
  func replacingLayers(_ change: (Leaf) throws -> any Layer) rethrows -> Sequential {
    try replacingLeaves { [Element($0.element, try change($0))] }
  }
}
