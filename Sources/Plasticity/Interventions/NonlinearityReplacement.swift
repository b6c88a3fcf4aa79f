import Networks
import Torch

/// What becomes of the widths around a nonlinearity that gives another number of features.
enum WidthRule: Sendable {
  /// Layers keep their units; what reads them has more inputs.
  case units
  /// What a nonlinearity gives stays as wide; layers have fewer units.
  case features
  /// Layers have so many units that the network has as many parameters as before, as closely as that goes.
  case parameters
}

/// Exchanges every nonlinearity of a plain network, and the widths around it as that asks for.
struct NonlinearityReplacement {
  /// The method, for errors.
  let method: String
  /// The new nonlinearity.
  let activation: any Activation
  /// What becomes of the widths.
  let rule: WidthRule

  /// A replacement at work, before normalizations are inserted.
  static func hook(
    _ method: String, _ rule: WidthRule = .units,
    _ activation: @escaping @Sendable () -> any Activation
  ) -> any Hook {
    PlainRewriting(name: method) { network, source in
      try NonlinearityReplacement(method: method, activation: activation(), rule: rule)
        .apply(to: network, source: source)
    }
  }

  /// The network with the nonlinearity everywhere.
  ///
  /// A weighted layer whose shape changes is drawn again under its own name; all others keep their
  /// parameters.
  func apply(to network: Sequential, source: ParameterSource) throws -> Sequential {
    let widths = try widths(of: network)
    // Features at the point where the walk stands, as new per old.
    var features = Ratio()
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
        let outputs = Ratio(
          widths[path] ?? weighted.outputFeatureCount, weighted.outputFeatureCount)
        let inputs = features
        features = outputs
        guard inputs != Ratio() || outputs != Ratio() else { return weighted }
        return try resized(weighted, name, inputs: inputs, outputs: outputs, source)
      case is any FeaturePreservingLayer: return layer
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

  /// The new number of units of each layer that does not keep its own, by its path.
  private func widths(of network: Sequential) throws -> [[Int]: Int] {
    let plan = WidthPlan(network, factor: activation.featureFactor)
    switch rule {
    case .units: return [:]
    case .parameters: return plan.widthsOfEqualParameters()
    case .features:
      return try plan.hidden.reduce(into: [:]) { widths, layer in
        let ratio = Ratio(layer.oldFactor, activation.featureFactor)
        guard let width = ratio.applied(to: layer.units) else {
          throw InterventionError(
            "\(method) cannot halve \(layer.name), which has \(layer.units) units: widths must be even; "
              + "change them, or set methods.\(method).equalParameters=true")
        }
        widths[layer.path] = width
      }
    }
  }

  private func resized(
    _ layer: any WeightedLayer, _ name: String, inputs: Ratio, outputs: Ratio,
    _ source: ParameterSource
  ) throws -> any Layer {
    let shape = layer.weight.value.shape
    guard let rows = outputs.applied(to: shape[0]), let columns = inputs.applied(to: shape[1])
    else {
      throw InterventionError(
        "\(method) cannot resize \(name), whose weight is \(layer.weight.value.summary): its inputs are no "
          + "whole multiple of the features before it; put the nonlinearity into the network where it is written"
      )
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
