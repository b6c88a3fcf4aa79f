import Networks
import Torch

/// Exchanges every nonlinearity of a plain network, and the widths around it as that asks for.
struct NonlinearityReplacement {
  /// The method, for errors.
  let method: String
  /// The new nonlinearity.
  let activation: any Activation
  /// Whether layers are made narrower, so that what a nonlinearity gives has as many features as before.
  let keepsWidth: Bool

  /// A replacement at work, before normalizations are inserted.
  static func hook(
    _ method: String, keepsWidth: Bool, _ activation: @escaping @Sendable () -> any Activation
  ) -> any Hook {
    PlainRewriting(name: method) { network, source in
      try NonlinearityReplacement(
        method: method, activation: activation(), keepsWidth: keepsWidth
      ).apply(to: network, source: source)
    }
  }

  /// The network with the nonlinearity everywhere.
  ///
  /// A weighted layer whose shape changes is drawn anew under its own name; all others keep their
  /// parameters.
  func apply(to network: Sequential, source: ParameterSource) throws -> Sequential {
    // Features at the point where the walk stands, as new per old.
    var features = Ratio()
    let last = network.weightedLayers.last?.path
    return try network.replacingLayers { leaf in
      let (path, name, layer) = (leaf.path, leaf.name, leaf.layer)
      switch layer {
      case let old as any Activation:
        let change = Ratio(activation.featureFactor, old.featureFactor)
        guard leaf.branch.isEmpty || change == Ratio() else {
          throw InterventionError(
            "\(method) cannot change the number of features at \(name), inside a branched layer "
              + "whose outputs are added; choose a nonlinearity that keeps it")
        }
        features = features * change
        return activation
      case let weighted as any WeightedLayer:
        var outputs = Ratio()
        if keepsWidth, path != last, !weighted.isOutput,
          let factor = followingFactor(of: path, in: network)
        {
          outputs = Ratio(factor, activation.featureFactor)
        }
        let inputs = features
        features = outputs
        guard inputs != Ratio() || outputs != Ratio() else { return weighted }
        return try resized(weighted, name, inputs: inputs, outputs: outputs, source)
      case is Flatten, is MaximumPool2D, is AveragePool2D, is GlobalAveragePool: return layer
      default:
        guard layer.parts.isEmpty || features == Ratio() else {
          throw InterventionError(
            "\(method) cannot pass \(name): what \(type(of: layer)) does to features is not known; "
              + "put the nonlinearity into the network where it is written")
        }
        return layer
      }
    }
  }

  /// The feature factor of the nonlinearity between a weighted layer and the next one, in the network
  /// as it was; `nil` when there is none.
  private func followingFactor(of path: [Int], in network: Sequential) -> Int? {
    var isPast = false
    var isDecided = false
    var factor: Int?
    for leaf in network.leaves {
      if isPast, !isDecided {
        factor = (leaf.layer as? any Activation)?.featureFactor
        isDecided = factor != nil || leaf.layer is any WeightedLayer
      }
      if leaf.path == path { isPast = true }
    }
    return factor
  }

  private func resized(
    _ layer: any WeightedLayer, _ name: String, inputs: Ratio, outputs: Ratio,
    _ source: ParameterSource
  ) throws -> any Layer {
    let shape = layer.weight.value.shape
    guard let rows = outputs.applied(to: shape[0]), let columns = inputs.applied(to: shape[1])
    else {
      throw InterventionError(
        "\(method) cannot halve \(name), whose weight is \(layer.weight.value.summary): widths must "
          + "be even; change them, or set methods.\(method).keepsWidth=false")
    }
    return layer.redrawn(name, from: source, outputFeatures: rows, inputFeatures: columns)
  }

  /// A positive fraction in lowest terms.
  struct Ratio: Equatable {
    var numerator = 1
    var denominator = 1

    init(_ numerator: Int = 1, _ denominator: Int = 1) {
      var (a, b) = (numerator, denominator)
      while b != 0 { (a, b) = (b, a % b) }
      self.numerator = numerator / max(a, 1)
      self.denominator = denominator / max(a, 1)
    }

    static func * (left: Ratio, right: Ratio) -> Ratio {
      Ratio(left.numerator * right.numerator, left.denominator * right.denominator)
    }

    /// The product with a whole number; `nil` when it is not whole or zero.
    func applied(to count: Int) -> Int? {
      let product = count * numerator
      return product % denominator == 0 && product > 0 ? product / denominator : nil
    }
  }
}

/// A hook that only rewrites the plain network.
struct PlainRewriting: Hook {
  let name: String
  let rewrite: @Sendable (Sequential, ParameterSource) throws -> Sequential

  func rewritten(
    _ network: Sequential, at stage: BuildStage, source: ParameterSource
  ) throws -> Sequential {
    stage == .plain ? try rewrite(network, source) : network
  }
}
