import Networks

extension Sequential {
  /// The batch normalization right after each weight that has one, by the weight's identity.
  var batchNormalizationsByWeight: [ObjectIdentifier: BatchNorm2D] {
    var found: [ObjectIdentifier: BatchNorm2D] = [:]
    var before: Leaf?
    for leaf in leaves {
      if let norm = leaf.layer as? BatchNorm2D, let before, before.branch == leaf.branch,
        let weighted = before.layer as? any WeightedLayer
      {
        found[ObjectIdentifier(weighted.weight)] = norm
      }
      before = leaf
    }
    return found
  }
}
