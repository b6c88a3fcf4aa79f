import Networks

extension Module {
  /// Every layer whose result is the network's and is not normalized afterwards, with its name.
  var outputLayers: [(name: String, layer: any WeightedLayer)] {
    var found: [(name: String, layer: any WeightedLayer)] = []
    visit(prefix: "") { name, part in
      guard case .module(_, let module) = part, let layer = module as? any WeightedLayer,
        layer.isOutput
      else { return }
      found.append((name, layer))
    }
    return found
  }
}

/// Where the parameters of output layers stand among those that an optimizer knows.
struct OutputPlaces {
  /// Everything that the layers own: weights and biases.
  let all: [Int]
  /// The weights alone.
  let weights: [Int]

  /// No place, before the network is known.
  init() {
    all = []
    weights = []
  }

  /// The places in a site's order.
  ///
  /// - Throws: ``InterventionError`` naming the method, for a network without an output layer.
  init(_ site: HookSite, for method: String) throws(InterventionError) {
    let owned = Set(
      site.network.outputLayers.flatMap { $0.layer.parameters.map(ObjectIdentifier.init) })
    all = site.parameters.indices.filter {
      owned.contains(ObjectIdentifier(site.parameters[$0].parameter))
    }
    weights = all.filter { site.parameters[$0].parameter.role == .output }
    guard !weights.isEmpty else {
      throw InterventionError(
        "\(method) found no output layer: no layer of the network has the role output; make the last "
          + "weighted layer with isOutput: true, or train without \(method)")
    }
  }
}
