public import Networks
import Torch

/// Spectral normalization of chosen layers; see `SpectralNormalized`.
///
/// One power iteration follows every update, after which the projection, a common factor, leaves the
/// singular vectors as they are.
///
/// Source: Miyato et al. 2018 (arXiv 1802.05957), algorithm 1. On one layer alone: Gogianu et al. 2021
/// (arXiv 2105.05246), who take the last hidden one in value-based agents; that is the default here.
/// Deviation: the iteration follows the update instead of preceding each forward pass, so that
/// evaluating the network does not change it.
public struct SpectralNormalizationMethod: Intervention {
  public static let name = "spectral-norm"
  public static let summary = "divides the weights of chosen layers by their largest singular value"
  public static let source = "Miyato et al. 2018, algorithm 1"

  /// Which layers.
  public enum Layers: String, Sendable, Hashable, Codable, CaseIterable {
    /// The last hidden one.
    case lastHidden
    /// Every hidden one.
    case hidden
    /// The output layer.
    case output
    /// Every one.
    case all
  }

  /// The layers.
  public var layers = Layers.lastHidden
  /// Power iterations an update; 1 in the source.
  public var iterations = 1

  public init() {}

  /// The norm of a normalized weight no longer matters.
  public var effects: Set<InterventionEffect> { [.constrainedWeights] }

  /// One iteration to 1,000 (our choice): an update cannot be interrupted.
  public func validate() throws(ConfigurationError) {
    try requireCount(iterations, "iterations", from: 1, to: 1_000)
  }

  public func hook() -> any Hook { Iteration(configuration: self) }

  /// The network with the chosen layers wrapped.
  func wrapped(_ network: Sequential, source: ParameterSource) throws -> Sequential {
    let weighted = network.weightedLayers
    let hidden = weighted.filter { !$0.layer.isOutput }.map(\.path)
    let chosen: [[Int]] =
      switch layers {
      case .lastHidden: hidden.suffix(1)
      case .hidden: hidden
      case .output: weighted.filter { $0.layer.isOutput }.map(\.path)
      case .all: weighted.map(\.path)
      }
    guard !chosen.isEmpty else {
      throw InterventionError(
        "\(Self.name) found no layer to normalize (methods.\(Self.name).layers=\(layers.rawValue)); "
          + "choose others")
    }
    let generator = source.generator.split(Self.name)
    return network.replacingLayers { leaf in
      guard chosen.contains(leaf.path), let layer = leaf.layer as? any WeightedLayer else {
        return leaf.layer
      }
      return layer.spectrallyNormalized(generator: generator.split(leaf.name))
    }
  }

  /// The power iteration of a network's layers.
  struct Iteration: Hook {
    let configuration: SpectralNormalizationMethod
    private(set) var layers: [any SpectralNormalization] = []

    var name: String { SpectralNormalizationMethod.name }

    func rewritten(
      _ network: Sequential, at stage: BuildStage, source: ParameterSource
    ) throws -> Sequential {
      stage == .plain ? try configuration.wrapped(network, source: source) : network
    }

    mutating func begin(_ site: HookSite) {
      var found: [any SpectralNormalization] = []
      site.network.visit(prefix: "") { _, part in
        if case .module(_, let module) = part, let layer = module as? any SpectralNormalization {
          found.append(layer)
        }
      }
      layers = found
    }

    mutating func afterUpdate(_ moment: inout TrainingMoment) {
      for layer in layers { layer.iterate(configuration.iterations) }
    }
  }
}
